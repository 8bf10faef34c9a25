"""`parse_decisions`: a .dmn file → a model, or findings that say why not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from engine.dmn.checks import check_table
from engine.dmn.document import Report, child, children, is_dmn, place, read
from engine.dmn.model import Decision, DecisionModel
from engine.dmn.reading import Reader
from engine.dmn.table import DecisionTable
from engine.dmn.typing import Types
from engine.feel import Expression, UnaryTests
from engine.findings import Finding
from engine.texts import Text


def parse_decisions(
    name: str, content: bytes, *, functions: Collection[str] = ()
) -> tuple[DecisionModel | None, list[Finding]]:
    """Read and check a DMN file of any version from 1.1; all findings at once.

    The model is None if a finding is an error. `functions` are the host functions in scope, needed for names of more
    than one word.
    """
    report = Report(name)
    root = read(content, report)
    if root is None:
        return None, report.findings
    decisions = _decisions(root, report, functions)
    if report.has_errors:
        return None, report.findings
    for decision in decisions.values():
        if isinstance(decision.logic, DecisionTable):
            check_table(decision.logic, report, name=decision.name, known=_known_names(root))
    if report.has_errors:
        return None, report.findings
    return DecisionModel(name, root.get("name") or "", content, decisions), report.findings


def _decisions(root: Any, report: Report, functions: Collection[str]) -> dict[str, Decision]:
    types = Types(root)
    reader = Reader(report, types, names=_known_names(root) | types.names(), functions=functions)
    drawn: dict[str, Any] = {}
    for element in children(root, "decision"):
        id_ = element.get("id") or ""
        if not id_ or id_ in drawn:
            report.error(
                "decision-id", element, Text("the decision has no id of its own"),
                Text("Give every decision of the file its own id."),
            )  # fmt: skip
        drawn[id_] = element
    if not drawn:
        report.error("no-decision", root, Text("the file holds no decision"), Text("Draw a decision table."))
    requires = {id_: _requirements(element, drawn, report) for id_, element in drawn.items()}
    if _refuse_cycles(drawn, requires, report):
        return {}
    decisions: dict[str, Decision] = {}
    for id_ in _dependencies_first(requires):
        decision = _decision(id_, drawn[id_], requires[id_], decisions, reader)
        if decision is not None:
            decisions[id_] = decision
    return {id_: decisions[id_] for id_ in drawn if id_ in decisions}


def _decision(
    id_: str, element: Any, requires: tuple[str, ...], decisions: dict[str, Decision], reader: Reader
) -> Decision | None:
    name = element.get("name") or id_
    variable = _variable(element)
    logic = reader.logic(element, variable)
    if logic is None or any(required not in decisions for required in requires):
        return None
    required = [decisions[r] for r in requires]
    inputs: list[str] = []
    for expression in logic.expressions():
        for read_name in _names(expression):
            source = next((d for d in required if read_name in d.aliases), None)
            inputs += [n for n in (source.inputs if source else (read_name,)) if n not in inputs]
    inputs += [n for d in required for n in d.inputs if n not in inputs]
    calls = frozenset().union(*(e.calls for e in logic.expressions()), *(d.calls for d in required))
    return Decision(id_, name, place(element)[2], variable, logic, requires, tuple(dict.fromkeys(inputs)), calls)


def _names(expression: Expression | UnaryTests) -> Iterator[str]:
    """Yield the variables that an expression reads, in an order that stays."""
    yield from sorted(expression.names - {"__now__"})


def _variable(element: Any) -> str:
    variable = child(element, "variable")
    named = variable.get("name") if variable is not None else None
    return str(named or element.get("name") or element.get("id") or "")


def _known_names(root: Any) -> set[str]:
    """Return every name that the file gives to data: inputs, decisions and their variables."""
    known: set[str] = set()
    for kind in ("inputData", "decision"):
        for element in children(root, kind):
            known |= {_variable(element), element.get("name") or "", element.get("id") or ""}
    return known - {""}


def _requirements(element: Any, drawn: dict[str, Any], report: Report) -> tuple[str, ...]:
    required: list[str] = []
    for requirement in element:
        if is_dmn(requirement, "knowledgeRequirement"):
            report.error(
                "knowledge-unsupported", requirement,
                Text("business knowledge models are not run yet"),
                Text("Make it a decision, which FEEL can call by its id."),
            )  # fmt: skip
        if not is_dmn(requirement, "informationRequirement"):
            continue
        reference = child(requirement, "requiredDecision")
        if reference is None:
            continue
        file, _, id_ = (reference.get("href") or "").rpartition("#")
        if file or id_ not in drawn:
            report.error(
                "requirement-unknown", requirement,
                Text("the required decision “{decision}” is not in this file", decision=reference.get("href")),
                Text("Draw it in this file, or call it in FEEL by its id."),
            )  # fmt: skip
        elif id_ not in required:
            required.append(id_)
    return tuple(required)


def _refuse_cycles(drawn: dict[str, Any], requires: dict[str, tuple[str, ...]], report: Report) -> bool:
    resolved = set(_dependencies_first(requires))
    circle = [id_ for id_ in requires if id_ not in resolved]
    if circle:
        report.error(
            "requirement-cycle", drawn[circle[0]],
            Text("decisions require each other in a circle: {decisions}", decisions=", ".join(circle)),
            Text("Remove one of the requirements."),
        )  # fmt: skip
    return bool(circle)


def _dependencies_first(requires: dict[str, tuple[str, ...]]) -> list[str]:
    """Sort topologically; decisions in or behind a circle are left out."""
    ordered: dict[str, None] = {}
    pending = dict(requires)
    while True:
        ready = [id_ for id_, needs in pending.items() if all(n in ordered or n not in requires for n in needs)]
        if not ready:
            return list(ordered)
        for id_ in ready:
            ordered[id_] = None
            del pending[id_]
