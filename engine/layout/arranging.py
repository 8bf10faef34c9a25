"""Where each node of a scope goes on a grid: its column by the flow, its row within its lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.intake.drawing import Edge, Node, Scope

Cell = tuple[str, int]  # lane ("" without lanes) and row in it


@dataclass(slots=True, eq=False)
class Grid:
    """A scope's nodes in columns and rows. Boundary events have no cell of their own: they are at their host."""

    columns: dict[Node, int] = field(default_factory=dict)
    rows: dict[Node, Cell] = field(default_factory=dict)
    taken: dict[tuple[str, int, int], object] = field(default_factory=dict)  # (lane, row, column) → what is there
    back: set[Edge] = field(default_factory=set)  # flows that lead to the left

    def place(self, node: Node, lane: str, row: int) -> None:
        """Put a node into the first free row at or below this one."""
        column = self.columns[node]
        while (lane, row, column) in self.taken:
            row += 1
        self.rows[node] = (lane, row)
        self.taken[lane, row, column] = node


def arrange(scope: Scope, lanes: Iterable[str]) -> Grid:
    """Place the nodes of a scope; `lanes` are the innermost ones, from top to bottom."""
    grid = Grid()
    known = list(lanes)
    placed = [n for n in scope.nodes if n.kind != "boundaryEvent"]
    linked = [n for n in placed if _leaving(n) or n.incoming or len(placed) == 1]
    grid.back = _back_edges(linked)
    _columns(linked, grid)
    for column in range(max(grid.columns.values(), default=-1) + 1):
        _fill(column, [n for n in linked if grid.columns[n] == column], grid, known)
    loose = [n for n in placed if n not in grid.columns]
    lowest = max((row for _, row, _ in grid.taken), default=-1)
    for index, node in enumerate(loose):  # event sub-processes, compensation handlers: below, side by side
        grid.columns[node] = index
        grid.place(node, _lane(node, known), lowest + 1)
    return grid


def host_of(node: Node) -> Node:
    """The node that has the place: for a boundary event, what it is attached to."""
    if node.kind != "boundaryEvent":
        return node
    return next((n for n in node.scope.nodes if n.id == node.attached_to), node)


def ends(edge: Edge) -> tuple[Node, Node] | None:
    """The nodes of a flow; None when an end is missing."""
    nodes = {n.id: n for n in edge.scope.nodes}
    source, target = nodes.get(edge.source), nodes.get(edge.target)
    return (source, target) if source is not None and target is not None else None


def _leaving(node: Node) -> list[Edge]:
    """The flows out of a node and of the events at its border."""
    return [*node.outgoing, *(edge for boundary in node.boundaries for edge in boundary.outgoing)]


def _next(node: Node) -> list[tuple[Edge, Node]]:
    found = ((edge, ends(edge)) for edge in _leaving(node))
    return [(edge, both[1]) for edge, both in found if both is not None and both[1].kind != "boundaryEvent"]


def _back_edges(nodes: list[Node]) -> set[Edge]:
    """The flows that close a circle, when the scope is walked from its starts; without recursion."""
    first = sorted(nodes, key=lambda n: (n.kind != "startEvent", bool(n.incoming)))
    back: set[Edge] = set()
    done: set[Node] = set()
    open_now: set[Node] = set()
    for root in first:
        stack: list[tuple[Node, list[tuple[Edge, Node]]]] = []
        if root not in done:
            stack.append((root, _next(root)[::-1]))
            open_now.add(root)
        while stack:
            node, ways = stack[-1]
            if not ways:
                stack.pop()
                open_now.discard(node)
                done.add(node)
                continue
            edge, target = ways.pop()
            if target in open_now:
                back.add(edge)
            elif target not in done:
                open_now.add(target)
                stack.append((target, _next(target)[::-1]))
    return back


def _columns(nodes: list[Node], grid: Grid) -> None:
    """The length of the longest way to each node, over the flows that lead to the right."""
    missing = dict.fromkeys(nodes, 0)
    for node in nodes:
        for edge, target in _next(node):
            if edge not in grid.back and target in missing:
                missing[target] += 1
    ready = [n for n in nodes if missing[n] == 0]
    grid.columns = dict.fromkeys(ready, 0)
    while ready:
        node = ready.pop()
        for edge, target in _next(node):
            if edge in grid.back or target not in missing:
                continue
            grid.columns[target] = max(grid.columns.get(target, 0), grid.columns[node] + 1)
            missing[target] -= 1
            if missing[target] == 0:
                ready.append(target)
    for node in nodes:
        after = [grid.columns[target] for edge, target in _next(node) if edge not in grid.back]
        if after and not node.incoming:  # a start, or a link's end: close to what comes next
            grid.columns[node] = max(min(after) - 1, 0)


def _fill(column: int, nodes: list[Node], grid: Grid, lanes: list[str]) -> None:
    """Give the nodes of a column their rows: that of what leads to them, or the one below for an event's border."""
    wanted: dict[Node, int] = {}
    for node in nodes:
        rows = []
        for source in (both[0] for e in node.incoming if e not in grid.back and (both := ends(e)) is not None):
            lane, row = grid.rows.get(host_of(source), ("", 0))
            if lane == _lane(node, lanes):
                rows.append(row + (source.kind == "boundaryEvent"))
        wanted[node] = min(rows, default=0)
    for node in sorted(nodes, key=wanted.__getitem__):
        grid.place(node, _lane(node, lanes), wanted[node])


def _lane(node: Node, lanes: list[str]) -> str:
    return node.lane if node.lane in lanes else (lanes[0] if lanes else "")
