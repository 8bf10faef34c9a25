"""Rules about messages, errors, links and event sub-processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from engine.definitions import Element
from engine.intake.drawing import Node, link_name, singles
from engine.intake.reading import Reading
from engine.intake.xml import bare, child, text_of
from engine.texts import Text

_AT_ONCE = frozenset({"task", "scriptTask", "sendTask", "businessRuleTask"})
MAX_MESSAGE = 200  # characters of a message's name


def messages(reading: Reading) -> None:
    """Whatever sends or waits for a message names one."""
    known = reading.process.drawing.messages
    for node in reading.process.singles():
        if node.kind in ("sendTask", "receiveTask"):
            refs = [node.xml.get("messageRef"), *(d.get("messageRef") for d in node.definitions)]
        elif node.event == "message":
            refs = [node.definitions[0].get("messageRef")]
        else:
            continue
        ref = next((bare(r) for r in refs if bare(r)), "")
        if not ref:
            _no_message(node, reading)
        elif ref not in known:
            reading.notes.error(
                "reference-dangling",
                node,
                Text("It refers to the message “{id}”, which is not in the file.", id=ref[:80]),
                Text("Choose the message again in the modeler."),
            )
        elif reading.element(node).message is None:
            reading.notes.error(
                "message-unnamed",
                node,
                Text("Its message has no name."),
                Text("Name the message, for example order.received: the name is how it is found."),
            )
        elif len(reading.element(node).message or "") > MAX_MESSAGE:
            reading.notes.error(
                "name-too-long",
                node,
                Text("Its message's name is longer than {limit} characters.", limit=MAX_MESSAGE),
                Text("Give the message a short name, for example order.received."),
            )


def _no_message(node: Node, reading: Reading) -> None:
    reading.notes.error(
        "message-missing",
        node,
        Text("It says nowhere which message is meant."),
        Text("Choose or create a message in the modeler's properties."),
    )


def messages_caught_twice(reading: Reading) -> None:
    """Two catchers of the same message at one place: it would be open which one gets it."""
    for node in reading.process.singles():
        _same_message(node.boundaries, reading)
        if node.kind == "eventBasedGateway":
            after = {e.target for e in node.outgoing}
            _same_message([n for n in node.scope.nodes if n.id in after], reading)
    for scope in reading.process.scopes():
        handlers = [s for h in scope.event_sub_processes() if h.inner is not None for s in h.inner.starts()]
        _same_message(handlers, reading)
        if scope.node is None:
            begun = [n for n in scope.nodes if n.kind == "startEvent" or reading.element(n).instantiates]
            _same_message(begun, reading, by_key=False)


def _same_message(catchers: list[Node], reading: Reading, *, by_key: bool = True) -> None:
    """Note catchers of one message; `by_key`: those with different correlation keys get different messages."""
    found: dict[tuple[str, str | None], list[Node]] = {}
    for catcher in singles(catchers):
        element = reading.element(catcher)
        if element.message is not None:
            key = element.correlation_key.text if by_key and element.correlation_key is not None else None
            found.setdefault((element.message, key), []).append(catcher)
    for (message, _), same in found.items():
        for catcher in same if len(same) > 1 else ():
            reading.notes.error(
                "message-caught-twice",
                catcher,
                Text("Another event beside it waits for the same message “{name}”: which one should?", name=message),
                Text("Keep one and draw a gateway after it, or give the messages different names."),
            )


def errors(reading: Reading) -> None:
    """An error that is thrown is one of the file's; a caught one too, unless it means any error."""
    known = reading.process.drawing.errors
    for node in reading.process.singles():
        if node.event != "error":
            continue
        ref = bare(node.definitions[0].get("errorRef"))
        if not ref and node.kind == "endEvent":
            reason = Text("It ends with an error, but doesn't say which.")
            remedy = Text("Choose or create an error with a code in the modeler's properties.")
            reading.notes.error("error-missing", node, reason, remedy)
        elif ref and ref not in known:
            reason = Text("It refers to the error “{id}”, which is not in the file.", id=ref[:80])
            reading.notes.error("reference-dangling", node, reason, Text("Choose the error again in the modeler."))


def error_interruption(reading: Reading) -> None:
    """An error always interrupts."""
    for node in reading.process.singles():
        if node.event == "error" and node.kind in ("boundaryEvent", "startEvent") and not node.interrupting:
            reading.notes.error(
                "error-not-interrupting",
                node,
                Text("An error always interrupts; it can't be caught while the work goes on."),
                Text("Make the event interrupting, or use a message."),
            )


def errors_caught_twice(reading: Reading) -> None:
    """Two catchers of the same error at one place: it would be open which one gets it."""
    for catcher in caught_twice("error", reading, lambda element: element.error_code):
        reading.notes.error(
            "error-caught-twice",
            catcher,
            Text(
                "Another event beside it catches the same error {code}: which one should?",
                code=reading.element(catcher).error_code or "",
            ),
            Text("Keep one of the two."),
        )


def caught_twice(event: str, reading: Reading, code_of: Callable[[Element], str | None]) -> Iterator[Node]:
    """The catchers of errors or escalations that stand at one place with another one for the same code."""
    places = [node.boundaries for node in reading.process.singles()]
    for scope in reading.process.scopes():
        handlers = [h.inner for h in scope.event_sub_processes() if h.inner is not None]
        places.append([start for inner in handlers for start in inner.starts()])
    for place in places:
        catchers = [c for c in singles(place) if c.event == event]
        codes = Counter(code_of(reading.element(c)) for c in catchers)
        yield from (c for c in catchers if codes[code_of(reading.element(c))] > 1)


def errors_uncaught(reading: Reading) -> None:
    """An error end that nothing around it catches ends the whole case as failed."""
    for node in reading.process.singles():
        if node.kind != "endEvent" or node.event != "error":
            continue
        code = reading.element(node).error_code
        if code is not None and not _is_caught(node, code, reading):
            reading.notes.warning(
                "error-uncaught",
                node,
                Text("Nothing in the diagram catches the error {code}: the case would end as failed.", code=code),
                Text("Put an error boundary event with this code on the sub-process around it."),
            )


def _is_caught(node: Node, code: str, reading: Reading) -> bool:
    scope = node.scope
    inside = scope.node  # an event sub-process doesn't catch what it throws itself
    while True:
        catchers = [s for h in scope.event_sub_processes() if h is not inside and h.inner for s in h.inner.starts()]
        if scope.node is not None:
            catchers += scope.node.boundaries
        if any(c.event == "error" and reading.element(c).error_code in (None, code) for c in singles(catchers)):
            return True
        if scope.parent is None:
            return False
        inside, scope = scope.node, scope.parent


def boundaries_without_time(reading: Reading) -> None:
    """Nothing can happen to an activity that takes no time: its timers and messages would never come."""
    for node in reading.process.singles():
        for boundary in singles(node.boundaries) if node.kind in _AT_ONCE else ():
            if boundary.event in ("timer", "message", "signal", "conditional"):
                reading.notes.warning(
                    "boundary-never",
                    boundary,
                    Text("“{task}” is done at once: this event can never happen.", task=node.name or node.id),
                    Text("Make it a user, service or receive task if it takes time, or delete the event."),
                )


def conditions(reading: Reading) -> None:
    """A conditional event has a condition."""
    for node in reading.process.singles():
        if node.event == "conditional" and not text_of(child(node.definitions[0], "condition")):
            reason = Text("It waits for a condition, but says none.")
            remedy = Text("Write the condition in FEEL, for example amount > 1000.")
            reading.notes.error("condition-missing", node, reason, remedy)


def links(reading: Reading) -> None:
    """Each link that is thrown has exactly one place in the same scope where it comes out."""
    for scope in reading.process.scopes():
        links = [n for n in scope.nodes if n.event == "link"]
        throws = [n for n in links if n.kind == "intermediateThrowEvent"]
        catches = [n for n in links if n.kind == "intermediateCatchEvent"]
        names = Counter(link_name(n) for n in catches)
        for node in throws:
            if names[link_name(node)] == 0:
                reason = Text("The link “{name}” comes out nowhere in this scope.", name=link_name(node))
                remedy = Text("Draw a catching link event with the same name beside it.")
                reading.notes.error("link-dangling", node, reason, remedy)
        for node in catches:
            if names[link_name(node)] > 1:
                reason = Text(
                    "The link “{name}” comes out in {count} places.", name=link_name(node), count=names[link_name(node)]
                )
                reading.notes.error("link-twice", node, reason, Text("Keep one, or use several names."))
        for node in links:
            _link_shape(node, reading)


def _link_shape(node: Node, reading: Reading) -> None:
    if not link_name(node):
        reason = Text("The link has no name.")
        reading.notes.error("link-unnamed", node, reason, Text("Give both ends of the link the same name."))
    if node.kind == "intermediateThrowEvent" and node.outgoing:
        reason = Text("A flow leaves this link; the way goes on where the link comes out.")
        reading.notes.error("flow-forbidden", node, reason, Text("Delete the flow."))
    if node.kind == "intermediateCatchEvent" and node.incoming:
        reason = Text("A flow leads to this link event; it is entered by its link only.")
        reading.notes.error("flow-forbidden", node, reason, Text("Let the flow lead to the element after it."))


RULES = (
    messages,
    messages_caught_twice,
    errors,
    error_interruption,
    errors_caught_twice,
    errors_uncaught,
    boundaries_without_time,
    conditions,
    links,
)
