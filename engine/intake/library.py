"""The forms and decisions that a diagram may name: those of the bundle and those published before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.definitions import Bundle
from engine.dmn import Decision, DecisionModel, parse_decisions
from engine.findings import Finding, Severity
from engine.forms import Form, parse_form
from engine.intake.notes import near
from engine.texts import Text


@dataclass(slots=True)
class Library:
    """Forms and decisions by id, and the names that FEEL may call."""

    forms: dict[str, Form] = field(default_factory=dict)
    decisions: dict[str, DecisionModel] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    broken: set[str] = field(default_factory=set)  # names of files that gave nothing: what they hold is unknown
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, bundle: Bundle, published: Bundle, functions: Collection[str]) -> Library:
        """Read all files; what is wrong with the published ones was said when they were published."""
        library = cls()
        at_hand = {**published.decisions, **bundle.decisions}  # what a file may import
        library._read_decisions(bundle, functions, at_hand, report=True)
        library._read_decisions(_without(published, bundle), functions, at_hand, report=False)
        library.functions = frozenset(functions) | frozenset(library.decisions) | library.broken
        library._check_calls(bundle)
        library._read_forms(bundle, report=True)
        library._read_forms(_without(published, bundle), report=False)
        return library

    def _read_decisions(
        self, bundle: Bundle, functions: Collection[str], at_hand: Mapping[str, bytes], *, report: bool
    ) -> None:
        for name, content in sorted(bundle.decisions.items()):
            model, findings = parse_decisions(name, content, functions=functions, imports=at_hand)
            if report:
                self.findings.extend(findings)
            if model is None:
                self.broken.add(name.rsplit(".", 1)[0])
                continue
            for decision in model.decisions:
                if decision not in self.decisions:
                    self.decisions[decision] = model
                elif report:
                    self.findings.append(_twice(name, decision))

    def _check_calls(self, bundle: Bundle) -> None:
        """Note what the bundle's decisions call that is neither function nor decision."""
        for name, model in self.decisions.items():
            decision = model.decisions[name]
            unknown = sorted(decision.calls - self.functions) if model.resource in bundle.decisions else ()
            self.findings.extend(_unknown_call(model.resource, decision, call, self.functions) for call in unknown)

    def _read_forms(self, bundle: Bundle, *, report: bool) -> None:
        for name, content in sorted(bundle.forms.items()):
            form, findings = parse_form(name, content, functions=self.functions)
            if report:
                self.findings.extend(findings)
            if form is None:
                self.broken.add(name.rsplit(".", 1)[0])
                continue
            if form.id not in self.forms:
                self.forms[form.id] = form
            elif report:
                self.findings.append(_twice(name, form.id))


def _without(published: Bundle, bundle: Bundle) -> Bundle:
    """What was published under other file names: a file of the bundle replaces its namesake."""
    return Bundle(
        decisions={k: v for k, v in published.decisions.items() if k not in bundle.decisions},
        forms={k: v for k, v in published.forms.items() if k not in bundle.forms},
    )


def _twice(name: str, identity: str) -> Finding:
    return Finding(
        "id-twice",
        Severity.ERROR,
        name,
        identity,
        "",
        0,
        Text("Another file of this bundle has the id “{id}” too.", id=identity),
        Text("Give one of them another id."),
    )


def _unknown_call(resource: str, decision: Decision, call: str, known: Collection[str]) -> Finding:
    return Finding(
        "function-unknown",
        Severity.ERROR,
        resource,
        decision.id,
        decision.name,
        decision.line,
        Text("The decision calls “{name}”, which is no function and no decision.", name=call),
        near(call, sorted(known)),
    )
