"""Rewrite legal BPMN into the subset that the core runs rightly.

The normalised file is not the owner's tree with changes, but a new, minimal one: nothing that wasn't understood can
get into it. The same drawing always gives the same bytes. What the interpreter may rely on:

* One process with exactly one start event, a plain one: by the time an instance starts, its message has arrived. A
  single drawn start keeps its id. Of several, the interpreter chooses by setting `__start_event` for the first step:
  `__start_<process>` → exclusive gateway `__entry_<process>` → each drawn start as a plain throw event, each
  instantiating receive task or event gateway as it is. A process without any begins with all that nothing leads to.
* Every activity and event has at most one outgoing flow; every path ends in an end event; every sub-process has
  exactly one plain start.
* Several flows out of an activity or event become a parallel gateway `__fork_<id>`; conditional ones an inclusive
  gateway `__split_<id>`. Conditions are FEEL; those written here hold, also on generated flows.
* An activity with a start quantity has a complex gateway `__gather_<id>` before it, where the tokens come together.
* What a multiple event throws stands after it, one by one, as `__also_<number>_<id>`.
* Links are plain throw events joined by a flow.
* Event sub-processes: see `_wrap`. What only undoes is a plain activity without flows, in the scope that it is drawn
  in; who begins it is in `Element.compensation`. Transactions are sub-processes, each with a cancel boundary event.
* Ids that the core uses itself (`Start`, `End`, `Root`, …) get the suffix `__`. All other generated ids begin with
  `__`, derive from the ids around them, and are in neither `ProcessModel.elements` nor `.flows`.
"""

from __future__ import annotations

from itertools import pairwise

from engine.definitions import Element
from engine.intake.drawing import Ids, Node, Scope, link_name
from engine.intake.plan import Body, Path, Step, write
from engine.intake.reading import Reading
from engine.intake.vocabulary import GATEWAYS

_LAST = {"escalation": 1, "error": 2, "terminate": 2}  # what may keep a multiple event's other throws from happening
_TAKEN = {"Start", "End", "Root", "StartEventSplit", "StartEventJoin"}
_TAKEN_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", "__")


def normalise(reading: Reading) -> bytes:
    """Return the XML that SpiffWorkflow is given for a process without errors."""
    return write(plan(reading), reading.process.scope.name)


def plan(reading: Reading) -> Body:
    """Return the graph of the normalised process."""
    return _Normaliser(reading).process()


def core_id(drawn: str) -> str:
    """The id under which the core knows a drawn node."""
    return drawn + "__" if drawn in _TAKEN or drawn.endswith(_TAKEN_ENDINGS) else drawn


class _Normaliser:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        drawn = [n.id for n in reading.process.nodes()] + [e.id for e in reading.process.edges()]
        self.ids = Ids([*drawn, *map(core_id, drawn), *(s.id for s in reading.process.scopes())])

    def new(self, prefix: str, around: str) -> str:
        """A generated id that says what it stands for and beside what."""
        return self.ids.new(f"__{prefix}_{around.removeprefix('__')}")

    def path(self, body: Body, source: str, target: str, *, condition: str | None = None) -> Path:
        identity = self.ids.new(f"__{source.removeprefix('__')}_{target.removeprefix('__')}")
        made = Path(identity, source, target, condition)
        body.paths.append(made)
        return made

    # --- scopes -------------------------------------------------------------------------------------------------

    def process(self) -> Body:
        scope = self.reading.process.scope
        body = self._body(scope, scope.id)
        handlers = _handlers(scope)
        starts = [s for s in body.steps if s.kind == "startEvent"]
        begun = [core_id(n.id) for n in scope.nodes if n.is_marked_instantiating]
        if len(starts) > 1 or begun:
            self._enter(body, [*starts, *(s for s in body.steps if s.id in begun)])
        elif not starts:
            self._begin_everywhere(body, scope)
        if handlers:
            outside = starts[0] if len(starts) == 1 and not begun else None
            body = self._wrap(scope, body, outside)
        self._finish(body)
        return body

    def sub_process(self, scope: Scope) -> Body:
        body = self._body(scope, core_id(scope.id))
        if scope.is_event_sub_process and not (scope.node and scope.node.is_for_compensation):
            self._free_start(body)
        if not any(s.kind == "startEvent" for s in body.steps):
            self._begin_everywhere(body, scope)
        if _handlers(scope):
            body = self._wrap(scope, body, None)
        self._finish(body)
        return body

    def _begin_everywhere(self, body: Body, scope: Scope) -> None:
        """Begin a scope without start event with everything in it that nothing leads to."""
        first = body.first()
        start = Step(self.new("start", scope.id), "startEvent")
        body.steps.insert(0, start)
        for step in first:
            self.path(body, start.id, step.id)

    def _free_start(self, body: Body) -> None:
        """Give the start of an event sub-process a new id: its own is the boundary event's."""
        start = next(s for s in body.steps if s.kind == "startEvent")
        drawn, start.id = start.id, self.new("start", body.id)
        for path in body.paths:
            if path.source == drawn:
                path.source = start.id

    def _body(self, scope: Scope, identity: str) -> Body:
        """What is drawn in a scope, without its event sub-processes; links are joined."""
        body = Body(identity)
        for node in scope.nodes:
            if node.kind == "boundaryEvent" and node.event == "compensation":
                continue  # the activity's element says who undoes it
            if not node.is_event_sub_process or node.is_for_compensation:
                body.steps.append(self._step(node))
            if node.kind == "transaction" and not any(b.event == "cancel" for b in node.boundaries):
                body.steps.append(self._cancelled(node))
        for edge in scope.edges:
            condition = self.reading.flows[edge.id].condition
            body.paths.append(
                Path(edge.id, core_id(edge.source), core_id(edge.target), condition.text if condition else None)
            )
        self._join_links(scope, body)
        for step in [s for s in body.steps if s.more and s.kind in ("intermediateThrowEvent", "endEvent")]:
            self._throw_all(body, step)
        return body

    def _finish(self, body: Body) -> None:
        """Make splits and ends explicit in a scope and in the generated ones directly inside it."""
        self._gather(body)
        self._split(body)
        self._end(body)

    # --- nodes --------------------------------------------------------------------------------------------------

    def _step(self, node: Node) -> Step:
        element = self.reading.element(node)
        step = Step(core_id(node.id), node.kind, node.name, default=node.default)
        if node.kind == "boundaryEvent":
            step.attached_to = core_id(node.attached_to or "")
            step.interrupting = node.interrupting
        if node.kind in ("sendTask", "receiveTask"):
            step.message = element.message
        elif node.kind == "scriptTask":
            step.script = element.script.text if element.script else "null"
        elif node.event == "link":
            step.kind = "intermediateThrowEvent"
        elif node.kind != "startEvent":
            _define(step, element)
        if node.inner is not None:
            step.kind, step.inner = "subProcess", self.sub_process(node.inner)
        step.is_aside = node.is_for_compensation
        return step

    def _cancelled(self, transaction: Node) -> Step:
        """Where a transaction is left that is cancelled, when nothing is drawn to follow from that."""
        step = Step(self.new("cancelled", transaction.id), "boundaryEvent", event=("cancel", None, None))
        step.attached_to = core_id(transaction.id)
        return step

    def _throw_all(self, body: Body, step: Step) -> None:
        """Throw what a multiple event throws one after the other: first what goes on, then what ends its scope."""
        thrown = [(number, event) for number, event in enumerate((step.event, *step.more)) if event is not None]
        thrown.sort(key=lambda one: _LAST.get(one[1][0], 0))
        if any(event[0] == "error" for _, event in thrown):
            thrown = [(number, event) for number, event in thrown if event[0] != "terminate"]  # the error ends all
        drawn = step.id if step.id in self.reading.elements else step.id.removesuffix("__")
        chain = [Step(f"__also_{n}_{drawn}", "intermediateThrowEvent", step.name, event=e) for n, e in thrown]
        chain[-1].kind, step.kind = step.kind, "intermediateThrowEvent"
        step.event, step.more = None, ()
        body.steps += chain
        for path in body.paths:
            if path.source == step.id:
                path.source = chain[-1].id
        for source, target in pairwise([step, *chain]):
            self.path(body, source.id, target.id)

    def _join_links(self, scope: Scope, body: Body) -> None:
        catches = {link_name(n): n for n in scope.nodes if n.kind == "intermediateCatchEvent" and n.event == "link"}
        for node in scope.nodes:
            if node.kind == "intermediateThrowEvent" and node.event == "link":
                target = catches[link_name(node)]
                self.path(body, core_id(node.id), core_id(target.id))

    def _enter(self, body: Body, starts: list[Step]) -> None:
        """Replace several starts by one that chooses among them."""
        start = Step(self.new("start", body.id), "startEvent")
        entry = Step(self.new("entry", body.id), "exclusiveGateway")
        body.steps[:0] = [start, entry]
        self.path(body, start.id, entry.id)
        drawn = {core_id(n.id): n.id for n in self.reading.process.scope.nodes}
        for step in starts:
            if step.kind == "startEvent":
                step.kind = "intermediateThrowEvent"
            self.path(body, entry.id, step.id, condition=f'__start_event = "{drawn[step.id]}"')

    def _gather(self, body: Body) -> None:
        """Put a place before each activity that needs several tokens, where they come together."""
        needing = {core_id(e.id) for e in self.reading.elements.values() if e.start_quantity > 1}
        for step in [s for s in body.steps if s.id in needing]:
            gate = Step(self.new("gather", step.id), "complexGateway")
            for path in body.paths:
                if path.target == step.id:
                    path.target = gate.id
            body.steps.append(gate)
            self.path(body, gate.id, step.id)

    def _split(self, body: Body) -> None:
        outgoing = body.outgoing()
        for step in list(body.steps):
            flows = outgoing[step.id]
            conditional = [f for f in flows if f.condition is not None]
            if step.kind in GATEWAYS:
                continue
            default = [f for f in flows if f.id == step.default and conditional]
            plain = [f for f in flows if f not in conditional and f not in default]
            step.default = None
            if len(flows) < 2:
                continue
            source = step.id
            if plain:
                source = self._gate(body, "fork", "parallelGateway", step.id, source, plain).id
            if conditional:
                gate = self._gate(body, "split", "inclusiveGateway", step.id, source, conditional + default)
                if default:
                    gate.default = default[0].id
                elif plain:  # nothing need be true: the plain flows go on anyway
                    nothing = Step(self.new("none", step.id), "endEvent")
                    body.steps.append(nothing)
                    gate.default = self.path(body, gate.id, nothing.id).id

    def _gate(self, body: Body, prefix: str, kind: str, around: str, source: str, flows: list[Path]) -> Step:
        gate = Step(self.new(prefix, around), kind)
        body.steps.append(gate)
        for flow in flows:
            flow.source = gate.id
        self.path(body, source, gate.id)
        return gate

    def _end(self, body: Body) -> None:
        outgoing = body.outgoing()
        for step in list(body.steps):
            if step.kind != "endEvent" and not outgoing[step.id] and not step.is_aside:
                end = Step(self.new("end", step.id), "endEvent")
                body.steps.append(end)
                self.path(body, step.id, end.id)

    # --- event sub-processes ------------------------------------------------------------------------------------

    def _wrap(self, scope: Scope, body: Body, start: Step | None) -> Body:
        """Put a scope's body into a sub-process and its event sub-processes at the border of that.

        `start → __body_X {…} → end`, and for each event sub-process a boundary event with the id of its drawn start,
        leading to a plain sub-process with its id. An interrupting one also stops the others that are running, and so
        does a terminate end event: with non-interrupting ones beside, `__scope_X` encloses these and the body, and
        the interrupting ones (and a generated one for terminate) are at its border.
        """
        handlers = _handlers(scope)
        plain = [h for h in handlers if not _start(h).interrupting]
        interrupting = [h for h in handlers if _start(h).interrupting]
        terminates = [s for s in body.steps if s.event is not None and s.event[0] == "terminate"] if plain else []
        outer = Body(body.id)
        around = scope.id
        inner = Step(self.new("body", around), "subProcess", inner=body)
        body.id = inner.id
        first = self._outside_start(outer, body, start, around)
        current, border = outer, inner
        if plain and (interrupting or terminates):
            border = Step(self.new("scope", around), "subProcess", inner=Body(""))
            current = border.inner = Body(border.id)
            outer.steps.append(border)
            self.path(outer, first.id, border.id)
            first = Step(self.new("start", border.id), "startEvent")
            current.steps.append(first)
        current.steps.append(inner)
        self.path(current, first.id, inner.id)
        for handler in plain:
            self._attach(current, inner, handler)
        for handler in interrupting:
            self._attach(outer, border, handler)
        self._terminate(outer, border, terminates, around)
        self._finish(body)
        if current is not outer:
            self._finish(current)
        return outer

    def _outside_start(self, outer: Body, body: Body, start: Step | None, around: str) -> Step:
        """The start event that leads to the body: the drawn one, moved out, or a new one."""
        if start is None:
            first = Step(self.new("start", around), "startEvent")
            outer.steps.append(first)
            return first
        body.steps.remove(start)
        outer.steps.append(start)
        inside = Step(self.new("start", body.id), "startEvent")
        body.steps.insert(0, inside)
        for path in body.paths:
            if path.source == start.id:
                path.source = inside.id
        return start

    def _attach(self, body: Body, border: Step, handler: Node) -> None:
        start = _start(handler)
        boundary = Step(core_id(start.id), "boundaryEvent", start.name)
        _define(boundary, self.reading.element(start))
        boundary.attached_to, boundary.interrupting = border.id, start.interrupting
        step = self._step(handler)
        body.steps += [boundary, step]
        self.path(body, boundary.id, step.id)

    def _terminate(self, outer: Body, border: Step, terminates: list[Step], around: str) -> None:
        if not terminates:
            return
        code = f"__terminate_{around}"
        for step in terminates:
            step.event = ("error", code, None)
        boundary = Step(self.new("terminated", around), "boundaryEvent", event=("error", code, None))
        boundary.attached_to = border.id
        outer.steps.append(boundary)


def _handlers(scope: Scope) -> list[Node]:
    """The event sub-processes that an event inside or around a scope begins while it runs."""
    return [handler for handler in scope.event_sub_processes() if not handler.is_for_compensation]


def _start(handler: Node) -> Node:
    assert handler.inner is not None
    return handler.inner.starts()[0]


def _define(step: Step, element: Element) -> None:
    """Write what an event waits for or throws; of several, all."""
    first, *more = [_event(event) for event in element.events]
    step.event, step.more, step.parallel = first, tuple(e for e in more if e is not None), element.parallel


def _event(element: Element) -> tuple[str, str | None, str | None] | None:
    if element.event is None:
        return None
    if element.event == "timer" and element.timer is not None:
        return ("timer", element.timer[0], element.timer[1].text)
    if element.event == "conditional" and element.condition is not None:
        return ("conditional", None, element.condition.text)
    values = {
        "message": element.message,
        "error": element.error_code,
        "escalation": element.escalation_code,
        "signal": element.signal,
    }
    return (element.event, values.get(element.event), None)
