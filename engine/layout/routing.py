"""The way of each flow over the grid: along one free row, so that no line crosses an element."""

from __future__ import annotations

from dataclasses import dataclass

from engine.intake.drawing import Edge, Node, Scope
from engine.layout.arranging import Cell, Grid, ends, host_of


@dataclass(frozen=True, slots=True)
class Way:
    """A flow: from its source into the gap behind it, along `track`, and from the gap before its target into that.

    Without a track both gaps are one. The gap before column n has the number n.
    """

    edge: Edge
    source: Node
    target: Node
    leaves: int  # the gap behind the source
    arrives: int  # the gap before the target
    track: Cell | None


def route(scope: Scope, grid: Grid) -> list[Way]:
    """Find a way for every flow of a scope; the short ones first, which have less choice."""
    found = []
    for edge in scope.edges:
        both = ends(edge)
        if both is not None and host_of(both[0]) in grid.columns and both[1] in grid.columns:
            found.append((edge, *both))
    found.sort(key=lambda way: abs(grid.columns[way[2]] - grid.columns[host_of(way[1])]))
    return [_way(edge, source, target, grid) for edge, source, target in found]


def _way(edge: Edge, source: Node, target: Node, grid: Grid) -> Way:
    start, end = grid.columns[host_of(source)], grid.columns[target]
    between = range(start + 1, end) if end > start else range(end, start + 1)
    track = _track(host_of(source), target, between, grid) if between else None
    if track is not None:
        for column in between:
            grid.taken.setdefault((*track, column), target)
    return Way(edge, source, target, start + 1, end, track)


def _track(source: Node, target: Node, columns: range, grid: Grid) -> Cell:
    """The nearest row that is free in these columns; flows to one target may share it."""
    lane, wanted = grid.rows[target]
    lowest = max((row for other, row, _ in grid.taken if other == lane), default=0) + 1
    rows = sorted(range(lowest + 1), key=lambda row: (abs(row - wanted), row))
    candidates = [(lane, wanted), grid.rows[source], *((lane, row) for row in rows)]
    return next(cell for cell in candidates if all(_is_free(cell, column, target, grid) for column in columns))


def _is_free(cell: Cell, column: int, target: Node, grid: Grid) -> bool:
    there = grid.taken.get((*cell, column))
    is_way_to_target = there is target and grid.columns[target] != column
    return there is None or is_way_to_target
