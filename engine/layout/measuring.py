"""Grid and ways in numbers: where each shape of a scope is, and each line, in the scope's own coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.intake.drawing import Edge, Node, Scope
from engine.intake.vocabulary import EVENTS, GATEWAYS
from engine.layout.arranging import Grid, arrange
from engine.layout.routing import Way, route

EVENT, GATEWAY, TASK = (36, 36), (50, 50), (100, 80)
GAP, NAMED_GAP, SLOT = 40, 90, 12  # between columns; with a named flow in it; for each vertical line
ABOVE, BELOW, NAME, TRACK = 20, 20, 24, 26  # around a row; for a name under its elements; a row of lines only
STUB = 10  # how far a line goes down from an event at a border
LANE = 120  # the least height
INNER = (30, 40)  # room around what is inside a sub-process: left and right, above and below

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int

    def moved(self, x: int, y: int) -> Box:
        return Box(self.x + x, self.y + y, self.width, self.height)


@dataclass(slots=True)
class Measured:
    """A scope's content; lanes are bands by their top and bottom."""

    boxes: dict[Node, Box] = field(default_factory=dict)
    lines: dict[Edge, list[Point]] = field(default_factory=dict)
    names: dict[Edge, Box] = field(default_factory=dict)
    bands: dict[str, tuple[int, int]] = field(default_factory=dict)
    width: int = 0
    height: int = 0


def measure(scope: Scope, lanes: Sequence[str], inside: Mapping[Node, Measured]) -> Measured:
    """Place what is drawn in a scope; `inside` are its sub-processes, measured already."""
    grid = arrange(scope, lanes)
    ways = route(scope, grid)
    sizes = {node: _size(node, inside) for node in grid.columns}
    found = Measured()
    centres = _rows(grid, sizes, lanes or [""], found)
    lefts, gaps = _columns(grid, sizes, ways, found)
    for node, cell in grid.rows.items():
        width, height = sizes[node]
        column = grid.columns[node]
        x = lefts[column] + (_widest(grid, sizes, column) - width) // 2
        found.boxes[node] = Box(x, centres[cell] - height // 2, width, height)
        _attach(node, found)
    for way in ways:
        _draw(way, found, centres, gaps)
    return found


def _size(node: Node, inside: Mapping[Node, Measured]) -> tuple[int, int]:
    if node in inside:
        return max(inside[node].width + 2 * INNER[0], 140), max(inside[node].height + 2 * INNER[1], 100)
    return EVENT if node.kind in EVENTS else GATEWAY if node.kind in GATEWAYS else TASK


def _widest(grid: Grid, sizes: Mapping[Node, tuple[int, int]], column: int) -> int:
    return max((size[0] for node, size in sizes.items() if grid.columns[node] == column), default=0)


# --- rows ---------------------------------------------------------------------------------------------------------


def _rows(
    grid: Grid, sizes: Mapping[Node, tuple[int, int]], lanes: Iterable[str], found: Measured
) -> dict[tuple[str, int], int]:
    """The centre line of each row; the lanes become bands."""
    centres: dict[tuple[str, int], int] = {}
    y = 0
    for lane in lanes:
        begin = y
        for row in range(max((r for other, r, _ in grid.taken if other == lane), default=-1) + 1):
            nodes = [node for node, cell in grid.rows.items() if cell == (lane, row)]
            tallest = max((sizes[node][1] for node in nodes), default=0)
            centres[lane, row] = y + (ABOVE + tallest // 2 if nodes else TRACK // 2)
            y += ABOVE + tallest + max(map(_room_below, nodes)) if nodes else TRACK
        if len(found.bands) or lane:
            y = max(y, begin + LANE)
        found.bands[lane] = (begin, y)
    found.height = y
    return centres


def _room_below(node: Node) -> int:
    named = NAME if node.name and node.kind in EVENTS | GATEWAYS else 0
    border = EVENT[1] // 2 + STUB + 6 * len(node.boundaries) if node.boundaries else 0
    return BELOW + max(named, border)


# --- columns ------------------------------------------------------------------------------------------------------


def _columns(
    grid: Grid, sizes: Mapping[Node, tuple[int, int]], ways: Iterable[Way], found: Measured
) -> tuple[dict[int, int], dict[tuple[int, object], int]]:
    """The left edge of each column, and where in each gap the vertical lines are: by source and by target."""
    count = max(grid.columns.values(), default=-1) + 1
    slots: dict[int, list[object]] = {gap: [] for gap in range(count + 1)}
    named: set[int] = set()
    for way in ways:
        sides: tuple[tuple[int, object], ...] = ((way.leaves, ("from", way.source)), (way.arrives, ("to", way.target)))
        for gap, key in sides:
            if (gap == way.leaves or way.track is not None) and key not in slots[gap]:
                slots[gap].append(key)
        if way.edge.name:
            named.add(way.leaves)
    lefts: dict[int, int] = {}
    places: dict[tuple[int, object], int] = {}
    x = 0
    for gap in range(count + 1):
        least = NAMED_GAP if gap in named else GAP if 0 < gap < count else 20
        for index, key in enumerate(slots[gap]):
            places[gap, key] = x + 18 + index * SLOT
        x += max(least, 30 + SLOT * len(slots[gap]) if slots[gap] else 0) + (30 if gap in named else 0)
        if gap < count:
            lefts[gap] = x
            x += _widest(grid, sizes, gap)
    found.width = x
    return lefts, places


# --- lines --------------------------------------------------------------------------------------------------------


def _attach(host: Node, found: Measured) -> None:
    """Put the events at a node's lower border, from right to left."""
    box = found.boxes[host]
    for index, boundary in enumerate(host.boundaries):
        x = box.x + box.width - EVENT[0] - 2 - index * (EVENT[0] + 8)
        found.boxes[boundary] = Box(x, box.y + box.height - EVENT[1] // 2, *EVENT)


def _draw(
    way: Way, found: Measured, centres: Mapping[tuple[str, int], int], gaps: Mapping[tuple[int, object], int]
) -> None:
    source, target = found.boxes[way.source], found.boxes[way.target]
    goal = target.y + target.height // 2
    points: list[Point]
    if way.source.kind == "boundaryEvent":
        middle, bottom = source.x + source.width // 2, source.y + source.height
        host = next(n for n in way.source.scope.nodes if way.source in n.boundaries)
        y = bottom + STUB + 6 * host.boundaries.index(way.source)
        points = [(middle, bottom), (middle, y)]
    else:
        y = source.y + source.height // 2
        points = [(source.x + source.width, y)]
    along = goal if way.track is None else centres[way.track]
    out = gaps[way.leaves, ("from", way.source)]
    points += [(out, y), (out, along)]
    if way.track is not None and along != goal:
        into = gaps[way.arrives, ("to", way.target)]
        points += [(into, along), (into, goal)]
    points.append((target.x, goal))
    found.lines[way.edge] = _straight(points)
    if way.edge.name:
        found.names[way.edge] = Box(out + 4, along - 18, 90, 14)


def _straight(points: list[Point]) -> list[Point]:
    """The corners alone: points on the way between two others say nothing."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return kept
