"""The board: tokens in scopes, what is waited for, and the order in which things happen (BPMN 2.0.2 §13).

The blocks themselves never change while a game is played; all that does is in `Token`, `Scope` and `Game`, so a game
can be copied. That is needed where the standard leaves a choice: which of two equal tokens a person's answer is for.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.engine.oracle.activities import Activity, Handler, Process
    from tests.engine.oracle.pen import Ends, Names, Pen

Catcher = tuple[str | None, Callable[[], None]]  # the code, None: all; and what it does
Label = tuple[str, str | None]  # what is waited for: the element's id and, in runs, whom it is for


class Static:
    """What is drawn: the same for all copies of a game."""

    def __deepcopy__(self, memo: object) -> Static:
        return self


class Block(Static):
    """A part of a diagram with one way in and one way out."""

    parent: Block
    place: int  # which of its parent's parts it is
    number: int
    names: Names
    runs: list[Activity]  # around it, outermost first, and itself: those that run several times
    is_scope = False  # its parts are in scopes of their own

    def parts(self) -> list[Block]:
        """The blocks directly in it."""
        return []

    def draw(self, pen: Pen) -> Ends:
        """Draw it; say which nodes come first and which last."""
        raise NotImplementedError

    def enter(self, token: Token, game: Game) -> None:
        """Take a token that has come."""
        raise NotImplementedError

    def left(self, part: Block, token: Token, game: Game) -> None:
        """Take a token that comes out of a part."""
        self.leave(token, game)

    def waits(self, token: Token) -> list[Label]:
        """What a token that rests here waits for."""
        return []

    def happen(self, token: Token, index: int, answer: int, game: Game) -> None:
        """Let the index-th of the token's waits come true."""
        raise NotImplementedError

    def inside_done(self, token: Token, game: Game) -> None:
        """Go on: the scope inside the token has ended."""

    def cancelled(self, token: Token, game: Game) -> None:
        """Take notice that a token in it was cancelled."""

    def signal_of(self, token: Token, index: int) -> str | None:
        """The signal that the index-th wait is for."""
        return None

    def catchers(self, token: Token, kind: str, game: Game) -> list[Catcher]:
        """What at its border may catch an error or escalation."""
        return []

    # --- for the kinds ------------------------------------------------------------------------------------------

    def id(self, role: str) -> str:
        """The id of one of its nodes."""
        return self.names.of(role, self.number)

    def assigned(self) -> dict[str, str]:
        """The property by which a task in a run says whose it is: the numbers of the runs around it."""
        terms = [f"i{each.number}" for each in self.runs if each.has_items]
        if self.runs and not self.runs[-1].has_items:
            terms.append("loopCounter")
        return {"assignee": ' + "/" + '.join(f"string({term})" for term in terms)} if terms else {}

    def whom(self, token: Token) -> str | None:
        """What that gives for a token."""
        runs: list[Token] = []
        at: Token | None = token
        while at is not None:
            if at.stage == "run":
                runs.insert(0, at)
            at = at.scope.owner
        terms = [run.data["item"] for run in runs if run.at.has_items]  # type: ignore[attr-defined]
        if runs and not runs[-1].at.has_items:  # type: ignore[attr-defined]
            terms.append(runs[-1].data["counter"])
        return "/".join(map(str, terms)) or None

    def send(self, block: Block, token: Token, game: Game) -> None:
        """Send a token into a part."""
        token.at = block
        game.soon(lambda: block.enter(token, game), token)

    def leave(self, token: Token, game: Game) -> None:
        """Send a token on to what comes behind."""
        token.at = self
        game.soon(lambda: self.parent.left(self, token, game), token)

    def branch_of(self, token: Token) -> int | None:
        """In which of its parts a token is; None: in none."""
        at = token.at
        while at is not self and not token.aside and not at.parent.is_scope:
            if at.parent is self:
                return at.place
            at = at.parent
        return None


@dataclass(eq=False)
class Token:
    """One token. `stage` and `data` belong to the block it is at."""

    scope: Scope
    at: Block
    stage: str = ""
    armed: list[int] = field(default_factory=list)  # what still waits beside it
    inside: Scope | None = None
    parked: int | None = None  # at a join: on which of its flows
    aside: bool = False  # on a way of its own that ends
    gone: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Scope:
    """The tokens of a process, of one run of a sub-process, or the runs of an activity.

    `handling` are event sub-processes at work. No new one begins once the scope's own work is done (§13.3.2, state
    Completing), but an interrupting one may still come, as long as the scope hasn't ended.
    """

    owner: Token | None
    handlers: list[Handler] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    handling: list[Token] = field(default_factory=list)
    spent: list[int] = field(default_factory=list)  # handlers that fire once, and have
    interrupted: bool = False

    def token(self, at: Block, **own: Any) -> Token:
        """Put a new token into the scope."""
        token = Token(self, at, **own)
        self.tokens.append(token)
        return token

    def enabled(self) -> list[Handler]:
        """The event sub-processes that may begin."""
        if self.interrupted:
            return []
        return [h for h in self.handlers if h.place not in self.spent and (h.interrupting or self.tokens)]

    def handler(self, place: int) -> Handler:
        """The handler at a place."""
        return next(h for h in self.handlers if h.place == place)

    def everything(self) -> list[Token]:
        return [*self.tokens, *self.handling]


@dataclass(frozen=True)
class Chance:
    """Something that may happen next: the index-th wait of a token, or the start of a handler of a scope."""

    label: Label
    holder: Token | Scope
    index: int


class Game:
    """A case being played."""

    def __init__(self, process: Process, choice: int) -> None:
        self.process = process
        self.choice = choice
        self.state = "active"
        self.results: dict[str, list[int]] = {}
        self.queue: deque[tuple[Callable[[], None], Token]] = deque()
        self.root = Scope(None, process.handlers)
        process.body.enter(self.root.token(process.body), self)
        self.settle()

    # --- looking ------------------------------------------------------------------------------------------------

    def scopes(self) -> Iterator[Scope]:
        """All scopes, outer ones first."""
        waiting = [self.root] if self.state == "active" else []
        while waiting:
            scope = waiting.pop(0)
            yield scope
            waiting += [token.inside for token in scope.everything() if token.inside is not None]

    def chances(self) -> list[Chance]:
        """All that may happen next."""
        found: list[Chance] = []
        for scope in self.scopes():
            found += [Chance((h.name, None), scope, h.place) for h in scope.enabled() if h.waits_for]
            for token in scope.everything():
                found += [Chance(label, token, i) for i, label in enumerate(token.at.waits(token))]
        return found

    def open(self) -> list[Label]:
        """The same as labels, sorted."""
        return sorted((chance.label for chance in self.chances()), key=str)

    @property
    def starves(self) -> bool:
        """Whether tokens rest at joins for ever."""
        return self.state == "active" and not self.chances()

    # --- acts ---------------------------------------------------------------------------------------------------

    def do(self, label: Label, answer: int) -> list[Game]:
        """Let something happen; several games if it may happen to several tokens."""
        count = sum(chance.label == label for chance in self.chances())
        games = [self] + [copy.deepcopy(self) for _ in range(count - 1)]
        for nth, game in enumerate(games):
            game.happen([chance for chance in game.chances() if chance.label == label][nth], answer)
        return games

    def happen(self, chance: Chance, answer: int) -> None:
        """Carry out one of the chances."""
        if (signal := self._signal(chance)) is not None:
            self.broadcast(signal)
        elif isinstance(chance.holder, Scope):
            chance.holder.handler(chance.index).begin(chance.holder, self)
        else:
            chance.holder.at.happen(chance.holder, chance.index, answer, self)
        self.settle()

    def broadcast(self, signal: str) -> None:
        """Give a signal to all who wait for it now; whoever is interrupted by it first gets nothing."""
        for chance in [c for c in self.chances() if self._signal(c) == signal]:
            holder = chance.holder
            if isinstance(holder, Scope):
                is_there = any(scope is holder for scope in self.scopes())
                if is_there and holder.handler(chance.index) in holder.enabled():
                    holder.handler(chance.index).begin(holder, self)
            elif not holder.gone:
                holder.at.happen(holder, chance.index, 0, self)

    def _signal(self, chance: Chance) -> str | None:
        if isinstance(chance.holder, Scope):
            return chance.holder.handler(chance.index).signal
        return chance.holder.at.signal_of(chance.holder, chance.index)

    # --- moving -------------------------------------------------------------------------------------------------

    def soon(self, move: Callable[[], None], token: Token) -> None:
        """Let a token move when its turn comes, unless it is gone by then."""
        self.queue.append((move, token))

    def settle(self) -> None:
        """Move tokens until all rest; then inclusive joins may see that nothing more comes (§13.4.3)."""
        while self.queue or any(join.wake(scope, self) for scope in self.scopes() for join in self.process.joins):
            move, token = self.queue.popleft()
            if not token.gone and self.state == "active":
                move()

    def end(self, token: Token) -> None:
        """Take a token out of its scope; the scope ends with its last one."""
        self._remove(token)
        self.look(token.scope)

    def look(self, scope: Scope) -> None:
        """See whether a scope has ended."""
        if scope.everything():
            return
        if scope.owner is None:
            self.state = "completed"
        elif not scope.owner.gone:
            owner, scope.owner.inside = scope.owner, None
            owner.at.inside_done(owner, self)

    def cancel(self, token: Token) -> None:
        """Take a token away with all that is inside it."""
        if token.inside is not None:
            self.clear(token.inside)
        self._remove(token)
        token.at.cancelled(token, self)

    def clear(self, scope: Scope) -> None:
        """Cancel everything in a scope."""
        for token in scope.everything():
            self.cancel(token)

    @staticmethod
    def _remove(token: Token) -> None:
        token.gone = True
        home = token.scope.tokens if token in token.scope.tokens else token.scope.handling
        home.remove(token)

    # --- errors and escalations ---------------------------------------------------------------------------------

    def error(self, token: Token, code: str) -> None:
        """Take an error to the innermost catcher around a token; uncaught, it fails the case (§10.5.6)."""
        for catchers in self._around(token, "error"):
            if catcher := _best(catchers, code):
                catcher()
                return
        self.clear(self.root)
        self.state = "failed"

    def escalate(self, token: Token, code: str) -> None:
        """Take an escalation to the innermost catcher; uncaught, nothing happens."""
        for catchers in self._around(token, "escalation"):
            if catcher := _best(catchers, code):
                catcher()
                return

    def _around(self, token: Token, kind: str) -> Iterator[list[Catcher]]:
        """What may catch, place by place: borders of the token's activity, then handlers of its scope, and outward."""
        at: Token | None = token
        while at is not None:
            yield at.at.catchers(at, kind, self)
            scope = at.scope
            others = [h for h in scope.enabled() if h.kind == kind and h is not at.at]
            yield [(h.what, _starter(h, scope, self)) for h in others]
            at = scope.owner


def _starter(handler: Handler, scope: Scope, game: Game) -> Callable[[], None]:
    return lambda: handler.begin(scope, game)


def _best(catchers: list[Catcher], code: str) -> Callable[[], None] | None:
    """The catcher of this code, else the one for all."""
    for wanted in (code, None):
        for caught, catcher in catchers:
            if caught == wanted:
                return catcher
    return None
