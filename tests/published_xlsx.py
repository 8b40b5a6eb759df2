"""A publication as a workbook: a sheet a plan, merged ranges, figures as figures."""

from __future__ import annotations

import re
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_grid import Cell, Line, Plan, Publication, plan_blocks, title_lines

_WIDTHS = {"序号": 6, "类别": 14, "重点任务": 18, "工作措施": 60, "指标名称": 40, "完成时限": 12}
_DEPARTMENTS = 26
_EDGE = Border(*(Side(style="thin") for _ in range(4)))


def write_xlsx(path: Path, publication: Publication) -> None:
    """Write the plans of `publication` at `path`; its letter goes another way."""
    book = Workbook()
    book.remove(book.active)
    for at, plan in enumerate(publication.plans, start=1):
        _sheet(book.create_sheet(f"附件{at}" if len(publication.plans) > 1 else "行动计划"), plan)
    book.save(path)


def _sheet(sheet: Worksheet, plan: Plan) -> None:
    row = 1
    parts = list(plan_blocks(plan))
    columns = next(part.columns for part in parts if not isinstance(part, Line))
    if sheet.title != "行动计划":
        sheet.cell(row, 1, sheet.title)
        row += 1
    _wide(sheet, row, len(columns), "\n".join(title_lines(plan.title)), Font(size=18, bold=True))
    row += 1
    for part in parts:
        if isinstance(part, Line):
            _wide(sheet, row, len(columns), "\n".join(part.lines), Font(bold=True), "left")
            row += 1
            continue
        for cell in part.cells:
            _cell(sheet, row, cell, columns)
        row += part.height
    for at, heading in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(heading, _DEPARTMENTS)
    sheet.oddFooter.center.text = "第 &P 页"
    sheet.page_setup.orientation = "landscape"


def _wide(sheet: Worksheet, row: int, width: int, text: str, font: Font, side: str = "center") -> None:
    """A line over the whole width."""
    cell = sheet.cell(row, 1, text)
    cell.font, cell.alignment = font, Alignment(horizontal=side, vertical="center", wrap_text=True)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)


def _cell(sheet: Worksheet, top: int, cell: Cell, columns: tuple[str, ...]) -> None:
    row, column = top + cell.row, 1 + cell.column
    text = "\n".join(cell.lines)
    made = sheet.cell(row, column)
    if columns[cell.column] == "序号" and text.isdecimal():
        made.value = int(text)
    elif re.fullmatch(r"\d+%", text):
        made.value, made.number_format = int(text[:-1]) / 100, "0%"
    else:
        made.value = text
    if cell.note:
        made.comment = Comment(cell.note, "综合处")
    made.alignment, made.border = Alignment(vertical="center", wrap_text=True), _EDGE
    if cell.rows > 1 or cell.columns > 1:
        last, right = row + cell.rows - 1, column + cell.columns - 1
        sheet.merge_cells(start_row=row, end_row=last, start_column=column, end_column=right)
