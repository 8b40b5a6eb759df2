"""Tables with random merges, and what a reader must make of them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from corpus.document import Table


@dataclass(frozen=True)
class Merge:
    """A rectangle of the grid with its text; rows and columns count from 0."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


@dataclass(frozen=True)
class Made:
    """A table: rectangles that cover a height × width grid, in row order."""

    height: int
    width: int
    merges: tuple[Merge, ...]

    def texts(self, *, packed_columns: bool = True) -> list[list[str]]:
        """The text over each place, without the rows (and columns) in which no cell begins."""
        rows = sorted({merge.row for merge in self.merges})
        begun = {merge.column for merge in self.merges}
        columns = sorted(begun if packed_columns else range(self.width))
        over = {
            (row, column): merge.text
            for merge in self.merges
            for row in range(merge.row, merge.row + merge.rows)
            for column in range(merge.column, merge.column + merge.columns)
        }
        return [[over[row, column] for column in columns] for row in rows]


@st.composite
def made(draw: st.DrawFn) -> Made:
    """Rectangles drawn one after another at the first place that is free; each text stands once."""
    height, width = draw(st.integers(2, 7)), draw(st.integers(2, 6))
    taken: set[tuple[int, int]] = set()
    merges = []
    for row in range(height):
        for column in range(width):
            if (row, column) in taken:
                continue
            free = next((n for n in range(1, width - column) if (row, column + n) in taken), width - column)
            columns = draw(st.integers(1, free))
            rows = draw(st.integers(1, height - row))
            taken |= {(row + r, column + c) for r in range(rows) for c in range(columns)}
            merges.append(Merge(row, column, rows, columns, f"格{row}·{column}"))
    return Made(height, width, tuple(merges))


def texts_of(table: Table) -> list[list[str]]:
    """The text over each place of a table that was read; every place is covered once."""
    return [["".join(cell.lines) for cell in row] for row in table.grid()]
