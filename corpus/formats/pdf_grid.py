"""Ruling lines to grids: which cells a table has, and which places each of them covers."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from corpus.document import Box
from corpus.formats.pdf_page import Rule

_NEAR = 3.0  # edges that lie closer are one edge
_COVERED = 0.6  # of a side of a place, from which on it is ruled


@dataclass(frozen=True, slots=True)
class Region:
    """A cell as ruled: the rows and columns that it covers, and its edges."""

    row: int
    column: int
    rows: int
    columns: int
    box: Box


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruled grid on a page: the heights and places of its edges, its cells in row order.

    `whole` is False where cells run into each other so that no grid comes out.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[Region, ...]
    whole: bool = True

    @property
    def box(self) -> Box:
        """Its outer edges."""
        return (self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])


def grids(rules: Iterable[Rule]) -> list[Ruled]:
    """The grids that `rules` draw, from top to bottom; a lone rule draws none."""
    found = [_grid(part) for part in _parts(_merged(rules))]
    return sorted((grid for grid in found if grid is not None), key=lambda grid: (grid.ys[0], grid.xs[0]))


def _snapped(values: Iterable[float]) -> dict[float, float]:
    """Each value to the middle of those that lie near it."""
    groups: list[list[float]] = []
    for value in sorted(set(values)):
        if groups and value - groups[-1][0] <= _NEAR:
            groups[-1].append(value)
        else:
            groups.append([value])
    return {value: fmean(group) for group in groups for value in group}


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Rules on one line with no gap between them are one."""
    merged: list[Rule] = []
    listed = list(rules)
    for level in (True, False):
        mine = [rule for rule in listed if rule.level is level]
        heights = _snapped(rule.at for rule in mine)
        by_height: dict[float, list[Rule]] = defaultdict(list)
        for rule in mine:
            by_height[heights[rule.at]].append(rule)
        for at, row in by_height.items():
            row.sort(key=lambda rule: rule.start)
            start, end = row[0].start, row[0].end
            for rule in row[1:]:
                if rule.start > end + _NEAR:
                    merged.append(Rule(level, at, start, end))
                    start, end = rule.start, rule.end
                end = max(end, rule.end)
            merged.append(Rule(level, at, start, end))
    return [rule for rule in merged if rule.end - rule.start > _NEAR]


def _parts(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules that hang together by crossing or touching."""
    parent = list(range(len(rules)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    upright = sorted((rule.at, i) for i, rule in enumerate(rules) if not rule.level)
    for i, rule in enumerate(rules):
        if not rule.level:
            continue
        for at, j in upright[bisect_left(upright, (rule.start - _NEAR, -1)) :]:
            if at > rule.end + _NEAR:
                break
            if rules[j].start - _NEAR <= rule.at <= rules[j].end + _NEAR:
                parent[root(i)] = root(j)
    parts: dict[int, list[Rule]] = defaultdict(list)
    for i, rule in enumerate(rules):
        parts[root(i)].append(rule)
    return [part for part in parts.values() if len(part) > 1]


def _grid(rules: Sequence[Rule]) -> Ruled | None:
    levels = [rule for rule in rules if rule.level]
    uprights = [rule for rule in rules if not rule.level]
    left, right = min(r.start for r in levels), max(r.end for r in levels)
    top, bottom = min(r.start for r in uprights), max(r.end for r in uprights)
    xs = sorted(set(_snapped([left, right, *(rule.at for rule in uprights)]).values()))
    ys = sorted(set(_snapped([top, bottom, *(rule.at for rule in levels)]).values()))
    if len(xs) < 2 or len(ys) < 2:
        return None
    across, down = _sides(uprights, xs, ys), _sides(levels, ys, xs)
    width, height = len(xs) - 1, len(ys) - 1
    owner = {(r, c): (r, c) for r in range(height) for c in range(width)}

    def root(place: tuple[int, int]) -> tuple[int, int]:
        while owner[place] != place:
            owner[place] = owner[owner[place]]
            place = owner[place]
        return place

    for r in range(height):
        for c in range(width):
            if c + 1 < width and (c + 1, r) not in across:
                owner[root((r, c + 1))] = root((r, c))
            if r + 1 < height and (r + 1, c) not in down:
                owner[root((r + 1, c))] = root((r, c))
    places: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for place in owner:
        places[root(place)].append(place)
    return _regions(xs, ys, list(places.values()))


def _sides(rules: Sequence[Rule], ats: Sequence[float], steps: Sequence[float]) -> set[tuple[int, int]]:
    """(line, step) for each side of a place that is ruled."""
    ruled: dict[tuple[int, int], float] = defaultdict(float)
    for rule in rules:
        line = min(range(len(ats)), key=lambda i: abs(ats[i] - rule.at))
        for step in range(len(steps) - 1):
            both = min(rule.end, steps[step + 1]) - max(rule.start, steps[step])
            if both > 0:
                ruled[line, step] += both
    return {
        (line, step)
        for (line, step), length in ruled.items()
        if length >= _COVERED * (steps[step + 1] - steps[step])
    }


def _regions(xs: list[float], ys: list[float], groups: list[list[tuple[int, int]]]) -> Ruled:
    """The cells; edges that part no cells are left out."""
    spans = []
    whole = True
    for places in groups:
        rows = [r for r, _ in places]
        columns = [c for _, c in places]
        span = (min(rows), max(rows) + 1, min(columns), max(columns) + 1)
        whole = whole and len(places) == (span[1] - span[0]) * (span[3] - span[2])
        spans.append(span)
    used_rows = sorted({edge for span in spans for edge in span[:2]})
    used_columns = sorted({edge for span in spans for edge in span[2:]})
    row_at = {edge: i for i, edge in enumerate(used_rows)}
    column_at = {edge: i for i, edge in enumerate(used_columns)}
    cells = [
        Region(
            row_at[r0],
            column_at[c0],
            row_at[r1] - row_at[r0],
            column_at[c1] - column_at[c0],
            (xs[c0], ys[r0], xs[c1], ys[r1]),
        )
        for r0, r1, c0, c1 in spans
    ]
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Ruled(tuple(xs[c] for c in used_columns), tuple(ys[r] for r in used_rows), tuple(cells), whole)
