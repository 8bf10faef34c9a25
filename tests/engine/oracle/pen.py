"""Drawing: strokes in any order, ids of any kind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.engine.diagrams import properties

_CORE = ("Start", "End", "Root", "main.EndJoin")  # ids that other engines use themselves
_WORDS = ("prüfe", "a-b", "任务", "x.1", "Task_0k", "end")
_GATEWAYS = ("exclusiveGateway", "inclusiveGateway", "eventBasedGateway")


@dataclass(frozen=True)
class Ends:
    """Where flows lead to a block, and where they leave it."""

    firsts: list[str]
    lasts: list[str]


class Names:
    """Ids: plain ones for seed 0, strange ones else; the same wherever they are asked for."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, role: str, number: int) -> str:
        if self.seed == 0:
            return f"{role}{number}"
        if role == "t" and number <= len(_CORE) and self.seed % 3 == 0:
            return _CORE[number - 1]
        word = random.Random(f"{self.seed} {role} {number}").choice(_WORDS)
        return f"{word}_{role}{number}"


class Pen:
    """Collects strokes scope by scope; each scope's are shuffled in the end, unless the seed is 0."""

    def __init__(self, seed: int = 0) -> None:
        self.names = Names(seed)
        self.dice = random.Random(seed) if seed else None
        self.sheets: list[list[str]] = [[]]
        self.kinds: dict[str, str] = {}
        self.reached: set[str] = set()
        self.spares = 0
        self.beside: set[str] = set()  # messages, errors, escalations, signals

    # --- strokes ------------------------------------------------------------------------------------------------

    def node(self, kind: str, identity: str, inner: str = "", /, *, attributes: str = "", **own: str) -> str:
        """Draw a node; return its id."""
        extension = properties(**own) if own else ""
        self.kinds[identity] = kind
        self.sheets[-1].append(f'<bpmn:{kind} id="{identity}" {attributes}>{extension}{inner}</bpmn:{kind}>')
        return identity

    def gate(self, kind: str, identity: str, *, default: str = "") -> str:
        """Draw a gateway."""
        return self.node(f"{kind}Gateway", identity, attributes=f'default="{default}"' if default else "")

    def spare(self, role: str) -> str:
        """An id for a flow, or for a gateway that belongs to no block."""
        self.spares += 1
        return self.names.of(role, self.spares)

    def flow(self, source: str, target: str, *, when: str = "", identity: str | None = None) -> None:
        """Draw one flow."""
        identity = identity or self.spare("f")
        inner = f"<bpmn:conditionExpression>{when}</bpmn:conditionExpression>" if when else ""
        self.reached.add(target)
        self.sheets[-1].append(
            f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        )

    def connect(self, lasts: list[str], firsts: list[str]) -> None:
        """Draw the flows between what comes first and what comes next.

        Several from one node are an implicit split and several to one an implicit merge: where a gateway would make
        something else of that, one is drawn between.
        """
        if len(lasts) > 1 and any(self.kinds[f] in ("parallelGateway", "inclusiveGateway") for f in firsts):
            lasts = self._between("exclusive", lasts, "k")
        if len(firsts) > 1 and any(self.kinds[last] in _GATEWAYS for last in lasts):
            merged = self._between("exclusive", lasts, "k") if len(lasts) > 1 else lasts
            lasts = self._between("parallel", merged, "l")
        for last in lasts:
            for first in firsts:
                self.flow(last, first)

    def _between(self, kind: str, lasts: list[str], role: str) -> list[str]:
        gate = self.gate(kind, self.spare(role))
        for last in lasts:
            self.flow(last, gate)
        return [gate]

    @contextmanager
    def sheet(self) -> Iterator[list[str]]:
        """Draw a scope of its own; the list holds its XML in the end."""
        result: list[str] = []
        self.sheets.append([])
        yield result
        strokes = self.sheets.pop()
        if self.dice is not None:
            self.dice.shuffle(strokes)
        result.append("".join(strokes))

    # --- definitions of events ----------------------------------------------------------------------------------

    def definition(self, kind: str, name: str | None) -> str:
        """The definition of an event: of a message or signal by name, an error or escalation by code or for all."""
        if kind in ("duration", "cycle"):
            text = "PT1H" if kind == "duration" else "R/PT1H"
            tag = kind.capitalize()
            return f"<bpmn:timerEventDefinition><bpmn:time{tag}>{text}</bpmn:time{tag}></bpmn:timerEventDefinition>"
        if kind == "terminate":
            return "<bpmn:terminateEventDefinition/>"
        if name is None:
            return f"<bpmn:{kind}EventDefinition/>"
        identity = f"{kind}_{name}"
        code = f' {kind}Code="{name}"' if kind in ("error", "escalation") else ""
        self.beside.add(f'<bpmn:{kind} id="{identity}" name="{name}"{code}/>')
        return f'<bpmn:{kind}EventDefinition {kind}Ref="{identity}"/>'

    def catcher(self, node_kind: str, identity: str, kind: str, name: str | None, *, attributes: str = "") -> str:
        """Draw an event that waits; messages are for the case with this number."""
        own = {"correlation_key": "number"} if kind == "message" else {}
        return self.node(node_kind, identity, self.definition(kind, name), attributes=attributes, **own)
