"""What changed between two plans as csv, jsonl and xlsx files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from api.exports import finished, for_paper, plain, written
from rag.change_rows import COLUMNS, ChangeRow
from rag.reworded import Marked

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_WIDTHS = dict(zip(COLUMNS, (7, 10, 10, 20, 20, 22, 22, 54, 54, 24, 24, 24), strict=True))
_PRINTED = ("变化", "类型", "项目", "前标签", "后标签", "修改前", "修改后", "说明")
_ORDER = (*_PRINTED, *(name for name in COLUMNS if name not in _PRINTED))
_GONE, _COME = "FFC00000", "FF00642D"  # dark red and dark green, legible on white paper
_FONT, _SIZE = "Calibri", 11  # those of a cell: a run that names none is set smaller


def to_jsonl(rows: Sequence[ChangeRow]) -> str:
    """A JSON object a line, with the columns as names."""
    return "".join(json.dumps(row.as_dict(), ensure_ascii=False) + "\n" for row in rows)


def to_csv(rows: Sequence[ChangeRow]) -> str:
    """CSV text with a header line. A cell never opens as a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([plain(value) for value in row.as_dict().values()] for row in rows)
    return buffer.getvalue()


def to_xlsx(rows: Sequence[ChangeRow], about: Sequence[tuple[str, str]]) -> bytes:
    """A workbook: the rows, the words that differ in colour, and what is told `about` them on a second sheet.

    What is gone is red and struck through, what is new is green and bold, so that a black print shows it too.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("变化")
    sheet.freeze_panes = "A2"
    for n, name in enumerate(_ORDER, 1):
        sheet.column_dimensions[get_column_letter(n)].width = _WIDTHS[name]
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_ORDER))}{len(rows) + 1}"
    sheet.print_area = f"A1:{get_column_letter(len(_PRINTED))}{len(rows) + 1}"
    for_paper(sheet, landscape=True)
    sheet.append([written(sheet, name, heading=True) for name in _ORDER])
    for row in rows:
        cells: dict[str, Any] = {name: written(sheet, value) for name, value in row.as_dict().items()}
        cells["修改前"] = _marked(sheet, row.before, gone=True)
        cells["修改后"] = _marked(sheet, row.after, gone=False)
        sheet.append([cells[name] for name in _ORDER])
    return finished(book, about)


def _marked(sheet: WriteOnlyWorksheet, marked: Marked, *, gone: bool) -> WriteOnlyCell:
    """A cell with its changed words in colour; plain where all of it or nothing changed."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    pieces = [(ILLEGAL_CHARACTERS_RE.sub("", text), changed) for text, changed in marked]
    cell = written(sheet, "".join(text for text, _ in pieces))
    if len({changed for _, changed in pieces}) > 1:
        font = (
            InlineFont(rFont=_FONT, sz=_SIZE, color=_GONE, strike=True)
            if gone
            else InlineFont(rFont=_FONT, sz=_SIZE, color=_COME, b=True)
        )
        blocks = (TextBlock(font, text) if changed else text for text, changed in pieces if text)
        cell.value = CellRichText(*blocks)
        cell.data_type = "s"  # text is never a formula, whatever it opens with
    return cell
