"""`parse_decisions`: a .dmn file → a model, or findings that say why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from engine.dmn.boxed import Boxed, Read, Unreadable, names_of
from engine.dmn.boxes import read_function
from engine.dmn.checks import check_table
from engine.dmn.decision import Decision
from engine.dmn.document import Report, child, children, href, is_dmn, names_in, place, read, variable_of
from engine.dmn.imports import Imports, Shelf, read_imports
from engine.dmn.knowledge import KnowledgeModel, Service, knowledge_function, service_function
from engine.dmn.model import DecisionModel
from engine.dmn.reading import Reader
from engine.dmn.table import DecisionTable
from engine.dmn.typing import DataType, Types
from engine.findings import Finding
from engine.texts import Text

_NO_FILES: Mapping[str, bytes] = {}


def parse_decisions(
    name: str, content: bytes, *, functions: Collection[str] = (), imports: Mapping[str, bytes] = _NO_FILES
) -> tuple[DecisionModel | None, list[Finding]]:
    """Read and check a DMN file of any version from 1.1; all findings at once.

    The model is None if a finding is an error. `functions` are the host functions in scope, needed for names of more
    than one word; `imports` the other files, by file name, that this one may import.
    """
    report = Report(name)
    root = read(content, report)
    if root is None:
        return None, report.findings
    parsing = _Parsing(name, root, content, report, functions, imports)
    model = parsing.model()
    if report.has_errors:
        return None, report.findings
    for table, holder in parsing.reader.tables:
        check_table(table, report, name=holder, known=_known_names(root))
    return None if report.has_errors else model, report.findings


def load_decisions(
    name: str, content: bytes, *, functions: Collection[str] = (), imports: Mapping[str, bytes] | Shelf = _NO_FILES
) -> tuple[DecisionModel | None, list[Finding]]:
    """Read as much of a DMN file as can be read: a decision that can't is null, as the standard has it.

    For trying out and for conformance tests; what is published goes through `parse_decisions`. The model is None only
    if the file is no DMN at all.
    """
    report = Report(name)
    root = read(content, report)
    if root is None:
        return None, report.findings
    return _Parsing(name, root, content, report, functions, imports).model(), report.findings


class _Parsing:
    """The reading of one file."""

    def __init__(
        self, name: str, root: Any, content: bytes, report: Report, functions: Collection[str],
        imports: Mapping[str, bytes] | Shelf,
    ) -> None:  # fmt: skip
        self.root, self.report, self.resource, self.content = root, report, name, content
        shelf = imports if isinstance(imports, Shelf) else Shelf(imports, open=[name])
        self.imports: Imports = read_imports(root, report, shelf, functions, parse=load_decisions)
        types = Types(root)
        for prefix, (model, tree) in self.imports.items():
            types.add(prefix, Types(tree), report)
            for inner, (_, deeper) in read_imports(tree, Report(model.resource), shelf, functions,
                                                   parse=load_decisions).items():  # fmt: skip
                types.add(f"{prefix}.{inner}", Types(deeper), report)
        names = names_in(root).union(*(names_in(tree) for _, tree in self.imports.values()), self.imports)
        self.reader = Reader(report, types, names=names, functions=functions)
        self.types = types
        self.callables: dict[str, Any] = {}
        self.function_calls: set[str] = set()  # host functions that knowledge models call

    def model(self) -> DecisionModel:
        """Read everything; what is wrong is in the report."""
        drawn = self._drawn()
        requires = {id_: self._requirements(element, drawn) for id_, element in drawn.items()}
        required = {id_: self._imported(element) for id_, element in drawn.items()}
        decisions: dict[str, Decision] = {}
        self._knowledge()
        services = list(children(self.root, "decisionService"))
        for element in services:
            self.callables.update(dict.fromkeys({variable_of(element), element.get("name") or ""} - {""}))
        if not _refuse_cycles(drawn, requires, self.report):
            for id_ in _dependencies_first(requires):
                decisions[id_] = self._decision(id_, drawn[id_], requires[id_], decisions)
        decisions = {id_: decisions[id_] for id_ in drawn if id_ in decisions}
        for element in services:
            self._service(element, decisions)
        return DecisionModel(
            self.resource, self.root.get("name") or "", self.content, decisions, self.callables, self._inputs(),
            {prefix: model for prefix, (model, _) in self.imports.items()},
            {id_: names for id_, names in required.items() if names},
        )  # fmt: skip

    def _drawn(self) -> dict[str, Any]:
        drawn: dict[str, Any] = {}
        for element in children(self.root, "decision"):
            id_ = element.get("id") or ""
            if not id_ or id_ in drawn:
                self.report.error(
                    "decision-id", element, Text("the decision has no id of its own"),
                    Text("Give every decision of the file its own id."),
                )  # fmt: skip
            drawn[id_] = element
        if not drawn and next(children(self.root, "businessKnowledgeModel"), None) is None:
            self.report.error(
                "no-decision", self.root, Text("the file holds no decision"), Text("Draw a decision table.")
            )
        return drawn

    def _inputs(self) -> dict[str, DataType]:
        found: dict[str, DataType] = {}
        for element in children(self.root, "inputData"):
            kind = self.types.data_type(child(element, "variable"), self.report)
            found.update(dict.fromkeys({variable_of(element), element.get("name") or ""} - {""}, kind))
        return found

    def _knowledge(self) -> None:
        """Read the business knowledge models."""
        models: list[KnowledgeModel] = []
        for element in children(self.root, "businessKnowledgeModel"):
            logic = child(element, "encapsulatedLogic")
            function = None if logic is None else read_function(self.reader, logic)
            if logic is None:
                self.report.error(
                    "knowledge-empty", element, Text("the business knowledge model has no logic"),
                    Text("Draw its function."),
                )  # fmt: skip
            names = {variable_of(element), element.get("name") or ""} - {""}
            self.callables.update(dict.fromkeys(names))
            if function is None:
                continue
            result = self.types.result_of(child(element, "variable"), self.report)
            function = function if result.is_any or not function.result.is_any else replace(function, result=result)
            models += [KnowledgeModel(element.get("id") or "", name, function) for name in names]
        for model in models:
            self.callables[model.name] = knowledge_function(model, self.callables)
            self.function_calls |= {r.name for r in model.function.reads() if r.is_call}
        self.function_calls -= set(self.callables)

    def _service(self, element: Any, decisions: dict[str, Decision]) -> None:
        data = {d.get("id"): d for d in children(self.root, "inputData")}
        inputs = [data[id_] for _, id_ in map(href, children(element, "inputData")) if id_ in data]
        places = {kind: [id_ for _, id_ in map(href, children(element, kind))]
                  for kind in ("inputDecision", "outputDecision")}  # fmt: skip
        unknown = [id_ for ids in places.values() for id_ in ids if id_ not in decisions]
        if unknown or not places["outputDecision"]:
            self.report.error(
                "service-decision", element,
                Text("the decision service has no output decision of this file, or one that isn't here: {decisions}",
                     decisions=", ".join(unknown)),
                Text("Draw the decisions into the service."),
            )  # fmt: skip
        names = {variable_of(element), element.get("name") or ""} - {""}
        if unknown or not places["outputDecision"]:
            return
        service = Service(
            element.get("id") or "", element.get("name") or "",
            tuple((variable_of(d), self.types.data_type(child(d, "variable"), self.report)) for d in inputs),
            tuple(places["inputDecision"]), tuple(places["outputDecision"]),
            self.types.result_of(child(element, "variable"), self.report),
        )  # fmt: skip
        self.callables.update(dict.fromkeys(names, service_function(service, decisions, self.callables)))

    def _decision(self, id_: str, element: Any, requires: tuple[str, ...], decisions: dict[str, Decision]) -> Decision:
        name, variable = element.get("name") or id_, variable_of(element)
        logic = self.reader.logic(element, variable) or Unreadable()
        required = [decisions[r] for r in requires]
        reads = [r for r in reads_of(logic) if r.name not in self.callables]
        inputs: list[str] = []
        for read_name in (r.name for r in reads if not r.is_call and r.name not in self.imports):
            source = next((d for d in required if read_name in d.aliases), None)
            inputs += source.inputs if source else (read_name,)
        inputs += [n for d in required for n in d.inputs]
        inputs += self._imported_inputs(element)
        calls = {r.name for r in reads if r.is_call}.union(*(d.calls for d in required))
        if any(r.name in self.callables for r in reads_of(logic)):
            calls |= self.function_calls
        kind = self.types.data_type(child(element, "variable"), self.report)
        known = tuple(dict.fromkeys(inputs))
        return Decision(id_, name, place(element)[2], variable, logic, requires, known, frozenset(calls), kind)

    def _requirements(self, element: Any, drawn: dict[str, Any]) -> tuple[str, ...]:
        """Return the ids of this file's decisions that a decision requires; refuse what isn't there."""
        known = {e.get("id") for kind in ("businessKnowledgeModel", "decisionService")
                 for e in children(self.root, kind)}  # fmt: skip
        required: list[str] = []
        for requirement in children(element, "knowledgeRequirement"):
            file, id_ = href(child(requirement, "requiredKnowledge"))
            if not self._is_here(file, id_, known):
                self._missing(requirement, file, id_)
        for requirement in children(element, "informationRequirement"):
            reference = child(requirement, "requiredDecision")
            if reference is None:
                continue
            file, id_ = href(reference)
            if not self._is_here(file, id_, drawn):
                self._missing(requirement, file, id_)
            elif id_ in drawn and id_ not in required and not self._prefix(file):
                required.append(id_)
        return tuple(required)

    def _is_here(self, file: str, id_: str, known: Collection[Any]) -> bool:
        return self._prefix(file) is not None or (file in {"", self.root.get("namespace")} and id_ in known)

    def _prefix(self, namespace: str) -> str | None:
        found = (p for p, (_, tree) in self.imports.items() if namespace and tree.get("namespace") == namespace)
        return next(found, None)

    def _missing(self, requirement: Any, file: str, id_: str) -> None:
        self.report.error(
            "requirement-unknown", requirement,
            Text("the required decision “{decision}” is not in this file", decision=f"{file}#{id_}" if file else id_),
            Text("Draw it in this file, or call it in FEEL by its id."),
        )  # fmt: skip

    def _imported(self, element: Any) -> tuple[tuple[str, str], ...]:
        """Return the decisions of imported files that a decision requires."""
        found = []
        for requirement in children(element, "informationRequirement"):
            file, id_ = href(child(requirement, "requiredDecision"))
            prefix = self._prefix(file)
            if prefix is not None and id_ in self.imports[prefix][0].decisions:
                found.append((prefix, id_))
        return tuple(found)

    def _imported_inputs(self, element: Any) -> list[str]:
        names = [n for prefix, id_ in self._imported(element) for n in self.imports[prefix][0].decisions[id_].inputs]
        for requirement in children(element, "informationRequirement"):
            file, id_ = href(child(requirement, "requiredInput"))
            prefix = self._prefix(file)
            if prefix is not None:
                names += [variable_of(e) for e in children(self.imports[prefix][1], "inputData") if e.get("id") == id_]
        return names


def reads_of(logic: DecisionTable | Boxed) -> list[Read]:
    """Return what a decision's logic reads and calls from outside itself."""
    if isinstance(logic, DecisionTable):
        return [read for expression in logic.expressions() for read in names_of(expression)]
    return list(logic.reads())


def _known_names(root: Any) -> set[str]:
    """Return every name that the file gives to data: inputs, decisions, variables and parameters."""
    known = {e.get("name") or "" for e in root.iter() if is_dmn(e, "variable") or is_dmn(e, "formalParameter")}
    for kind in ("inputData", "decision"):
        for element in children(root, kind):
            known |= {variable_of(element), element.get("name") or "", element.get("id") or ""}
    return known - {""}


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
