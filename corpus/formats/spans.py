"""Grids of cells that span rows and columns, as pages and workbooks describe them.

Published tables are often broken: spans run out of the table, rows are short, a header row that a page
break repeats stands inside a merged cell. What comes out covers every place of the grid exactly once;
what had to be put right is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from corpus.document import GridCell

MAX_COLUMNS = 1000
"""No span is taken for wider: the limit of the HTML standard, and no plan has as many columns."""
MAX_PLACES = 1_000_000
_TOO_LARGE = f"表格超过{MAX_PLACES // 10000}万格"


@dataclass(frozen=True, slots=True)
class Spanned:
    """A cell as its row gives it; `rows` 0 means down to the end of its group of rows."""

    lines: tuple[str, ...] = ()
    rows: int = 1
    columns: int = 1
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A whole grid: its cells in row order, its width, and for each row its index before it was packed."""

    cells: tuple[GridCell, ...]
    width: int
    rows: tuple[int, ...]
    notes: tuple[str, ...] = ()


def place(groups: Iterable[Sequence[Sequence[Spanned]]]) -> Grid:
    """Place the rows of each group (thead, tbody …) as browsers do.

    A row that fills the whole width by itself, although cells above reach into it, is a header row
    that was repeated: it keeps its places, and the cells above go on behind it, with the same text.

    Raises:
        ValueError: the grid has more than `MAX_PLACES` places.
    """
    rows = [(row, len(group) - at) for group in groups for at, row in enumerate(group)]
    return _Placing([row for row, _ in rows], [left for _, left in rows]).grid()


def pack(cells: Iterable[GridCell], notes: tuple[str, ...] = ()) -> Grid:
    """Close up the rows and columns in which no cell begins: they are only there by spans."""
    cells = list(cells)
    rows = sorted({cell.row for cell in cells})
    columns = sorted({cell.column for cell in cells})
    new_row = {row: at for at, row in enumerate(rows)}
    new_column = {column: at for at, column in enumerate(columns)}
    packed = [
        replace(
            cell,
            row=new_row[cell.row],
            column=new_column[cell.column],
            rows=sum(1 for row in range(cell.row, cell.row + cell.rows) if row in new_row),
            columns=sum(1 for at in range(cell.column, cell.column + cell.columns) if at in new_column),
        )
        for cell in cells
    ]
    packed.sort(key=lambda cell: (cell.row, cell.column))
    return Grid(tuple(packed), len(columns), tuple(rows), notes)


@dataclass
class _Reach:
    """A cell that reaches down from row `since`; `until` is the row behind its last.

    `at` is where its cell stands in the list of those that were placed.
    """

    cell: Spanned
    column: int
    columns: int
    since: int
    until: int
    at: int = -1


@dataclass
class _Placing:
    """The state while rows are placed; `left[r]` counts the rows of r's group from r on."""

    rows: Sequence[Sequence[Spanned]]
    left: Sequence[int]
    cells: list[GridCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reaching: list[_Reach] = field(default_factory=list)

    def grid(self) -> Grid:
        own = [sum(min(cell.columns, MAX_COLUMNS) for cell in row) for row in self.rows]
        full = max(own, default=0)
        if sum(own) > MAX_PLACES:
            raise ValueError(_TOO_LARGE)
        for row, cells in enumerate(self.rows):
            self.reaching = [reach for reach in self.reaching if reach.until > row]
            if self.reaching and own[row] == full:
                self._interrupt(row)
            self._row(row, cells)
        self.cells = [cell for cell in self.cells if cell.rows]
        self._overflow()
        self._holes()
        return pack(self.cells, tuple(self.notes))

    def _row(self, row: int, cells: Sequence[Spanned]) -> None:
        held = {
            at
            for reach in self.reaching
            if reach.since <= row
            for at in range(reach.column, reach.column + reach.columns)
        }
        column = 0
        for cell in cells:
            while column in held:
                column += 1
            wanted = max(1, min(cell.columns, MAX_COLUMNS))
            columns = next((n for n in range(1, wanted) if column + n in held), wanted)
            if columns < wanted:
                self.notes.append(f"第{row + 1}行的合并格与上方的合并格重叠，已截短")
            rows = min(cell.rows or self.left[row], self.left[row])
            if cell.rows > rows:
                self.notes.append(f"第{row + 1}行的合并格向下超出表格，已截短")
            self._put(_Reach(cell, column, columns, row, row + rows))
            column += columns

    def _put(self, reach: _Reach) -> None:
        height = reach.until - reach.since
        cell = reach.cell
        self.reaching.append(replace(reach, at=len(self.cells)))
        self.cells.append(GridCell(reach.since, reach.column, cell.lines, height, reach.columns, cell.notes))

    def _interrupt(self, row: int) -> None:
        """Row `row` needs all the places: what reaches into it ends above and goes on below."""
        reaching, self.reaching = self.reaching, []
        for reach in reaching:
            self.cells[reach.at] = replace(self.cells[reach.at], rows=row - reach.since)
            if reach.until > row + 1:
                self._put(replace(reach, since=row + 1))
        self.notes.append(f"第{row + 1}行占满整行，穿过它的合并格从这一行断开，下方重复其内容")

    def _overflow(self) -> None:
        """Columns on the right in which no cell begins are there only because a span is too wide."""
        ends = Counter[int]()
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.rows):
                ends[row] = max(ends[row], cell.column + cell.columns)
        begun = max((cell.column for cell in self.cells), default=0) + 1
        even = len(set(ends.values())) == 1
        for at, cell in enumerate(self.cells):
            if cell.column + cell.columns > begun:
                self.cells[at] = replace(cell, columns=begun - cell.column)
                if not even:
                    self.notes.append(f"第{cell.row + 1}行的合并格向右超出表格，已截短")
        if begun * len(self.rows) > MAX_PLACES:
            raise ValueError(_TOO_LARGE)

    def _holes(self) -> None:
        """Places that no cell covers are empty cells."""
        covered = {
            (row, column)
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        }
        width = max((cell.column + cell.columns for cell in self.cells), default=0)
        holes = [
            (row, column)
            for row in range(len(self.rows))
            for column in range(width)
            if self.rows[row] and (row, column) not in covered
        ]
        self.cells += [GridCell(row, column) for row, column in holes]
        for row, missing in Counter(row for row, _ in holes).items():
            self.notes.append(f"第{row + 1}行少{missing}格，按空格补齐")
