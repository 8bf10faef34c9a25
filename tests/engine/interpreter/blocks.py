"""Random block-structured diagrams, drawn from a small grammar, and an oracle that plays them.

The oracle knows nothing of flows, joins or the interpreter: it rewrites the blocks themselves. So both can only agree
when what is drawn is what runs.

```
block = task | [block …] | xor of blocks | and of blocks | or of blocks | loop of block | sub-process of block
```

Tasks and sub-processes may have a border event (message or timer, interrupting or not) that leads to a task. Choices
read the variable `choice`, which every completed task sets anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.engine.interpreter.drawing import boundary, condition, message, nodes, sub, timer

Block = tuple[Any, ...]
BORDERS = st.sampled_from([None, None, ("message", True), ("message", False), ("timer", True), ("timer", False)])
TASKS = st.tuples(st.just("task"), BORDERS)


def _bigger(smaller: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(smaller, min_size=2, max_size=3)
    return st.one_of(
        *(st.tuples(st.just(kind), several) for kind in ("seq", "xor", "and", "or")),
        st.tuples(st.just("loop"), smaller),
        st.tuples(st.just("sub"), smaller, BORDERS),
    )


def _ending_in_a_task(block: Block) -> Block:
    """With a task behind it, a block that lets one token too many through is seen."""
    return "seq", [block, ("task", None)]


BLOCKS: st.SearchStrategy[Block] = _bigger(st.recursive(TASKS, _bigger, max_leaves=8)).map(_ending_in_a_task)


# --- drawing ------------------------------------------------------------------------------------------------------


@dataclass
class Drawing:
    """Draws blocks; every block gets a number, in the order in which the oracle numbers them, too."""

    count: int = 0
    flow_count: int = 0

    def process(self, block: Block) -> str:
        body, first, last = self.block(block)
        return nodes(startEvent="start", endEvent="end") + body + self.flow("start", first) + self.flow(last, "end")

    def flow(self, source: str, target: str, feel: str = "") -> str:
        self.flow_count += 1
        identity = f"f{self.flow_count}"
        if feel:
            return condition(identity, source, target, feel)
        return f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}"/>'

    def block(self, block: Block) -> tuple[str, str, str]:
        """Return the XML of a block, and the ids of its first and last node."""
        self.count += 1
        number = self.count
        draw = getattr(self, f"_{block[0]}")
        drawn: tuple[str, str, str] = draw(number, *block[1:])
        return drawn

    def _task(self, number: int, border: Any) -> tuple[str, str, str]:
        name = f"t{number}"
        return self._bordered(nodes(userTask=name), name, number, border)

    def _seq(self, number: int, blocks: list[Block]) -> tuple[str, str, str]:
        drawn = [self.block(b) for b in blocks]
        joints = "".join(self.flow(a[2], b[1]) for a, b in pairwise(drawn))
        return "".join(d[0] for d in drawn) + joints, drawn[0][1], drawn[-1][2]

    def _and(self, number: int, blocks: list[Block]) -> tuple[str, str, str]:
        return self._fork(number, blocks, "parallelGateway", "parallelGateway", "")

    def _xor(self, number: int, blocks: list[Block]) -> tuple[str, str, str]:
        test = f"modulo(choice, {len(blocks)}) = %d"
        return self._fork(number, blocks, "exclusiveGateway", "exclusiveGateway", test)

    def _or(self, number: int, blocks: list[Block]) -> tuple[str, str, str]:
        return self._fork(
            number, blocks, "inclusiveGateway", "inclusiveGateway", "modulo(floor(choice / 2 ** %d), 2) = 1"
        )

    def _fork(self, number: int, blocks: list[Block], split: str, join: str, test: str) -> tuple[str, str, str]:
        drawn = [self.block(b) for b in blocks]
        body = "".join(d[0] for d in drawn) + "".join(self.flow(d[2], f"j{number}") for d in drawn)
        default = ""
        for place, part in enumerate(drawn):
            is_last = place == len(drawn) - 1
            body += self.flow(f"s{number}", part[1], "" if is_last or not test else test % place)
            default = f' default="f{self.flow_count}"' if test else ""
        gates = f'<bpmn:{split} id="s{number}"{default}/><bpmn:{join} id="j{number}"/>'
        return gates + body, f"s{number}", f"j{number}"

    def _loop(self, number: int, block: Block) -> tuple[str, str, str]:
        body, first, last = self.block(block)
        body += nodes(exclusiveGateway=f"m{number} x{number}") + self.flow(f"m{number}", first)
        body += self.flow(last, f"d{number}") + self.flow(f"d{number}", f"m{number}", "modulo(choice, 3) = 1")
        body += self.flow(f"d{number}", f"x{number}")
        gate = f'<bpmn:exclusiveGateway id="d{number}" default="f{self.flow_count}"/>'
        return gate + body, f"m{number}", f"x{number}"

    def _sub(self, number: int, block: Block, border: Any) -> tuple[str, str, str]:
        body, first, last = self.block(block)
        inner = nodes(startEvent=f"a{number}", endEvent=f"z{number}") + body
        inner += self.flow(f"a{number}", first) + self.flow(last, f"z{number}")
        return self._bordered(sub(f"p{number}", inner), f"p{number}", number, border)

    def _bordered(self, xml: str, name: str, number: int, border: Any) -> tuple[str, str, str]:
        if border is None:
            return xml, name, name
        kind, interrupting = border
        definition = message("ping") if kind == "message" else timer("Duration", "PT1H")
        xml += boundary(f"b{number}", name, definition, cancel=interrupting) + nodes(userTask=f"h{number}")
        xml += self.flow(f"b{number}", f"h{number}")
        if not interrupting:
            return xml + nodes(endEvent=f"g{number}") + self.flow(f"h{number}", f"g{number}"), name, name
        merged = nodes(exclusiveGateway=f"j{number}") + self.flow(name, f"j{number}")
        return xml + merged + self.flow(f"h{number}", f"j{number}"), name, f"j{number}"


# --- playing ------------------------------------------------------------------------------------------------------


class Oracle:
    """Plays a block: what is open, and what becomes of it."""

    def __init__(self, block: Block, choice: int) -> None:
        self.choice = choice
        counter = iter(range(1, 10_000))
        self.root = _Playing(self, None, (0, "sub", (_numbered(block, counter), None)))
        self.root.enter()

    @property
    def open(self) -> list[str]:
        return sorted(self.root.open())

    def do(self, element: str, choice: int) -> None:
        """Finish a task (which sets the choice), or let a border event come (which doesn't)."""
        if element[0] in "th":
            self.choice = choice
        assert self.root.do(element)


def _numbered(block: Block, counter: Iterator[int]) -> Block:
    """Number a block and its parts in the order in which they are drawn."""
    own, kind = next(counter), block[0]
    if kind == "task":
        return own, kind, (None, block[1])
    if kind in ("loop", "sub"):
        return own, kind, (_numbered(block[1], counter), *block[2:])
    return own, kind, ([_numbered(part, counter) for part in block[1]],)


@dataclass
class _Playing:
    """A block being played: its parts, and for a scope the handlers' tasks beside them."""

    oracle: Oracle
    parent: _Playing | None
    block: Block
    parts: list[_Playing] = field(default_factory=list)
    place: int = 0
    phase: str = "running"  # or "handling" after an interruption, or "done"
    is_armed: bool = True
    aside: list[str] = field(default_factory=list)

    def enter(self) -> None:
        _, kind, inner = self.block
        choice = self.oracle.choice
        if kind == "seq":
            self._play(inner[0][:1])
        elif kind == "and":
            self._play(inner[0])
        elif kind == "xor":
            self._play([inner[0][choice % len(inner[0])]])
        elif kind == "or":
            chosen = [part for i, part in enumerate(inner[0][:-1]) if choice // 2**i % 2 == 1]
            self._play(chosen or inner[0][-1:])
        elif kind != "task":
            self._play([inner[0]])

    def _play(self, blocks: list[Block]) -> None:
        self.parts = [_Playing(self.oracle, self, block) for block in blocks]
        for part in self.parts:
            part.enter()

    def open(self) -> list[str]:
        number, kind, inner = self.block
        if self.phase != "running":
            return [f"h{number}"] if self.phase == "handling" else []
        found = [*self.aside, *(element for part in self.parts for element in part.open())]
        if kind == "task":
            found.append(f"t{number}")
        if kind in ("task", "sub") and inner[1] is not None and self.is_armed:
            found.append(f"b{number}")
        return found

    def do(self, element: str) -> bool:
        """Do what belongs to this block; False when it belongs elsewhere."""
        if element not in self.open():
            return False
        number, _, inner = self.block
        if element == f"b{number}":
            self._border(*inner[1])
        elif element in self.aside:
            self.aside.remove(element)
            self._scope_check()
        elif element in (f"t{number}", f"h{number}"):
            self._finish()
        else:
            return any(part.do(element) for part in self.parts)
        return True

    def _border(self, kind: str, interrupting: bool) -> None:
        if interrupting:
            self.phase, self.parts, self.aside = "handling", [], []
            return
        self.is_armed = kind == "message"
        assert self.parent is not None
        scope = self.parent
        while scope.block[1] != "sub":
            assert scope.parent is not None
            scope = scope.parent
        scope.aside.append(f"h{self.block[0]}")

    def _finish(self) -> None:
        self.phase = "done"
        if self.parent is not None:
            self.parent._part_done()

    def _part_done(self) -> None:
        _, kind, inner = self.block
        if any(part.phase != "done" for part in self.parts):
            return
        if kind == "seq" and self.place + 1 < len(inner[0]):
            self.place += 1
            self._play([inner[0][self.place]])
        elif kind == "loop" and self.oracle.choice % 3 == 1:
            self._play([inner[0]])
        elif kind == "sub":
            self._scope_check()
        else:
            self._finish()

    def _scope_check(self) -> None:
        if not self.aside and all(part.phase == "done" for part in self.parts):
            self._finish()
