"""The part of a table that stands on one page: its cells with their printed lines."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from corpus.document import Box
from corpus.formats.pdf_grid import Ruled
from corpus.formats.pdf_lines import Bounded, lines_of, written
from corpus.formats.pdf_page import Glyph

_NEAR = 4.0
_WIDEST_PAD = 12.0
_FEW = 3
_SAME = 0.6


@dataclass
class Held:
    """A cell: the rows that it covers, its edges from the table's left one, its printed lines.

    `notes` are the footnotes that it refers to.
    """

    row: int
    rows: int
    left: float
    right: float
    lines: list[Bounded] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def end(self) -> int:
        """The row behind its last."""
        return self.row + self.rows

    @property
    def text(self) -> str:
        """What it says, on one line."""
        return "".join(self.written)

    @property
    def written(self) -> tuple[str, ...]:
        """Its lines as they were written."""
        return written(self.lines)

    def beside(self, other: Held) -> bool:
        """Whether `other` stands in the same columns."""
        return abs(self.left - other.left) <= _NEAR and abs(self.right - other.right) <= _NEAR


@dataclass(frozen=True)
class Piece:
    """A table's part on a page; `rows` are the boxes of its rows, `xs` the edges of its columns."""

    page: int
    box: Box
    xs: tuple[float, ...]
    rows: tuple[Box, ...]
    cells: tuple[Held, ...]

    @property
    def width(self) -> float:
        """From its left to its right edge."""
        return self.box[2] - self.box[0]

    def row(self, number: int) -> list[Held]:
        """The cells that begin in a row, from left to right."""
        return [cell for cell in self.cells if cell.row == number]

    def without(self, head: int) -> Piece:
        """This piece behind its first `head` rows."""
        cells = tuple(replace(cell, row=cell.row - head) for cell in self.cells if cell.row >= head)
        return replace(self, rows=self.rows[head:], cells=cells)


def take_glyphs(
    ruled: Sequence[Ruled], glyphs: Iterable[Glyph]
) -> tuple[list[list[list[Glyph]]], list[Glyph]]:
    """The glyphs of each cell of each grid, and those that stand in none."""
    held: list[list[list[Glyph]]] = [[[] for _ in grid.cells] for grid in ruled]
    at = [_owners(grid) for grid in ruled]
    free = []
    for glyph in glyphs:
        x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
        for number, grid in enumerate(ruled):
            left, top, right, bottom = grid.box
            if left <= x < right and top <= y < bottom:
                place = (bisect_right(grid.ys, y) - 1, bisect_right(grid.xs, x) - 1)
                held[number][at[number][place]].append(glyph)
                break
        else:
            free.append(glyph)
    return held, free


def _owners(grid: Ruled) -> dict[tuple[int, int], int]:
    return {
        (row, column): number
        for number, cell in enumerate(grid.cells)
        for row in range(cell.row, cell.row + cell.rows)
        for column in range(cell.column, cell.column + cell.columns)
    }


def piece_of(page: int, ruled: Ruled, held: Sequence[Sequence[Glyph]]) -> Piece:
    """The grid with its lines; how far they may reach is set by `bound`."""
    left, _, right, _ = ruled.box
    cells = []
    for region, glyphs in zip(ruled.cells, held, strict=True):
        x0, _, x1, _ = region.box
        lines = [Bounded(line, x0, x1) for line in lines_of(glyphs)]
        cells.append(Held(region.row, region.rows, x0 - left, x1 - left, lines))
    rows = tuple((left, top, right, bottom) for top, bottom in zip(ruled.ys, ruled.ys[1:], strict=False))
    return Piece(page, ruled.box, tuple(x - left for x in ruled.xs), rows, tuple(cells))


def bound(pieces: Sequence[Piece]) -> None:
    """Set how far lines may reach: to the cell's edge, less what tables of this width leave free."""
    by_width: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_width[round(piece.width / _NEAR)].append(piece)
    for alike in by_width.values():
        pad = _pad(bounded for piece in alike for cell in piece.cells for bounded in cell.lines)
        for cell in (cell for piece in alike for cell in piece.cells):
            cell.lines = [Bounded(b.line, b.left + pad, b.right - pad) for b in cell.lines]


def _pad(lines: Iterable[Bounded]) -> float:
    """How far text stays from a cell's edges: the least distance that many lines begin at.

    Narrow cells let their text run nearer to the edge; where all is centred, the widest line shows it.
    """
    listed = list(lines)
    begins = sorted(b.line.x0 - b.left for b in listed if 0 < b.line.x0 - b.left <= _WIDEST_PAD)
    many = max(_FEW, len(listed) // 30)
    for first, last in zip(begins, begins[many - 1 :], strict=False):
        if last - first <= _SAME:
            return first
    gaps = begins + [b.right - b.line.x1 for b in listed if b.line.text[-1:].isalnum()]
    return min((gap for gap in gaps if gap > 0), default=0.0)


def same_columns(one: Piece, other: Piece) -> bool:
    """Whether two pieces are as wide, and their edges agree except where cells are merged."""
    if abs(one.width - other.width) > 2 * _NEAR:
        return False
    few, many = sorted((one.xs[1:-1], other.xs[1:-1]), key=len)
    shared = sum(any(abs(x - y) <= _NEAR for y in many) for x in few)
    return 2 * shared >= len(few)
