"""Whether joins can fill: a scope is played through with every choice open, before anybody's case waits for ever.

Tokens move over the flows of one scope; what data would decide goes every way. So what is never reached here is never
reached by a case, while a way into a dead end may be closed by conditions that agree with each other: the first is
refused, the second is said. Choices depend on one token each (the net is free-choice), so one of them at a time is
branched over, and terminate and error ends, which stop others, come last: neither hides a way (Desel and Esparza,
Free Choice Petri Nets, 1995).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from engine.intake.drawing import Edge, Node, Scope, is_link, leads_to
from engine.intake.lint.starts import is_parallel
from engine.intake.quantities import quantity
from engine.intake.reading import Reading
from engine.intake.vocabulary import ACTIVITIES
from engine.texts import Text

MAX_MOVES = 10_000  # per process; beyond, nothing is claimed that would need all of them
MAX_JOINS = 100  # in one scope; a drawing with more can't be followed by anybody
_MANY = 3  # tokens at one place: they multiply without end
_CHOOSING = frozenset({"exclusiveGateway", "eventBasedGateway"})

Place = Edge | Node  # a token is on a flow, or has just come to a node that no flow leads to
Marking = tuple[Place, ...]


def liveness(reading: Reading) -> None:
    """A join gets all the tokens that it waits for."""
    joins = {scope: [n for n in scope.nodes if _is_join(n)] for scope in reading.process.scopes()}
    scopes = [scope for scope, found in joins.items() if 0 < len(found) <= MAX_JOINS]
    for scope in scopes:
        _report(_Play(scope, joins[scope], most=MAX_MOVES // len(scopes)), reading)


def _report(play: _Play, reading: Reading) -> None:
    play.run()
    for join in play.joins:
        if play.complete and join in play.reached and join not in play.fired:
            reading.notes.error(
                "join-starves",
                join,
                Text("It waits for ever: whatever is chosen before it, never do all its flows bring a token."),
                Text("Join what was chosen with an exclusive gateway; draw no flow back into a parallel gateway."),
            )
        elif join in play.stuck:
            reading.notes.warning(
                "join-may-starve",
                join,
                Text("There is a way on which it would wait for ever: not all its flows bring a token on it."),
                Text("Join what was chosen with an exclusive gateway, what went side by side with a parallel one."),
            )


def _is_join(node: Node) -> bool:
    return node.kind in ("parallelGateway", "inclusiveGateway") and len(node.incoming) > 1


class _Play:
    """Plays a scope through; tells which joins were reached, which fired and at which it got stuck."""

    def __init__(self, scope: Scope, joins: list[Node], *, most: int) -> None:
        self.scope = scope
        self.joins = joins
        self.reached: set[Node] = set()
        self.fired: set[Node] = set()
        self.stuck: set[Node] = set()
        self.complete = not any(b.kind == "boundaryEvent" and not b.interrupting for b in scope.nodes)
        self._nodes: dict[str, Node] = {}
        for node in scope.nodes:
            self._nodes.setdefault(node.id, node)
        self._before = {j: {e: self._sources(e, j) for e in j.incoming} for j in joins if j.kind == "inclusiveGateway"}
        self._exact = not any(
            _counts(n) for n in scope.nodes
        )  # else every token passes: no way is missed, some are new
        self._moves = 0
        self._most = most

    def run(self) -> None:
        waiting = list(self._beginnings())
        seen: set[frozenset[tuple[Place, int]]] = set()
        while waiting:
            marking = waiting.pop()
            counted = Counter(marking)
            if (key := frozenset(counted.items())) in seen:
                continue
            seen.add(key)
            if self._moves > self._most:
                self.complete = False
                return
            if counted and max(counted.values()) > _MANY:
                self.complete = False
            else:
                waiting.extend(self._next(marking))

    def _beginnings(self) -> Iterator[Marking]:
        begun = self.scope.beginnings()
        if any(n.kind == "startEvent" or n.is_marked_instantiating for n in begun):
            yield from ((start,) for start in begun)
        else:
            yield tuple(begun)

    # --- moves --------------------------------------------------------------------------------------------------

    def _next(self, marking: Marking) -> Iterator[Marking]:
        """The markings that one token (or one join) leads to; none when nothing moves any more."""
        self._moves += 1 + len(marking) // 50
        at = [self._at(place) for place in marking]
        self.reached.update(n for n in at if _is_join(n))
        for index in reversed(range(len(at))):  # the newest first: what was chosen meets again before the next choice
            node = at[index]
            if not _is_join(node) and not _stops(node):
                rest = marking[:index] + marking[index + 1 :]
                yield from (rest + places for places in self._outcomes(node))
                return
        if (join := self._full(marking, at)) is not None:
            self.fired.add(join)
            for edge in {place for place in marking if place in join.incoming}:
                marking = _without(marking, edge)
            yield from (marking + places for places in self._outcomes(join))
        elif not any(map(_stops, at)) and self._exact:
            self.stuck.update(at)

    def _full(self, marking: Marking, at: list[Node]) -> Node | None:
        for node in dict.fromkeys(at):
            if node.kind == "parallelGateway" and all(edge in marking for edge in node.incoming):
                return node
        for node in dict.fromkeys(at):
            if node.kind == "inclusiveGateway" and _is_join(node) and self._nothing_comes(node, marking, at):
                return node
        return None

    def _nothing_comes(self, join: Node, marking: Marking, at: list[Node]) -> bool:
        """BPMN 2.0.2 §13.4.3: no other token can reach an empty flow of the join and no occupied one."""
        before = self._before[join]
        occupied = [nodes for edge, nodes in before.items() if edge in marking]
        empty = [nodes for edge, nodes in before.items() if edge not in marking]
        return not any(
            any(node in nodes for nodes in empty) and not any(node in nodes for nodes in occupied)
            for node in at
            if node is not join
        )

    def _sources(self, edge: Edge, join: Node) -> set[Node]:
        found: set[Node] = set()
        waiting = [self._nodes[edge.source]]
        while waiting:
            node = waiting.pop()
            if node is join or node in found:
                continue
            found.add(node)
            waiting += [self._nodes[e.source] for e in node.incoming]
            if node.kind == "boundaryEvent" and node.attached_to in self._nodes:
                waiting.append(self._nodes[node.attached_to])
            if is_link(node, "intermediateCatchEvent"):
                waiting += [n for n in self.scope.nodes if leads_to(n, node)]
        return found

    def _outcomes(self, node: Node) -> Iterator[Marking]:
        """The places where a token that leaves a node may come to."""
        flows = tuple(node.outgoing)
        copies = quantity(node, "completionQuantity") or 1
        if is_link(node, "intermediateThrowEvent"):
            yield tuple(n for n in self.scope.nodes if leads_to(node, n))
        elif node.kind in _CHOOSING and not is_parallel(node):
            yield from ((flow,) for flow in flows)
        elif any(flow.condition is not None for flow in flows):
            self.complete = self.complete and copies == 1
            yield from self._some(node, flows)
        elif copies > 1:
            yield flows * copies
        else:
            yield flows
        for boundary in node.boundaries if node.kind in ACTIVITIES else ():
            yield (boundary,) if boundary.interrupting else (boundary, *flows)
        if node.kind in _CHOOSING and not flows:
            yield ()

    def _some(self, node: Node, flows: Marking) -> Iterator[Marking]:
        """The flows that conditions may let pass: always the plain ones, and any of the others."""
        default = tuple(f for f in flows if isinstance(f, Edge) and f.id == node.default)
        free = [f for f in flows if isinstance(f, Edge) and f.condition is not None and f not in default]
        plain = tuple(f for f in flows if f not in free and f not in default)
        sizes = range(1, len(free) + 1)
        if len(free) > 5:
            self.complete, sizes = False, range(1, 3)
        for size in sizes:
            yield from (plain + chosen for chosen in combinations(free, size))
        if default or plain:
            yield plain + default

    def _at(self, place: Place) -> Node:
        return self._nodes[place.target] if isinstance(place, Edge) else place


def _counts(node: Node) -> bool:
    """Whether a node takes several tokens for one."""
    return (node.kind == "complexGateway" and len(node.incoming) > 1) or (quantity(node, "startQuantity") or 1) > 1


def _without(marking: Marking, place: Place) -> Marking:
    index = marking.index(place)
    return marking[:index] + marking[index + 1 :]


def _stops(node: Node) -> bool:
    return node.kind == "endEvent" and not {"terminate", "error"}.isdisjoint(node.events)


RULES = (liveness,)
