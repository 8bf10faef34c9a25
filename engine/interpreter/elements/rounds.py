"""When a step is given up: a loop in which nobody is waited for would never end.

What goes wrong is that tokens come to one node of one scope again and again, not that many run: five thousand runs of
a sub-process are as many scopes, in each of which every node runs once. So the rounds of each node are counted, for
each scope. The sum of all is bounded, too, for loops within loops and branches that double.
"""

from __future__ import annotations

from collections import Counter

from SpiffWorkflow.task import Task

from engine.interpreter.elements.node import Node, scope_of
from engine.steps import Token
from engine.texts import Text

ROUND_LIMIT = 10_000  # of one node in one scope; more than the runs that a multi-instance activity may have
STEP_LIMIT = 100_000  # nodes in one step: some three seconds, in which the database's other writers have to wait


class Rounds:
    """Counts what one step runs."""

    def __init__(self) -> None:
        self._all = 0
        self._by_node: Counter[tuple[Token | None, Node]] = Counter()

    def count(self, token: Task) -> None:
        """Count a token that has come to a node.

        Raises ExecutionError when it seems that the step would never end.
        """
        node, owner = token.task_spec, scope_of(token).owner
        place = (owner.id if owner is not None else None, node)
        self._all += 1
        self._by_node[place] += 1
        if self._by_node[place] > ROUND_LIMIT:
            raise node.impossible(
                Text("it was reached in an endless loop ({limit} rounds without a wait)", limit=ROUND_LIMIT)
            )
        if self._all > STEP_LIMIT:
            raise node.impossible(
                Text("the step came here after {limit} others without a wait, and was stopped", limit=STEP_LIMIT)
            )
