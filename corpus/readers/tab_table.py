"""A table printed one row a line, its cells separated by tabs.

牵头部门 and 主责单位 are often one merged cell: then 牵头 is filled and 主责 is empty,
or 主责 holds a —— that slid over from an empty 协办. Both come out as a merged cell.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.columns import Columns
from corpus.departments import NONE_MARKS
from corpus.errors import SourceError
from corpus.ledger import Ledger
from corpus.rows import Cell, Row, piece


def read_rows(ledger: Ledger, start: int, end: int) -> Iterator[Row]:
    """Yield the rows in `ledger.text[start:end]`; a line without a tab is a title line.

    Raises:
        SourceError: a row has another number of cells than the header row before it.
    """
    columns: Columns | None = None
    offset = start
    for line in ledger.text[start:end].split("\n"):
        line_start, offset = offset, offset + len(line) + 1
        if not line.strip():
            continue
        number = ledger.line(line_start)
        if "\t" not in line:
            cell = _cell(ledger.text, line_start, line_start + len(line))
            yield Row((cell,), number, number)
            continue
        cells = _cells(ledger.text, line_start, line)
        header = Columns.of_header(cells, ledger.file, number)
        if header is not None:
            columns = header
        elif columns is None:
            raise SourceError(ledger.file, number, "表格行之前没有表头（应有“序号、重点任务……”一行）")
        elif len(cells) != len(columns.fields):
            problem = f"此行有 {len(cells)} 格，按表头应有 {len(columns.fields)} 格"
            raise SourceError(ledger.file, number, problem)
        merged, notes = _merged(cells, columns if header is None else None)
        yield Row(merged, number, number, notes=notes)


def _cells(text: str, line_start: int, line: str) -> tuple[Cell, ...]:
    cells = []
    at = line_start
    for printed in line.split("\t"):
        cells.append(_cell(text, at, at + len(printed)))
        at += len(printed) + 1
    return tuple(cells)


def _cell(text: str, start: int, end: int) -> Cell:
    found = piece(text, start, end)
    return Cell((found,)) if found else Cell()


def _merged(
    cells: tuple[Cell, ...], columns: Columns | None
) -> tuple[tuple[Cell | None, ...], tuple[str, ...]]:
    """Mark 主责 as merged with 牵头 where the row prints them as one cell; say what slid."""
    if columns is None or "responsible" not in columns.fields:
        return cells, ()
    lead, responsible, assisting = (columns.fields.index(f) for f in ("lead", "responsible", "assisting"))
    if not cells[lead].pieces:
        return cells, ()
    if not cells[responsible].pieces:
        return (*cells[:responsible], None, *cells[responsible + 1 :]), ()
    if cells[assisting].pieces:
        return cells, ()
    if cells[responsible].text in NONE_MARKS:  # the —— of 协办 slid left: put it back
        moved = (*cells[:responsible], None, cells[responsible], *cells[assisting + 1 :])
        return moved, ("协办单位的“——”印到了主责单位一格，牵头与主责按合并处理",)
    return cells, ("协办单位一格是空的（同类行印“——”），按无协办处理",)
