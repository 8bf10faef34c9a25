"""`parse_decisions`: a .dmn file → a model, or findings that say why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from engine.dmn.boxed import Boxed, Read, Unreadable, names_of
from engine.dmn.boxes import read_function
from engine.dmn.checks import check_table
from engine.dmn.decision import Decision
from engine.dmn.document import Report, child, children, href, is_dmn, name_of, names_in, place, read, variable_of
from engine.dmn.imports import Content, Imports, Shelf, read_imports
from engine.dmn.knowledge import KnowledgeModel, Output, Parameter, Service, knowledge_function, service_function
from engine.dmn.model import DecisionModel, Held
from engine.dmn.policy import Policy
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
    parsing = _Parsing(name, root, content, report, functions, Shelf(imports, open=[name]), Policy.ENGINE)
    model = parsing.model()
    if report.has_errors:
        return None, report.findings
    for table, holder in parsing.reader.tables:
        check_table(table, report, name=holder, known=_known_names(root))
    return None if report.has_errors else model, report.findings


def load_decisions(
    name: str, content: bytes, *, functions: Collection[str] = (), imports: Mapping[str, bytes] = _NO_FILES
) -> tuple[DecisionModel | None, list[Finding]]:
    """Read as much of a DMN file as can be read, to be run by `Policy.STANDARD`: what can't be made is null.

    For trying out and for conformance tests; what is published goes through `parse_decisions`. The model is None only
    if the file is no DMN at all. The findings tell what couldn't be read.
    """
    report = Report(name)
    root = read(content, report)
    if root is None:
        return None, report.findings
    shelf = Shelf(imports, open=[name])
    return _Parsing(name, root, content, report, functions, shelf, Policy.STANDARD).model(), report.findings


class _Parsing:
    """The reading of one file."""

    def __init__(
        self, name: str, root: Any, content: bytes, report: Report, functions: Collection[str], shelf: Shelf,
        policy: Policy,
    ) -> None:  # fmt: skip
        self.root, self.report, self.resource, self.content = root, report, name, content
        self.policy = policy

        def parse(file: str, imported: bytes, shelf: Shelf) -> Content | None:
            inner = Report(file)  # what is wrong with an imported file is said where it is published
            tree = read(imported, inner)
            return (
                None if tree is None else _Parsing(file, tree, imported, inner, functions, shelf, policy).content_of()
            )

        self.imports: Imports = read_imports(root, report, shelf, parse=parse)
        self.types = Types(root)
        for prefix, content_ in self.imports.values():
            self.types.add(prefix, content_.types, report)
        self.prefixes = {prefix for prefix, _ in self.imports.values()} - {""}
        self.names = frozenset(names_in(root).union(*(c.names for _, c in self.imports.values()), self.prefixes))
        self.reader = Reader(report, self.types, names=self.names, functions=functions, policy=policy)
        self.callables: dict[str, Any] = {}
        self.called: dict[str, str] = {}
        self.seen: dict[str, Any] = {}  # what the file's functions see
        self.function_calls: set[str] = set()  # host functions that knowledge models call
        self.indexes: dict[str, dict[tuple[str, str], Any]] = {}  # namespace → (kind, id) → element

    def content_of(self) -> Content:
        """Read everything, for a file that imports this one."""
        return Content(self.model(), self.types, self.root, self.names)

    def model(self) -> DecisionModel:
        """Read everything; what is wrong is in the report."""
        drawn = self._drawn()
        known = {e.get("id") for kind in _REQUIRED["requiredKnowledge"] for e in children(self.root, kind)}
        requires = {id_: self._requirements(element, drawn, known) for id_, element in drawn.items()}
        decisions: dict[str, Decision] = {}
        self._knowledge()
        services = list(children(self.root, "decisionService"))
        for element in services:
            self.callables.update(dict.fromkeys(_names_of(element)))
            self.called[element.get("id") or ""] = min(_names_of(element), default="")
        if not _refuse_cycles(drawn, requires, self.report):
            for id_ in _dependencies_first(requires):
                decisions[id_] = self._decision(id_, drawn[id_], requires[id_], decisions)
        model = DecisionModel(
            self.resource, self.root.get("name") or "", self.content,
            {id_: decisions[id_] for id_ in drawn if id_ in decisions}, self.callables, self._inputs(),
            {namespace: Held(name, content.model) for namespace, (name, content) in self.imports.items()},
            self.policy, self.called,
        )  # fmt: skip
        for element in services:
            self._service(element, model)
        self.seen.update(model.functions_by_name())
        return model

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
        shared = ("businessKnowledgeModel", "itemDefinition", "inputData")  # what other files may import
        if not drawn and not any(True for kind in shared for _ in children(self.root, kind)):
            self.report.error(
                "no-decision", self.root, Text("the file holds no decision"), Text("Draw a decision table.")
            )
        return drawn

    def _inputs(self) -> dict[str, DataType]:
        found: dict[str, DataType] = {}
        for element in children(self.root, "inputData"):
            kind = self.types.data_type(child(element, "variable"), self.report)
            found.update(dict.fromkeys(_names_of(element), kind))
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
            names = _names_of(element)
            self.callables.update(dict.fromkeys(names))
            self.called[element.get("id") or ""] = min(names, default="")
            if function is None:
                continue
            result = self.types.result_of(child(element, "variable"), self.report)
            function = function if result.is_any or not function.result.is_any else replace(function, result=result)
            models += [KnowledgeModel(element.get("id") or "", name, function) for name in names]
        for model in models:
            self.callables[model.name] = knowledge_function(model, self.seen)
            self.function_calls |= {r.name for r in model.function.reads() if r.is_call}
        self.function_calls -= set(self.callables)

    def _service(self, element: Any, model: DecisionModel) -> None:
        given = [(reference, "inputData") for reference in children(element, "inputData")]
        given += [(reference, "decision") for reference in children(element, "inputDecision")]
        parameters = [self._parameter(reference, kind) for reference, kind in given]
        unknown = [r.get("href") or "" for (r, _), p in zip(given, parameters, strict=True) if p is None]
        outputs = []
        for reference in children(element, "outputDecision"):
            namespace, target = self._target(reference, "decision")
            here = self.imports[namespace].content.model if namespace else model
            known = target is not None and target.get("id") in here.decisions
            if known:
                outputs.append(Output(namespace, target.get("id"), variable_of(target)))
            else:
                unknown.append(reference.get("href") or "")
        if unknown or not outputs:
            self.report.error(
                "service-decision", element,
                Text("the decision service has no output decision of this file, or one that isn't here: {decisions}",
                     decisions=", ".join(unknown)),
                Text("Draw the decisions into the service."),
            )  # fmt: skip
            return
        service = Service(
            element.get("id") or "", name_of(element),
            tuple(parameter for parameter in parameters if parameter is not None),
            tuple(outputs),
            self.types.result_of(child(element, "variable"), self.report),
        )  # fmt: skip
        names = _names_of(element)
        self.callables.update(dict.fromkeys(names, service_function(service, model)))

    def _parameter(self, reference: Any, kind: str) -> Parameter | None:
        namespace, target = self._target(reference, kind)
        if target is None:
            return None
        types = self.imports[namespace].content.types if namespace else self.types
        fitted = types.data_type(child(target, "variable"), self.report)
        return Parameter(variable_of(target), fitted, namespace, "" if kind == "inputData" else target.get("id") or "")

    def _target(self, reference: Any, *kinds: str) -> tuple[str, Any]:
        """Return the namespace (empty: this file's) and the element that a reference points to, or None."""
        file, id_ = href(reference)
        held = self.imports.get(file)
        namespace = file if held is not None else ""
        if namespace not in self.indexes:
            self.indexes[namespace] = _by_kind_and_id(held.content.root if held is not None else self.root)
        index = self.indexes[namespace]
        return namespace, next((index[kind, id_] for kind in kinds if (kind, id_) in index), None)

    def _decision(self, id_: str, element: Any, requires: tuple[str, ...], decisions: dict[str, Decision]) -> Decision:
        name, variable = name_of(element) or id_, variable_of(element)
        logic = self.reader.logic(element, variable) or Unreadable()
        required = [decisions[r] for r in requires]
        reads = [r for r in reads_of(logic) if r.name not in self.callables]
        inputs: list[str] = []
        for read_name in (r.name for r in reads if not r.is_call and r.name not in self.prefixes):
            source = next((d for d in required if read_name in d.aliases), None)
            inputs += source.inputs if source else (read_name,)
        inputs += [n for d in required for n in d.inputs]
        inputs += self._imported_inputs(element)
        calls = {r.name for r in reads if r.is_call}.union(*(d.calls for d in required))
        if any(r.name in self.callables for r in reads_of(logic)):
            calls |= self.function_calls
        kind = self.types.data_type(child(element, "variable"), self.report)
        known = tuple(dict.fromkeys(inputs))
        return Decision(
            id_, name, place(element)[2], variable, logic, requires, known, frozenset(calls), kind,
            self._imported(element), self._scope(element),
        )  # fmt: skip

    def _scope(self, element: Any) -> frozenset[str]:
        """Return the names that a decision sees: of what it requires, and of the imports."""
        names = set(self.prefixes)
        for tag, kinds in _REQUIRED.items():
            for requirement in element.iterchildren():
                reference = child(requirement, tag) if isinstance(requirement.tag, str) else None
                namespace, target = self._target(reference, *kinds)
                if target is not None and (not namespace or not self.imports[namespace].name):
                    names |= _names_of(target)
        return frozenset(names)

    def _requirements(self, element: Any, drawn: dict[str, Any], known: Collection[Any]) -> tuple[str, ...]:
        """Return the ids of this file's decisions that a decision requires; refuse what isn't there."""
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
            elif id_ in drawn and id_ not in required and file not in self.imports:
                required.append(id_)
        return tuple(required)

    def _is_here(self, file: str, id_: str, known: Collection[Any]) -> bool:
        return file in self.imports or (file in {"", self.root.get("namespace")} and id_ in known)

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
            if file in self.imports and id_ in self.imports[file].content.model.decisions:
                found.append((file, id_))
        return tuple(found)

    def _imported_inputs(self, element: Any) -> list[str]:
        models = {namespace: held.content.model for namespace, held in self.imports.items()}
        names = [n for file, id_ in self._imported(element) for n in models[file].decisions[id_].inputs]
        for requirement in children(element, "informationRequirement"):
            namespace, target = self._target(child(requirement, "requiredInput"), "inputData")
            names += [variable_of(target)] if namespace and target is not None else []
        return names


_REQUIRED = {
    "requiredInput": ("inputData",),
    "requiredDecision": ("decision",),
    "requiredKnowledge": ("businessKnowledgeModel", "decisionService"),
}


def _by_kind_and_id(root: Any) -> dict[tuple[str, str], Any]:
    """Index what decisions may require; the first of two equal ids counts."""
    found: dict[tuple[str, str], Any] = {}
    for element in root:
        if isinstance(element.tag, str) and element.get("id"):
            kind = etree.QName(element).localname
            if is_dmn(element, kind):
                found.setdefault((kind, element.get("id")), element)
    return found


def _names_of(element: Any) -> set[str]:
    """Return the names under which an element is known: its own and its variable's."""
    return {variable_of(element), name_of(element)} - {""}


def reads_of(logic: DecisionTable | Boxed) -> list[Read]:
    """Return what a decision's logic reads and calls from outside itself."""
    if isinstance(logic, DecisionTable):
        return [read for expression in logic.expressions() for read in names_of(expression)]
    return list(logic.reads())


def _known_names(root: Any) -> set[str]:
    """Return every name that the file gives to data: inputs, decisions, variables and parameters."""
    known = {name_of(e) for e in root.iter() if is_dmn(e, "variable") or is_dmn(e, "formalParameter")}
    for kind in ("inputData", "decision"):
        for element in children(root, kind):
            known |= {variable_of(element), name_of(element), element.get("id") or ""}
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
    waits = {id_: sum(need in requires for need in needs) for id_, needs in requires.items()}
    behind: dict[str, list[str]] = {id_: [] for id_ in requires}
    for id_, needs in requires.items():
        for need in needs:
            if need in behind:
                behind[need].append(id_)
    ordered = [id_ for id_, count in waits.items() if count == 0]
    for id_ in ordered:  # which grows meanwhile
        for other in behind[id_]:
            waits[other] -= 1
            if waits[other] == 0:
                ordered.append(other)
    return ordered
