"""The grid of a Word table: which cell covers which places.

Word says merges downwards cell by cell (w:vMerge) and merges to the right as a count of grid columns
(w:gridSpan, formerly w:hMerge). Hand-drawn borders leave hairline columns between rows that look
aligned, and some programs write no spans at all, only widths: both are put right here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from corpus.document import GridCell
from corpus.formats.spans import Grid, pack

HAIRLINE = 100
"""In twips (1.8 mm): a column so narrow that no cell stands in it alone is a shift of borders."""


@dataclass
class RawCell:
    """A w:tc: `merge` is "", "restart" or "continue" (w:vMerge); `width` in twips, 0 where not said.

    An `open` one is no cell, but the room that a row leaves at either side.
    """

    columns: int = 1
    merge: str = ""
    to_left: bool = False
    width: int = 0
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    open: bool = False


@dataclass
class RawRow:
    """A w:tr: its cells, and the grid columns that it leaves open on either side."""

    cells: list[RawCell]
    before: int = 0
    after: int = 0


@dataclass
class Built:
    """A grid; `notes` and `covered` (text in cells that a merge covers) with their rows, from 0."""

    grid: Grid
    notes: list[tuple[int, str]]
    covered: list[tuple[int, str]]


@dataclass
class _Placed:
    start: int
    end: int
    cell: RawCell


@dataclass
class _Building:
    rows: list[list[_Placed]]
    notes: list[tuple[int, str]] = field(default_factory=list)
    covered: list[tuple[int, str]] = field(default_factory=list)


def build(rows: Sequence[RawRow], widths: Sequence[int]) -> Built:
    """Place the cells of `rows`; `widths` are those of w:tblGrid, in twips."""
    building = _Building([_placed(_with_left_merged(row)) for row in rows])
    total = _align(building, widths)
    if len(widths) == total:
        _close_hairlines(building.rows, widths)
    cells = _merged_down(building)
    return Built(pack(cells), building.notes, building.covered)


def _with_left_merged(row: RawRow) -> RawRow:
    """The old horizontal merge: a cell that continues gives its columns and text to the one before."""
    cells: list[RawCell] = []
    for cell in row.cells:
        if cell.to_left and cells:
            cells[-1].columns += cell.columns
            cells[-1].width += cell.width
            cells[-1].lines += cell.lines
            cells[-1].notes += cell.notes
        else:
            cells.append(cell)
    return RawRow(cells, row.before, row.after)


def _placed(row: RawRow) -> list[_Placed]:
    cells = [RawCell(row.before, open=True)] if row.before else []
    cells += row.cells
    cells += [RawCell(row.after, open=True)] if row.after else []
    ends = list(accumulate(cell.columns for cell in cells))
    return [_Placed(end - cell.columns, end, cell) for end, cell in zip(ends, cells, strict=True)]


def _align(building: _Building, widths: Sequence[int]) -> int:
    """Give every row the same number of columns; returns it."""
    totals = {row[-1].end for row in building.rows if row}
    total = max(totals, default=0)
    if len(totals) > 1 and len(widths) >= total and all(widths):
        total = len(widths)
        fitted = [row if row and row[-1].end == total else _by_width(row, widths) for row in building.rows]
        building.rows = [new or old for new, old in zip(fitted, building.rows, strict=True)]
    for at, row in enumerate(building.rows):
        end = row[-1].end if row else 0
        if end < total:
            row.append(_Placed(end, total, RawCell(total - end, open=True)))
            building.notes.append((at, f"这一行比别的行少{total - end}格，右边按空格补齐"))
    return total


def _by_width(row: list[_Placed], widths: Sequence[int]) -> list[_Placed] | None:
    """The row laid out by the widths of its cells, where they meet the edges of the grid."""
    edges = [0, *accumulate(widths)]
    slack = max(HAIRLINE, edges[-1] // 40)
    position = start = 0
    found: list[_Placed] = []
    for at, placed in enumerate(row):
        if not placed.cell.width:
            return None
        position += placed.cell.width
        room = range(start + 1, len(edges) - (len(row) - at - 1))
        end = min(room, key=lambda edge: abs(edges[edge] - position), default=0)
        if not end or abs(edges[end] - position) > slack:
            return None
        found.append(_Placed(start, end, placed.cell))
        start = end
    return found


def _close_hairlines(rows: list[list[_Placed]], widths: Sequence[int]) -> None:
    """Take out the columns that are mere shifts between borders, from the right."""
    for column in range(len(widths) - 1, -1, -1):
        cells = (placed for row in rows for placed in row if not placed.cell.open)
        if not 0 < widths[column] <= HAIRLINE or any((c.start, c.end) == (column, column + 1) for c in cells):
            continue
        for row in rows:
            for placed in row:
                placed.start -= placed.start > column
                placed.end -= placed.end > column
            row[:] = [placed for placed in row if placed.start < placed.end]


def _merged_down(building: _Building) -> list[GridCell]:
    """One cell for every run of w:vMerge; a cell that continues nothing of its width stands by itself."""
    cells: list[list[_Placed]] = []  # each with the rows that it covers
    starts: list[int] = []
    above: dict[int, int] = {}
    for at, row in enumerate(building.rows):
        reached: dict[int, int] = {}
        for placed in row:
            index = above.get(placed.start)
            if placed.cell.merge == "continue" and index is not None and cells[index][0].end == placed.end:
                cells[index].append(placed)
                if placed.cell.lines:
                    building.covered.append((at, "".join(placed.cell.lines)))
            else:
                if placed.cell.merge == "continue" and index is not None:
                    building.notes.append((at, "有一格与上一行合并，但宽度对不上，按单独的格读取"))
                index = len(cells)
                cells.append([placed])
                starts.append(at)
            if placed.cell.merge:
                reached[placed.start] = index
        above = reached
    return [
        GridCell(
            row=start,
            column=run[0].start,
            lines=run[0].cell.lines,
            rows=len(run),
            columns=run[0].end - run[0].start,
            notes=tuple(note for placed in run for note in placed.cell.notes),
        )
        for start, run in zip(starts, cells, strict=True)
    ]
