"""Activities that run several times: loops, and multi-instance in sequence or side by side (BPMN 2.0.2 §13.3.6, .7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.engine.oracle.game import Game, Scope, Static, Token

if TYPE_CHECKING:
    from tests.engine.oracle.activities import Activity


class Marker(Static):
    """How often an activity runs. Its token holds a scope with a token for each run."""

    has_items = False

    def draw(self, number: int) -> tuple[str, dict[str, str]]:
        """The marker, and the activity's properties."""
        raise NotImplementedError

    def begin(self, activity: Activity, token: Token, game: Game) -> None:
        """Begin the first run, or all."""
        raise NotImplementedError

    def ran(self, activity: Activity, run: Token, game: Game) -> None:
        """Take a run that is done."""
        raise NotImplementedError

    def give_back(self, activity: Activity, token: Token, game: Game) -> None:
        """Make what the runs have brought a variable."""

    @staticmethod
    def run(activity: Activity, token: Token, game: Game, item: int = 0) -> None:
        """Begin one run."""
        assert token.inside is not None
        token.data["begun"] = token.data.get("begun", 0) + 1
        run = token.inside.token(activity, stage="run", data={"counter": token.data["begun"], "item": item})
        game.soon(lambda: activity.work(run, game), run)


@dataclass(eq=False)
class Again(Marker):
    """The loop marker: repeated while the choice says so, at most `most` times."""

    before: bool = False
    most: int | None = None

    def draw(self, number: int) -> tuple[str, dict[str, str]]:
        most = f' loopMaximum="{self.most}"' if self.most else ""
        condition = "<bpmn:loopCondition>modulo(choice, 3) = 1</bpmn:loopCondition>"
        before = f' testBefore="{str(self.before).lower()}"'
        return f"<bpmn:standardLoopCharacteristics{before}{most}>{condition}</bpmn:standardLoopCharacteristics>", {}

    def begin(self, activity: Activity, token: Token, game: Game) -> None:
        if self.before and game.choice % 3 != 1:
            activity.done(token, game)
            return
        token.inside = Scope(token)
        self.run(activity, token, game)

    def ran(self, activity: Activity, run: Token, game: Game) -> None:
        token = run.scope.owner
        assert token is not None
        if game.choice % 3 == 1 and (self.most is None or token.data["begun"] < self.most):
            self.run(activity, token, game)
        game.end(run)


@dataclass(eq=False)
class Multi(Marker):
    """Multi-instance: a number of times, or for each of some items, until the choice says that it is enough."""

    sequential: bool = False
    items: bool = True
    until: str | None = None  # "two": two are done; "choice": the choice says so

    @property
    def has_items(self) -> bool:  # type: ignore[override]
        return self.items

    def draw(self, number: int) -> tuple[str, dict[str, str]]:
        inner, own = "", {}
        if self.items:
            collection = "if modulo(choice, 4) = 0 then [] else for n in 1..modulo(choice, 4) return n * 10"
            own = {"collection": collection, "element_variable": f"i{number}"}
            own |= {"output_collection": f"r{number}", "output_element": f"i{number} + 1"}
        else:
            inner = "<bpmn:loopCardinality>modulo(choice, 4)</bpmn:loopCardinality>"
        if self.until is not None:
            until = "nrOfCompletedInstances &gt;= 2" if self.until == "two" else "modulo(choice, 5) = 2"
            inner += f"<bpmn:completionCondition>{until}</bpmn:completionCondition>"
        sequential = f'isSequential="{str(self.sequential).lower()}"'
        tag = "multiInstanceLoopCharacteristics"
        return f"<bpmn:{tag} {sequential}>{inner}</bpmn:{tag}>", own

    def begin(self, activity: Activity, token: Token, game: Game) -> None:
        items = [n * 10 for n in range(1, game.choice % 4 + 1)]
        token.data = {"results": [], "rest": items, "done": 0}
        if not items:
            self._finish(activity, token, game)
            return
        token.inside = Scope(token)
        for _ in items[:1] if self.sequential else list(items):
            self.run(activity, token, game, items.pop(0))

    def ran(self, activity: Activity, run: Token, game: Game) -> None:
        token = run.scope.owner
        assert token is not None
        token.data["done"] += 1
        token.data["results"].append(run.data["item"] + 1)
        enough = game.choice % 5 == 2 if self.until == "choice" else self.until == "two" and token.data["done"] >= 2
        if enough:
            for other in [t for t in run.scope.tokens if t is not run]:
                game.cancel(other)
        elif token.data["rest"]:
            self.run(activity, token, game, token.data["rest"].pop(0))
        if len(run.scope.tokens) == 1:
            self.give_back(activity, token, game)
        game.end(run)

    def _finish(self, activity: Activity, token: Token, game: Game) -> None:
        self.give_back(activity, token, game)
        activity.done(token, game)

    def give_back(self, activity: Activity, token: Token, game: Game) -> None:
        if self.items:
            game.results[f"r{activity.number}"] = sorted(token.data["results"])
