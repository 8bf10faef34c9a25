"""Rules about signals: which is meant, and that it is open to nobody which catcher goes on."""

from __future__ import annotations

from engine.intake.drawing import Node, singles
from engine.intake.lint.events import MAX_MESSAGE
from engine.intake.reading import Reading
from engine.intake.xml import bare
from engine.texts import Text


def signals(reading: Reading) -> None:
    """Whatever throws or waits for a signal names one."""
    known = reading.process.drawing.signals
    for node in reading.process.singles():
        if node.event != "signal":
            continue
        ref = bare(node.definitions[0].get("signalRef"))
        name = reading.element(node).signal
        if not ref:
            reason = Text("It says nowhere which signal is meant.")
            remedy = Text("Choose or create a signal in the modeler's properties.")
            reading.notes.error("signal-missing", node, reason, remedy)
        elif ref not in known:
            reason = Text("It refers to the signal “{id}”, which is not in the file.", id=ref[:80])
            reading.notes.error("reference-dangling", node, reason, Text("Choose the signal again in the modeler."))
        elif name is None:
            reason = Text("Its signal has no name.")
            remedy = Text("Name the signal, for example network.down: the name is how it is found.")
            reading.notes.error("signal-unnamed", node, reason, remedy)
        elif len(name) > MAX_MESSAGE:
            reason = Text("Its signal's name is longer than {limit} characters.", limit=MAX_MESSAGE)
            remedy = Text("Give the signal a short name, for example network.down.")
            reading.notes.error("name-too-long", node, reason, remedy)


def signals_caught_twice(reading: Reading) -> None:
    """Two catchers of a signal at one place both get it; when one stops the other, it would be open which goes on."""
    for node in reading.process.singles():
        _same(node.boundaries, reading)
        if node.kind == "eventBasedGateway":
            after = {e.target for e in node.outgoing}
            _same([n for n in node.scope.nodes if n.id in after], reading)
    for scope in reading.process.scopes():
        handlers = [h.inner for h in scope.event_sub_processes() if h.inner is not None]
        _same([s for inner in handlers for s in inner.starts()], reading)


def _same(catchers: list[Node], reading: Reading) -> None:
    found: dict[str, list[Node]] = {}
    for catcher in singles(catchers):
        signal = reading.element(catcher).signal
        if signal is not None:
            found.setdefault(signal, []).append(catcher)
    for signal, same in found.items():
        for catcher in same if len(same) > 1 and any(c.interrupting for c in same) else ():
            reading.notes.error(
                "signal-caught-twice",
                catcher,
                Text("Another event beside it waits for the same signal “{name}”: which one should?", name=signal),
                Text("Keep one and draw a gateway after it, or give the signals different names."),
            )


RULES = (signals, signals_caught_twice)
