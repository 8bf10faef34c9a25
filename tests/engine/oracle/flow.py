"""Blocks around gateways and events: how tokens part, meet, wait and end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from tests.engine.oracle.game import Block, Game, Label, Scope, Token
from tests.engine.oracle.pen import Ends, Pen


@dataclass(eq=False)
class Seq(Block):
    """One after the other."""

    blocks: list[Block]

    def parts(self) -> list[Block]:
        return self.blocks

    def draw(self, pen: Pen) -> Ends:
        drawn = [block.draw(pen) for block in self.blocks]
        for before, after in pairwise(drawn):
            pen.connect(before.lasts, after.firsts)
        return Ends(drawn[0].firsts, drawn[-1].lasts)

    def enter(self, token: Token, game: Game) -> None:
        self.send(self.blocks[0], token, game)

    def left(self, part: Block, token: Token, game: Game) -> None:
        if part is self.blocks[-1]:
            self.leave(token, game)
        else:
            self.send(self.blocks[part.place + 1], token, game)


@dataclass(eq=False)
class Xor(Block):
    """One of several, by conditions; merged by a gateway or, `merge=False`, just by flows."""

    blocks: list[Block]
    merge: bool = True

    def parts(self) -> list[Block]:
        return self.blocks

    def draw(self, pen: Pen) -> Ends:
        split, drawn = self.id("s"), [block.draw(pen) for block in self.blocks]
        default = pen.spare("f")
        pen.gate("exclusive", split, default=default)
        for place, part in enumerate(drawn[:-1]):
            _choice(pen, split, part.firsts, f"modulo(choice, {len(drawn)}) = {place}")
        _choice(pen, split, drawn[-1].firsts, "", default)
        return Ends([split], _merged(pen, drawn, "exclusive", self))

    def enter(self, token: Token, game: Game) -> None:
        self.send(self.blocks[game.choice % len(self.blocks)], token, game)


@dataclass(eq=False)
class And(Block):
    """All at once; without `split` several flows leave what comes before, without `join` each goes on for itself."""

    blocks: list[Block]
    split: bool = True
    join: bool = True

    def parts(self) -> list[Block]:
        return self.blocks

    def draw(self, pen: Pen) -> Ends:
        drawn = [block.draw(pen) for block in self.blocks]
        firsts = [first for part in drawn for first in part.firsts]
        if self.split:
            gate = pen.gate("parallel", self.id("s"))
            for first in firsts:
                pen.flow(gate, first)
            firsts = [gate]
        return Ends(firsts, _merged(pen, drawn, "parallel", self))

    @property
    def merge(self) -> bool:
        return self.join

    def enter(self, token: Token, game: Game) -> None:
        _fork(self, self.blocks, token, game)

    def left(self, part: Block, token: Token, game: Game) -> None:
        if not self.join:
            return self.leave(token, game)
        token.parked, token.at = part.place, self
        waiting = _parked(self, token.scope)
        if len(waiting) == len(self.blocks):
            _go_on(self, waiting, game)
        return None


@dataclass(eq=False)
class Or(Block):
    """Those whose conditions are true, else the last; `by_task`: conditional flows out of a task instead of a gateway.

    The join waits for all tokens that may still come by a flow that has brought none (§13.4.3): here, for those in
    the parts that it has no token of.
    """

    blocks: list[Block]
    by_task: bool = False

    def parts(self) -> list[Block]:
        return self.blocks

    def draw(self, pen: Pen) -> Ends:
        split, drawn = self.id("s"), [block.draw(pen) for block in self.blocks]
        default = pen.spare("f")
        if self.by_task:
            pen.node("userTask", split, attributes=f'default="{default}"', role="staff", **self.assigned())
        else:
            pen.gate("inclusive", split, default=default)
        for place, part in enumerate(drawn[:-1]):
            _choice(pen, split, part.firsts, f"modulo(floor(choice / {2**place}), 2) = 1")
        _choice(pen, split, drawn[-1].firsts, "", default)
        return Ends([split], _merged(pen, drawn, "inclusive", self))

    merge = True

    def enter(self, token: Token, game: Game) -> None:
        if self.by_task:
            token.stage = "asked"
        else:
            self._split(token, game)

    def waits(self, token: Token) -> list[Label]:
        return [(self.id("s"), self.whom(token))] if token.stage == "asked" else []

    def happen(self, token: Token, index: int, answer: int, game: Game) -> None:
        game.choice, token.stage = answer, ""
        self._split(token, game)

    def _split(self, token: Token, game: Game) -> None:
        chosen = [b for b in self.blocks[:-1] if game.choice // 2**b.place % 2 == 1]
        _fork(self, chosen or self.blocks[-1:], token, game)

    def left(self, part: Block, token: Token, game: Game) -> None:
        token.parked, token.at = part.place, self

    def wake(self, scope: Scope, game: Game) -> bool:
        """Go on if tokens have come and no more can."""
        waiting = _parked(self, scope)
        if not waiting or {self.branch_of(token) for token in scope.tokens} - {None, *waiting}:
            return False
        _go_on(self, waiting, game)
        return True


def _choice(pen: Pen, split: str, firsts: list[str], when: str, identity: str | None = None) -> None:
    """Draw the way to one part of a choice; where that begins in several places, to a fork."""
    if len(firsts) > 1:
        fork = pen.gate("parallel", pen.spare("l"))
        for first in firsts:
            pen.flow(fork, first)
        firsts = [fork]
    pen.flow(split, firsts[0], when=when, identity=identity)


def _merged(pen: Pen, drawn: list[Ends], kind: str, block: Xor | And | Or) -> list[str]:
    """Draw the join; each part comes to it by one flow."""
    if not block.merge:
        return [last for part in drawn for last in part.lasts]
    join = pen.gate(kind, block.id("j"))
    for part in drawn:
        if len(part.lasts) > 1 and kind != "exclusive":
            merge = pen.gate("exclusive", pen.spare("k"))
            pen.connect(part.lasts, [merge])
            pen.flow(merge, join)
        else:
            for last in part.lasts:
                pen.flow(last, join)
    return [join]


def _fork(block: Block, parts: list[Block], token: Token, game: Game) -> None:
    others = [token.scope.token(part, aside=token.aside) for part in parts[1:]]
    for part, each in zip(parts, [token, *others], strict=True):
        block.send(part, each, game)


def _parked(block: Block, scope: Scope) -> dict[int | None, Token]:
    """The first token at a join for each of its flows that has brought one."""
    found: dict[int | None, Token] = {}
    for token in scope.tokens:
        if token.at is block and token.parked is not None:
            found.setdefault(token.parked, token)
    return found


def _go_on(block: Block, waiting: dict[int | None, Token], game: Game) -> None:
    """One token goes on for all."""
    first, *rest = waiting.values()
    for token in rest:
        token.gone = True
        token.scope.tokens.remove(token)
    first.parked = None
    block.leave(first, game)


@dataclass(eq=False)
class Loop(Block):
    """Again and again by a flow back, while somebody, asked after each round, says so."""

    block: Block

    def parts(self) -> list[Block]:
        return [self.block]

    def draw(self, pen: Pen) -> Ends:
        body, default = self.block.draw(pen), pen.spare("f")
        merge = pen.gate("exclusive", self.id("m"))
        asked = pen.node("userTask", self.id("t"), role="staff", **self.assigned())
        again = pen.gate("exclusive", self.id("d"), default=default)
        out = pen.node("intermediateThrowEvent", self.id("x"))
        pen.connect([merge], body.firsts)
        pen.connect(body.lasts, [asked])
        pen.flow(asked, again)
        pen.flow(again, merge, when="modulo(choice, 3) = 1")
        pen.flow(again, out, identity=default)
        return Ends([merge], [out])

    def enter(self, token: Token, game: Game) -> None:
        self.send(self.block, token, game)

    def left(self, part: Block, token: Token, game: Game) -> None:
        token.at, token.stage = self, "asked"

    def waits(self, token: Token) -> list[Label]:
        return [(self.id("t"), self.whom(token))] if token.stage == "asked" else []

    def happen(self, token: Token, index: int, answer: int, game: Game) -> None:
        game.choice, token.stage = answer, ""
        if answer % 3 == 1:
            self.send(self.block, token, game)
        else:
            self.leave(token, game)


@dataclass(eq=False)
class Link(Block):
    """A way on that is not drawn as a line."""

    def draw(self, pen: Pen) -> Ends:
        name = f'<bpmn:linkEventDefinition name="L{self.number}"/>'
        throw = pen.node("intermediateThrowEvent", self.id("u"), name)
        return Ends([throw], [pen.node("intermediateCatchEvent", self.id("v"), name)])

    def enter(self, token: Token, game: Game) -> None:
        self.leave(token, game)


@dataclass(eq=False)
class Catch(Block):
    """Waits for a message, a signal or the clock."""

    kind: str
    signal: str = "red"

    def draw(self, pen: Pen) -> Ends:
        name = self.signal if self.kind == "signal" else f"n{self.number}"
        identity = self.id("c")
        return Ends([pen.catcher("intermediateCatchEvent", identity, self.kind, name)], [identity])

    def enter(self, token: Token, game: Game) -> None:
        pass

    def waits(self, token: Token) -> list[Label]:
        return [(self.id("c"), None)]

    def signal_of(self, token: Token, index: int) -> str | None:
        return self.signal if self.kind == "signal" else None

    def happen(self, token: Token, index: int, answer: int, game: Game) -> None:
        self.leave(token, game)


@dataclass(eq=False)
class Race(Block):
    """An event gateway: the first event that comes says which part runs; `receive` is a receive task."""

    kinds: list[str]
    blocks: list[Block]
    signal: str = "blue"

    def parts(self) -> list[Block]:
        return self.blocks

    def draw(self, pen: Pen) -> Ends:
        gate = pen.gate("eventBased", self.id("g"))
        drawn = [block.draw(pen) for block in self.blocks]
        for place, (kind, part) in enumerate(zip(self.kinds, drawn, strict=True)):
            event = self._event(pen, kind, place)
            pen.flow(gate, event)
            pen.connect([event], part.firsts)
        merge = pen.gate("exclusive", self.id("j"))
        for part in drawn:
            pen.connect(part.lasts, [merge])
        return Ends([gate], [merge])

    def _event(self, pen: Pen, kind: str, place: int) -> str:
        name, identity = f"n{self.number}_{place}", self._name(place)
        if kind == "receive":
            pen.definition("message", name)
            return pen.node(
                "receiveTask", identity, attributes=f'messageRef="message_{name}"', correlation_key="number"
            )
        return pen.catcher("intermediateCatchEvent", identity, kind, self.signal if kind == "signal" else name)

    def _name(self, place: int) -> str:
        return self.id(f"e{place}_")

    def enter(self, token: Token, game: Game) -> None:
        pass

    def waits(self, token: Token) -> list[Label]:
        return [(self._name(place), None) for place in range(len(self.kinds))]

    def signal_of(self, token: Token, index: int) -> str | None:
        return self.signal if self.kinds[index] == "signal" else None

    def happen(self, token: Token, index: int, answer: int, game: Game) -> None:
        self.send(self.blocks[index], token, game)


@dataclass(eq=False)
class Throw(Block):
    """Somebody does something, then an event is thrown on the way: `what` is a signal, a code, a message's name.

    `often`: each time, and the token goes on; else only if the choice says so, and the token ends with it.
    """

    kind: str
    what: str | None = None
    often: bool = True

    def draw(self, pen: Pen) -> Ends:
        task = pen.node("userTask", self.id("t"), role="staff", **self.assigned())
        definition = pen.definition(self.kind, self.what) if self.kind != "none" else ""
        thrown = self.id("x")
        if self.often:
            pen.flow(task, pen.node("intermediateThrowEvent", thrown, definition))
            return Ends([task], [thrown])
        default = pen.spare("f")
        gate = pen.gate("exclusive", self.id("q"), default=default)
        passed = pen.node("intermediateThrowEvent", self.id("y"))
        pen.flow(task, gate)
        pen.flow(gate, pen.node("endEvent", thrown, definition), when="modulo(choice, 4) = 2")
        pen.flow(gate, passed, identity=default)
        return Ends([task], [passed])

    def enter(self, token: Token, game: Game) -> None:
        token.stage = "asked"

    def waits(self, token: Token) -> list[Label]:
        return [(self.id("t"), self.whom(token))] if token.stage == "asked" else []

    def happen(self, token: Token, index: int, answer: int, game: Game) -> None:
        game.choice, token.stage = answer, ""
        if self.often or answer % 4 == 2:
            self._throw(token, game)
        if token.gone:
            return
        if self.often or answer % 4 != 2:
            self.leave(token, game)
        else:
            game.soon(lambda: game.end(token), token)

    def _throw(self, token: Token, game: Game) -> None:
        if self.kind == "error":
            game.error(token, self.what or "")
        elif self.kind == "escalation":
            game.escalate(token, self.what or "")
        elif self.kind == "signal":
            game.broadcast(self.what or "")
        elif self.kind == "terminate":
            scope = token.scope
            game.clear(scope)
            game.look(scope)
