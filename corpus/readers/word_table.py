"""The text of a Word table: a cell a line that begins with a tab.

A row begins with a blank line and a tab; a blank line that is not followed by a tab is
inside a cell. A row with one cell fewer than the header has 牵头 and 主责 merged. Page
furniture (footers, bookmarks) is taken out first; a footer may split a row in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.columns import Columns
from corpus.errors import SourceError
from corpus.ledger import Ledger
from corpus.rows import Cell, Piece, Row, piece

_FURNITURE = (
    ("页脚", re.compile(r"[ \u3000]*[—–-] ?\d+ ?[—–-][ \u3000]*(\n|\Z)")),
    ("书签", re.compile(r"\[bookmark: [^\]\n]*\]")),
)


_NUMBER_LIKE = re.compile(r"[\d一二三四五六七八九十①-⑳]+[.、．)）]?|[(（][\d一二三四五六七八九十]+[)）]")


@dataclass
class _OpenRow:
    """A row being read: cells as lists of (text of the line, its pieces, indented)."""

    first: int
    cells: list[list[tuple[Piece, bool]]] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        return max((p.end for cell in self.cells for p, _ in cell), default=self.first)


def read_rows(ledger: Ledger, start: int, end: int) -> Iterator[Row]:
    """Yield the rows in `ledger.text[start:end]`; text before a row comes as one-cell rows.

    Raises:
        SourceError: a row has a number of cells that no merge explains.
    """
    columns: Columns | None = None
    open_rows = list(_open_rows(ledger, start, end))
    for index, row in enumerate(open_rows):
        following = open_rows[index + 1] if index + 1 < len(open_rows) else None
        header = Columns.of_header(_cells(row), ledger.file, ledger.line(row.first))
        columns = header or columns
        slid = _slid_into(row, following, columns)
        yield _row(ledger, row, columns if header is None else None)
        if following is not None and slid:
            following.cells[:0] = [[(p, False)] for p in slid]
            words = "、".join(p.text for p in slid)
            following.notes = (f"“{words}”滑到了上一行末尾，归回本行",)


def _open_rows(ledger: Ledger, start: int, end: int) -> Iterator[_OpenRow]:
    """Cut the region into rows; a line outside a row is a row of its own."""
    row: _OpenRow | None = None
    blank_before = True
    text, origin = _without_furniture(ledger, start, end)
    at = 0
    for line in text.split("\n"):
        pieces = _pieces(ledger, origin[at : at + len(line)])
        opens = origin[at] if line else at
        at += len(line) + 1
        if line.startswith("\t"):
            if row is None or blank_before:
                if row is not None:
                    yield row
                row = _OpenRow(opens)
            row.cells.append([])
        indented = line.startswith((" ", "\u3000"))
        for found in pieces:
            if row is None:
                yield _OpenRow(found.start, [[(found, False)]])
            else:
                row.cells[-1].append((found, indented))
        blank_before = line == ""
    if row is not None:
        yield row


def _without_furniture(ledger: Ledger, start: int, end: int) -> tuple[str, list[int]]:
    """The region without page furniture, and the offset in the file of each character left.

    A footer goes with its line break, so that the blank line behind it does not end the row.
    """
    cut: set[int] = set()
    for kind, pattern in _FURNITURE:
        for match in pattern.finditer(ledger.text, start, end):
            ledger.take(match.start(), match.end(), f"剔除：{kind}")
            cut.update(range(*match.span()))
    origin = [offset for offset in range(start, end) if offset not in cut]
    return "".join(ledger.text[offset] for offset in origin), origin


def _pieces(ledger: Ledger, offsets: list[int]) -> Iterator[Piece]:
    """The stripped text at `offsets`, cut where furniture stood in its midst."""
    begin = 0
    for i in range(1, len(offsets) + 1):
        if i == len(offsets) or offsets[i] != offsets[i - 1] + 1:
            found = piece(ledger.text, offsets[begin], offsets[i - 1] + 1)
            if found is not None:
                yield found
            begin = i


def _slid_into(row: _OpenRow, following: _OpenRow | None, columns: Columns | None) -> list[Piece]:
    """Cells of the next row that slid behind the last cell of this one.

    They are the indented lines at its end; the next row shows the loss: it opens with
    neither a number nor an empty cell.
    """
    if following is None or columns is None or len(following.cells) < 2 or not row.cells:
        return []
    first = following.cells[0]
    if not first or first[0][0].text.isdecimal() or first[0][0].text == "序号":
        return []
    last = row.cells[-1]
    slid: list[Piece] = []
    while len(last) > 1 and last[-1][1]:
        slid.insert(0, last.pop()[0])
    return slid


def _cells(row: _OpenRow) -> list[Cell]:
    return [Cell(tuple(p for p, _ in cell)) for cell in row.cells]


def _row(ledger: Ledger, row: _OpenRow, columns: Columns | None) -> Row:
    cells: list[Cell | None] = list(_cells(row))
    first, last = ledger.line(row.first), ledger.line(max(row.first, row.last - 1))
    if cells and cells[0] is not None and cells[0].pieces:
        first = min(first, ledger.line(cells[0].pieces[0].start))
    if columns is None or len(cells) == 1:
        return Row(tuple(cells), first, last)
    lost_number = False
    opening = cells[0]
    if opening is not None and opening.pieces and not opening.text.isdecimal():
        if _NUMBER_LIKE.fullmatch(opening.text):
            raise SourceError(ledger.file, first, f"序号一格是“{opening.text}”，应为数字")
        cells.insert(0, Cell())
        lost_number = True
    expected = len(columns.fields)
    if "responsible" in columns.fields and len(cells) == expected - 1:
        cells.insert(columns.fields.index("responsible"), None)
    if len(cells) != expected:
        merged = f"（牵头与主责合并时 {expected - 1} 格）" if "responsible" in columns.fields else ""
        problem = f"此行有 {len(row.cells)} 格，按表头应有 {expected} 格{merged}"
        raise SourceError(ledger.file, first, problem)
    return Row(tuple(cells), first, last, lost_number, row.notes)
