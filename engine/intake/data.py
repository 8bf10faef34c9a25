"""Data as the standard draws them (BPMN 2.0.2, 10.4): data objects, properties, ioSpecification, data associations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from engine.definitions import Assignment, DataFlow, DataStore
from engine.feel import Expression
from engine.intake.drawing import Node, Process, Scope
from engine.intake.mappings import read_mapping
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.variables import STORE, data_names, is_placeholder, is_usable
from engine.intake.vocabulary import ACTIVITIES, EVENTS
from engine.intake.xml import bare, child, children, local, properties, text_of
from engine.texts import Text

_OWN = frozenset({"dataObject", "property"})
_IO = frozenset({"dataInput", "dataOutput"})


def read_data(node: Node, reading: Reading) -> DataFlow | None:
    """Read the data of an activity or event; None when it has none."""
    if node.kind not in ACTIVITIES | EVENTS:
        return None
    mapped = read_mapping(node, reading)
    drawn = _Drawn(node, reading).read()
    if mapped is None or drawn is None:
        return mapped or drawn
    if not (drawn.inputs or drawn.outputs or drawn.produced):
        return replace(mapped, own=drawn.own)
    reason = Text("Its data are mapped twice: as BPMN draws it, and as another tool does.")
    reading.notes.error("data-twice", node, reason, Text("Keep one of the two."))
    return drawn


def read_own(scope: XmlElement, place: Node | Scope, reading: Reading) -> dict[str, Expression | None]:
    """The data objects and properties of a process, sub-process or activity, with what they begin with."""
    own: dict[str, Expression | None] = {}
    for xml in scope:
        if local(xml) in _OWN and not is_placeholder(xml) and (xml.get("id") or "").strip():
            name = data_names(reading.process)[(xml.get("id") or "").strip()]
            what = Text("The value of “{name}”", name=name)
            value = reading.expressions.read(properties(xml).get("value"), place, what, line=xml.sourceline or 0)
            own[name] = value if value is not None else own.get(name)
    return own


def read_io(scope: XmlElement, process: Process) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the inputs and outputs that an ioSpecification declares."""
    names, specification = data_names(process), child(scope, "ioSpecification")
    if specification is None:
        return (), ()
    inputs, outputs = (
        tuple(dict.fromkeys(names[identity] for xml in children(specification, kind) if (identity := _id(xml))))
        for kind in ("dataInput", "dataOutput")
    )
    return inputs, outputs


def declares(node: Node) -> dict[str, XmlElement]:
    """The data inputs and outputs of a node by id: of its ioSpecification, or an event's own."""
    specification = child(node.xml, "ioSpecification")
    found = [*node.xml, *(specification if specification is not None else ())]
    return {_id(xml): xml for xml in found if local(xml) in _IO and _id(xml)}


def is_documentation(association: XmlElement, node: Node, process: Process) -> bool:
    """Whether an arrow says nothing but that there is something: it has no end in the node's data.

    So modelers draw them that have no inputs and outputs: nothing is moved.
    """
    if children(association, "assignment") or child(association, "transformation") is not None:
        return False
    if any(_is_unbound(end, process) for kind in ("sourceRef", "targetRef") for end in children(association, kind)):
        return True
    inner = "targetRef" if local(association) == "dataInputAssociation" else "sourceRef"
    ends = {bare(text_of(xml)) for xml in children(association, inner)}
    own = {_id(xml) for xml in node.xml if local(xml) == "property" and not is_placeholder(xml)}
    return not ends & (set(declares(node)) | own)


def sole_output(flow: DataFlow, work: Mapping[str, Any], reading: Reading) -> str | None:
    """The data output that takes all a task results in: the only one, if nothing in the result is called so."""
    if len(flow.produced) != 1 or not {"script", "decision", "handler"} & work.keys():
        return None
    handler, decision = work.get("handler"), work.get("decision")
    known: Collection[str] = ()
    if handler is not None and handler in reading.handlers:
        known = {output.name for output in reading.handlers[handler].outputs}
    elif decision in reading.library.decisions:
        known = reading.library.decisions[decision].decisions[decision].outputs
    return None if flow.produced[0] in known else flow.produced[0]


class _Drawn:
    def __init__(self, node: Node, reading: Reading) -> None:
        self.node = node
        self.reading = reading
        self.names = data_names(reading.process) if self._has_data() else {}

    def _has_data(self) -> bool:
        return any("data" in local(xml) or local(xml) in ("ioSpecification", "property") for xml in self.node.xml)

    def read(self) -> DataFlow | None:
        node = self.node
        if not self._has_data():
            return None
        declared = declares(node)
        outputs = [self.names[i] for i, xml in declared.items() if local(xml) == "dataOutput"]
        flow = DataFlow(
            own=read_own(node.xml, node, self.reading) if node.kind in ACTIVITIES else {},
            inputs=self._assignments("dataInputAssociation") if self._takes() else (),
            produced=tuple(dict.fromkeys(outputs)),
            outputs=self._assignments("dataOutputAssociation"),
            closed=bool(outputs),
        )
        stores = self._stores(flow)
        waited = {a.target for a in flow.inputs if not a.value.names & stores.keys()}  # a store is always there
        flow = replace(flow, stores=stores, input_sets=self._input_sets(declared, waited))
        return flow if flow != DataFlow() else None

    def _stores(self, flow: DataFlow) -> dict[str, DataStore]:
        """The bound data stores that the element reads or writes; what they say is judged by the rules of data."""
        names = {name for a in flow.inputs for name in a.value.names} | {a.target for a in flow.outputs}
        found: dict[str, DataStore] = {}
        for xml in self.reading.process.scope.xml.iter():
            name = self.names.get(_id(xml)) if local(xml) == STORE else None
            if name in names and name is not None:
                own, line = properties(xml), xml.sourceline or 0
                key = self.reading.expressions.read(own.get("key"), self.node, Text("The key of the store"), line=line)
                if key is not None:
                    found[name] = DataStore(own["register"], key)
        return found

    def _takes(self) -> bool:
        """Whether inputs mean something: to an activity, and to an event that sends them."""
        return self.node.kind in ACTIVITIES or self.node.event in ("message", "signal")

    def _input_sets(self, declared: Mapping[str, XmlElement], given: set[str]) -> tuple[frozenset[str], ...]:
        """The inputs that must have a value, set by set; one that nothing leads to can't be waited for."""
        specification = child(self.node.xml, "ioSpecification")
        found = [] if specification is None else children(specification, "inputSet")
        found += children(self.node.xml, "inputSet")
        needed: list[frozenset[str]] = []
        for xml in found:
            free = {
                bare(text_of(x)) for k in ("optionalInputRefs", "whileExecutingInputRefs") for x in children(xml, k)
            }
            refs = {bare(text_of(x)) for x in children(xml, "dataInputRefs")} - free
            needed.append(frozenset(self.names[ref] for ref in refs if ref in declared) & given)
        if found:
            return tuple(needed) if all(needed) else ()
        every = frozenset(self.names[i] for i, xml in declared.items() if local(xml) == "dataInput") & given
        return (every,) if every else ()

    # --- associations -------------------------------------------------------------------------------------------

    def _assignments(self, kind: str) -> tuple[Assignment, ...]:
        found: list[Assignment] = []
        for xml in children(self.node.xml, kind):
            if not is_documentation(xml, self.node, self.reading.process):
                found += self._association(xml)
        return tuple(found)

    def _association(self, xml: XmlElement) -> list[Assignment]:
        sources = [text for ref in children(xml, "sourceRef") if (text := text_of(ref))]
        target, transformation = text_of(child(xml, "targetRef")), child(xml, "transformation")
        assignments = children(xml, "assignment")
        line = xml.sourceline or 0
        for reference in (*sources, *((target,) if target else ())):
            if bare(reference) not in self.names:
                return self._error(
                    "data-unknown", Text("It refers to “{id}”, which is no data.", id=reference[:80]), line
                )
        if transformation is not None and assignments:
            return self._error("data-twice", Text("It has both a transformation and assignments."), line)
        if assignments:
            return [made for part in assignments if (made := self._assignment(part)) is not None]
        if not target:
            return self._error("data-unknown", Text("The association leads nowhere."), line)
        what = Text("The data association")
        if transformation is not None:
            value = self._feel(transformation, what)
        elif len(sources) == 1:
            value = self.reading.expressions.read(self.names[bare(sources[0])], self.node, what, line=line)
        else:
            return self._error("data-unknown", Text("It needs one source, or a transformation of several."), line)
        return [Assignment(self.names[bare(target)], value)] if value is not None else []

    def _assignment(self, xml: XmlElement) -> Assignment | None:
        source, target = child(xml, "from"), text_of(child(xml, "to"))
        value = self._feel(source, Text("The assignment")) if source is not None else None
        head, *path = (part.strip() for part in target.removeprefix("=").strip().split("."))
        head = self.names.get(bare(head), head)
        if not is_usable(head) or not all(map(is_usable, path)):
            reason = Text("The assignment goes to “{to}”, which is no place for a value.", to=target[:80])
            self._error("data-target", reason, xml.sourceline or 0)
            return None
        return Assignment(head, value, tuple(path)) if value is not None else None

    def _feel(self, xml: XmlElement, what: Text) -> Expression | None:
        line, text = xml.sourceline or 0, text_of(xml)
        language = xml.get("language") or self.reading.process.drawing.expression_language
        if self.reading.expressions.is_foreign(language, self.node, line):
            return None
        return self.reading.expressions.read(self.names.get(bare(text), text), self.node, what, line=line)

    def _error(self, rule: str, reason: Text, line: int) -> list[Assignment]:
        remedy = Text("Draw it from data of the diagram to an input, or from an output to data; or assign FEEL values.")
        self.reading.notes.error(rule, self.node, reason, remedy, line=line)
        return []


def _is_unbound(reference: XmlElement, process: Process) -> bool:
    """Whether a reference is to a data store that stands for no record."""
    wanted = bare(text_of(reference))
    if wanted in data_names(process):
        return False
    return any(local(xml) == STORE and _id(xml) == wanted for xml in process.scope.xml.iter())


def _refs(xml: XmlElement, kind: str) -> set[str]:
    return {bare(text_of(reference)) for reference in children(xml, kind)}


def _id(xml: XmlElement) -> str:
    return (xml.get("id") or "").strip()
