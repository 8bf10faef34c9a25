"""Activities with what is at their borders, sub-processes with their event sub-processes, and the process itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.engine.diagrams import diagram
from tests.engine.oracle.flow import Or
from tests.engine.oracle.game import Block, Catcher, Game, Label, Scope, Static, Token
from tests.engine.oracle.markers import Marker
from tests.engine.oracle.pen import Ends, Names, Pen

AT_ONCE = frozenset({"task", "scriptTask", "sendTask"})


@dataclass(eq=False)
class Border(Static):
    """An event at the border, and a task for somebody who deals with it.

    `kind`: message · duration · cycle · signal · error · escalation. `back`: from there the way leads back to behind
    the activity; else it ends.
    """

    kind: str
    interrupting: bool = True
    back: bool = True
    what: str | None = None  # the signal or code, None: any code
    place: int = 0

    @property
    def waits(self) -> bool:
        return self.kind not in ("error", "escalation")

    @property
    def fires_once(self) -> bool:
        return self.interrupting or self.kind == "duration"


@dataclass(eq=False)
class Activity(Block):
    """A task, or with `body` a sub-process, perhaps run several times."""

    kind: str = "userTask"
    body: Block | None = None
    handlers: list[Handler] = field(default_factory=list)
    bare: bool = False  # a sub-process without start and end event, where that is possible
    borders: list[Border] = field(default_factory=list)
    marker: Marker | None = None

    def parts(self) -> list[Block]:
        return [part for part in (self.body, *self.handlers) if part is not None]

    @property
    def is_scope(self) -> bool:  # type: ignore[override]
        return self.body is not None

    @property
    def has_items(self) -> bool:
        """Whether each of its runs has an item."""
        return self.marker is not None and self.marker.has_items

    # --- drawing ------------------------------------------------------------------------------------------------

    def draw(self, pen: Pen) -> Ends:
        identity, own = self.id("t"), {}
        inner = ""
        if self.marker is not None:
            inner, own = self.marker.draw(self.number)
        if self.body is not None:
            pen.node(
                "subProcess", identity, inner + draw_scope(pen, self.body, self.handlers, self.number, self.bare), **own
            )
        else:
            self._draw_task(pen, identity, inner, own)
        return Ends([identity], self._draw_borders(pen, identity))

    def _draw_task(self, pen: Pen, identity: str, inner: str, own: dict[str, str]) -> None:
        attributes = ""
        if self.kind in ("sendTask", "receiveTask"):
            pen.definition("message", f"n{self.number}")
            attributes, own = f'messageRef="message_n{self.number}"', {**own, "correlation_key": "number"}
        elif self.kind == "serviceTask":
            attributes = 'implementation="work"'
        elif self.kind == "scriptTask":
            attributes, inner = 'scriptFormat="feel"', inner + "<bpmn:script>1 + 1</bpmn:script>"
            own = {**own, "result": "two"}
        elif self.kind in ("userTask", "manualTask"):
            own = {**own, "role": "staff", **self.assigned()}
        pen.node(self.kind, identity, inner, attributes=attributes, **own)

    def _draw_borders(self, pen: Pen, identity: str) -> list[str]:
        lasts = [identity]
        for border in self.borders:
            event, task = self._border(border), self._dealing(border)
            name = f"n{self.number}_b{border.place}" if border.kind == "message" else border.what
            attributes = f'attachedToRef="{identity}" cancelActivity="{str(border.interrupting).lower()}"'
            pen.catcher("boundaryEvent", event, border.kind, name, attributes=attributes)
            pen.node("userTask", task, role="staff", **self._outside())
            pen.flow(event, task)
            if border.back:
                lasts.append(task)
            else:
                pen.flow(task, pen.node("endEvent", self.id(f"z{border.place}_")))
        return lasts

    def _border(self, border: Border) -> str:
        return self.id(f"b{border.place}_")

    def _dealing(self, border: Border) -> str:
        return self.id(f"h{border.place}_")

    def _outside(self) -> dict[str, str]:
        """Whose the tasks at the border are: they are outside its own runs."""
        return self.parent.assigned()

    # --- playing ------------------------------------------------------------------------------------------------

    def enter(self, token: Token, game: Game) -> None:
        token.stage, token.data = "working", {}
        token.armed = [b.place for b in self.borders if b.waits]
        if self.marker is not None:
            self.marker.begin(self, token, game)
        else:
            self.work(token, game)

    def work(self, token: Token, game: Game) -> None:
        """Do it, once."""
        if self.body is not None:
            token.inside = Scope(token, self.handlers)
            self.send(self.body, token.inside.token(self.body), game)
        elif self.kind in AT_ONCE:
            self._worked(token, game)

    def _worked(self, token: Token, game: Game) -> None:
        if token.stage == "run":
            game.end(token) if self.marker is None else self.marker.ran(self, token, game)
        else:
            self.done(token, game)

    def done(self, token: Token, game: Game) -> None:
        """Leave it as drawn."""
        token.stage, token.armed = "", []
        self.leave(token, game)

    def left(self, part: Block, token: Token, game: Game) -> None:
        game.end(token)

    def inside_done(self, token: Token, game: Game) -> None:
        if token.stage == "working" and self.marker is not None:
            self.done(token, game)
        else:
            self._worked(token, game)

    def cancelled(self, token: Token, game: Game) -> None:
        if self.marker is not None and token.stage == "working":
            self.marker.give_back(self, token, game)

    # --- what may happen ----------------------------------------------------------------------------------------

    def waits(self, token: Token) -> list[Label]:
        if token.stage.startswith("h"):
            return [(self._dealing(self.borders[int(token.stage[1:])]), self.whom(token))]
        is_working = self.body is None and (token.stage == "run" or self.marker is None)
        work = [(self.id("t"), self.whom(token) if self.kind in ("userTask", "manualTask") else None)]
        return (work if is_working and token.stage else []) + [
            (self._border(self.borders[place]), None) for place in token.armed
        ]

    def signal_of(self, token: Token, index: int) -> str | None:
        if (border := self._armed(token, index)) is not None and border.kind == "signal":
            return border.what
        return None

    def _armed(self, token: Token, index: int) -> Border | None:
        skipped = len(self.waits(token)) - len(token.armed)
        return self.borders[token.armed[index - skipped]] if index >= skipped else None

    def happen(self, token: Token, index: int, answer: int, game: Game) -> None:
        if (border := self._armed(token, index)) is not None:
            self.border(border, token, game)
        elif token.stage.startswith("h"):
            self._dealt(self.borders[int(token.stage[1:])], token, answer, game)
        elif self.kind == "serviceTask" and answer % 4 == 3:
            game.error(token, f"E{answer % 2 + 1}")
        else:
            game.choice = answer if self.kind != "receiveTask" else game.choice
            self._worked(token, game)

    def border(self, border: Border, token: Token, game: Game) -> None:
        """Let a border event go off: somebody has to deal with it."""
        scope, aside = token.scope, token.aside or not border.back
        scope.token(self, stage=f"h{border.place}", aside=aside)
        if border.interrupting:
            game.cancel(token)
        elif border.fires_once:
            token.armed.remove(border.place)

    def _dealt(self, border: Border, token: Token, answer: int, game: Game) -> None:
        game.choice, token.stage = answer, ""
        if border.back:
            self.leave(token, game)
        else:
            game.soon(lambda: game.end(token), token)

    def catchers(self, token: Token, kind: str, game: Game) -> list[Catcher]:
        if token.stage != "working":
            return []
        return [(b.what, _at(self, b, token, game)) for b in self.borders if b.kind == kind]


def _at(activity: Activity, border: Border, token: Token, game: Game):  # type: ignore[no-untyped-def]
    return lambda: activity.border(border, token, game)


# --- scopes -------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Handler(Block):
    """An event sub-process."""

    kind: str
    body: Block
    interrupting: bool = True
    what: str | None = None

    is_scope = True

    def parts(self) -> list[Block]:
        return [self.body]

    @property
    def waits_for(self) -> bool:
        return self.kind not in ("error", "escalation")

    @property
    def name(self) -> str:
        return self.id("o")

    @property
    def signal(self) -> str | None:
        return self.what if self.kind == "signal" else None

    def draw(self, pen: Pen) -> Ends:
        with pen.sheet() as inner:
            name = f"n{self.number}" if self.kind == "message" else self.what
            attributes = f'isInterrupting="{str(self.interrupting).lower()}"'
            pen.catcher("startEvent", self.name, self.kind, name, attributes=attributes)
            drawn = self.body.draw(pen)
            pen.connect([self.name], drawn.firsts)
            pen.connect(drawn.lasts, [pen.node("endEvent", self.id("z"))])
        pen.node("subProcess", self.id("p"), "".join(inner), attributes='triggeredByEvent="true"')
        return Ends([], [])

    def begin(self, scope: Scope, game: Game) -> None:
        """Start, for this time."""
        if self.interrupting:
            game.clear(scope)
            scope.interrupted = True
        elif self.kind == "duration":
            scope.spent.append(self.place)
        token = Token(scope, self, stage="working")
        scope.handling.append(token)
        token.inside = Scope(token)
        self.send(self.body, token.inside.token(self.body), game)

    def left(self, part: Block, token: Token, game: Game) -> None:
        game.end(token)

    def inside_done(self, token: Token, game: Game) -> None:
        game.end(token)


def draw_scope(pen: Pen, body: Block, handlers: list[Handler], number: int, bare: bool) -> str:
    """Draw what is in a scope."""
    with pen.sheet() as inner:
        drawn = body.draw(pen)
        if not bare or pen.reached & set(drawn.firsts):
            pen.connect([pen.node("startEvent", pen.names.of("a", number))], drawn.firsts)
        if not bare:
            pen.connect(drawn.lasts, [pen.node("endEvent", pen.names.of("z", number))])
        for handler in handlers:
            handler.draw(pen)
    return "".join(inner)


@dataclass(eq=False)
class Process(Block):
    """The whole diagram, with everything numbered and named."""

    body: Block
    handlers: list[Handler] = field(default_factory=list)
    seed: int = 0

    is_scope = True

    def __post_init__(self) -> None:
        self.runs, self.number, self.names = [], 0, Names(self.seed)
        self.joins: list[Or] = []
        waiting: list[Block] = [self]
        count = 0
        while waiting:
            block = waiting.pop()
            for place, part in enumerate(block.parts()):
                part.parent, part.place, part.names = block, place, self.names
            for part in reversed(block.parts()):
                waiting.append(part)
            if block is not self:
                count += 1
                block.number = count
                own = [block] if isinstance(block, Activity) and block.marker is not None else []
                block.runs = block.parent.runs + own
            if isinstance(block, Activity):
                for place, border in enumerate(block.borders):
                    border.place = place
            if isinstance(block, Or):
                self.joins.append(block)

    def parts(self) -> list[Block]:
        return [self.body, *self.handlers]

    def xml(self) -> tuple[str, str]:
        """The inner XML of the process, and what stands beside it."""
        pen = Pen(self.seed)
        pen.sheets = [[]]
        text = draw_scope(pen, self.body, self.handlers, 0, False)
        return text, "".join(sorted(pen.beside))

    def file(self) -> bytes:
        """The diagram as a file."""
        body, beside = self.xml()
        return diagram(body, extra=beside)

    def left(self, part: Block, token: Token, game: Game) -> None:
        game.end(token)
