"""What one process says, as far as it was read: the working notes that the rules judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definitions import Correlation, Element, Flow
from engine.feel import Expression
from engine.handlers import HandlerRegistry
from engine.intake.drawing import Node, Process
from engine.intake.expressions import Expressions
from engine.intake.library import Library
from engine.intake.notes import Notes


@dataclass(slots=True)
class Reading:
    """What one process says, and the means to judge it: rules get this."""

    process: Process
    notes: Notes
    expressions: Expressions
    handlers: HandlerRegistry
    library: Library
    elements: dict[str, Element]
    flows: dict[str, Flow]
    lanes: dict[str, str]
    register: str | None = None
    business_key: Expression | None = None
    owner: str | None = None
    starters: tuple[str, ...] = ()
    begun: frozenset[str] = frozenset()  # what a case can begin with, though it is no start event
    data: dict[str, Expression | None] = field(default_factory=dict)  # of the process itself
    correlations: dict[str, Correlation] = field(default_factory=dict)  # by message name

    def element(self, node: Node) -> Element:
        element = self.elements[node.id]
        return element if node.trigger is None else element.triggers[node.trigger]


class Part:
    """One side of a node while it is read, with the means to read it."""

    def __init__(self, node: Node, own: Mapping[str, str], reading: Reading) -> None:
        self.node = node
        self.own = own
        self.reading = reading
        self.notes = reading.notes
        self.expressions = reading.expressions
