"""A published workbook: each sheet's titles as paragraphs, its blocks of rows as tables.

A value comes as Excel shows it. A formula is never worked out here: what was saved with it counts, and a
file without that is refused, for a missing figure in a plan would otherwise pass as an empty cell.
"""

from __future__ import annotations

import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from corpus.document import Document, GridCell, Left, Paragraph, Place, Table
from corpus.errors import SourceError
from corpus.formats.spans import MAX_PLACES, Grid, pack
from corpus.formats.xlsx_package import Package
from corpus.formats.xlsx_values import shown
from corpus.normal import normal

Sheet = Any
"""An openpyxl worksheet: openpyxl ships no types."""

_SAYS_NOTHING = re.compile(r"(?:sheet|工作表|表格?|table)[ _-]*\d*(?:\(\d+\))?", re.IGNORECASE)


def read(path: Path) -> Document:
    """Read the workbook at `path`; its macros and links are never touched.

    Raises:
        SourceError: it is damaged or empty, a formula has no saved value, a cell shows an error.
    """
    package = Package.of(path)
    book = _book(path, values=True)
    formulas = _book(path, values=False) if package.formulas else None
    reading = _Reading(path.name)
    reading.left += package.left
    for sheet in book.worksheets:
        reading.sheet(sheet, formulas[sheet.title] if formulas is not None else None)
    reading.left += [Left("图表", Place(f"工作表“{chart.title}”")) for chart in book.chartsheets]
    if not reading.blocks:
        raise SourceError(path.name, None, "工作簿里没有内容；请检查是不是选错了文件，或内容在隐藏的工作表里")
    return Document(path.name, "xlsx", tuple(reading.blocks), tuple(reading.left), tuple(reading.notes))


def _book(path: Path, *, values: bool) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what openpyxl does not keep, nobody writes back
            return load_workbook(path, data_only=values, keep_links=False)
    except Exception as error:
        problem = "工作簿损坏，读不出来；请用Excel或WPS打开后另存为xlsx再添加"
        raise SourceError(path.name, None, problem) from error


@dataclass(frozen=True)
class _Cell:
    """A cell with its text; `centred` as its alignment says."""

    lines: tuple[str, ...]
    centred: bool


_At = tuple[int, int]


@dataclass(frozen=True)
class _Filled:
    """What a sheet holds: cells by (row, column) from 1, the columns of each row, merged ranges.

    `merged` gives the height and width of a range by its first cell.
    """

    where: str
    cells: dict[_At, _Cell]
    merged: dict[_At, _At]
    rows: dict[int, list[int]]

    def text(self) -> str:
        """Its rows as lines."""
        rows = (("".join(self.cells[row, at].lines) for at in columns) for row, columns in self.rows.items())
        return "\n".join(" ".join(row) for row in rows)

    def blocks(self) -> Iterator[range]:
        """Runs of rows that hold something; a row that only merged cells cover parts nothing.

        They cover it where all cells of the row above reach into it, or one reaches through it to a row
        that holds something.
        """
        held = sorted(self.rows)
        covered = set(held)
        for row, columns in self.rows.items():
            heights = [self.merged.get((row, column), (1, 1))[0] for column in columns]
            through = held[bisect_right(held, row + max(heights) - 1) - 1]
            covered.update(range(row, max(through, row + min(heights))))
        begin = end = 0
        for row in sorted(covered):
            if row != end and end:
                yield range(begin, end)
            begin, end = (begin if row == end else row), row + 1
        if end:
            yield range(begin, end)


@dataclass
class _Reading:
    """The document while its sheets are read."""

    name: str
    blocks: list[Paragraph | Table] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def sheet(self, sheet: Sheet, formulas: Sheet | None) -> None:
        """Read one sheet; a hidden one is left, whatever it holds."""
        where = f"工作表“{sheet.title}”"
        visible = sheet.sheet_state == "visible"
        filled = self._filled(where, sheet, formulas, strict=visible)
        if not visible:
            self.left.append(Left("隐藏工作表", Place(where), filled.text()))
            return
        self._around(sheet, where)
        self._hidden(sheet, filled)
        before = len(self.blocks)
        for rows in filled.blocks():
            self._block(rows, filled)
        if len(self.blocks) > before:
            self._named(sheet.title, before)

    def _filled(self, where: str, sheet: Sheet, formulas: Sheet | None, *, strict: bool) -> _Filled:
        # what openpyxl holds, not the used range: that may be a million formatted rows
        values, written = sheet._cells, formulas._cells if formulas is not None else {}
        cells: dict[_At, _Cell] = {}
        rows: dict[int, list[int]] = {}
        for at in sorted(values):
            cell = values[at]
            if strict:
                self._check(where, cell, at in written and written[at].data_type == "f")
            if cell.value is None:
                continue
            text = shown(cell.value, cell.number_format, cell._style.numFmtId)
            lines = tuple(filter(None, (line.strip() for line in text.splitlines())))
            if lines:
                cells[at] = _Cell(lines, cell.alignment.horizontal in ("center", "centerContinuous"))
                rows.setdefault(at[0], []).append(at[1])
        return _Filled(where, cells, _merged(sheet, cells), rows)

    def _check(self, sheet: str, cell: Any, formula: bool) -> None:
        where = f"{sheet}{cell.coordinate}"
        if cell.data_type == "e":
            problem = f"单元格显示错误{cell.value}；请在Excel或WPS里改正后再添加"
            raise SourceError(self.name, where, problem)
        if formula and cell.value is None and cell.data_type != "str":  # "str": worked out, to no text
            problem = "公式没有保存计算结果；请用Excel或WPS打开，保存一次后再添加"
            raise SourceError(self.name, where, problem)
        if cell.comment:
            self.left.append(Left("批注", Place(where), cell.comment.text or ""))
        if cell.value is not None and cell.font.strike:
            self.notes.append(f"{where}的文字带删除线，已照常读入")

    def _block(self, rows: range, filled: _Filled) -> None:
        """Rows without an empty one between them: titles while a row fills one cell, then a table."""
        begin = next((row for row in rows if len(filled.rows.get(row, ())) > 1), rows.stop)
        for row in range(rows.start, begin):
            for column in filled.rows.get(row, ()):
                cell = filled.cells[row, column]
                merged = filled.merged.get((row, column), (1, 1))[1] > 1
                centred = begin < rows.stop or cell.centred or merged
                place = Place(f"{filled.where}第{row}行")
                self.blocks.append(Paragraph(cell.lines, place, centred=centred))
        if begin < rows.stop:
            end = max(row for row in rows if row in filled.rows) + 1
            grid = self._grid(range(begin, end), filled)
            places = tuple(Place(f"{filled.where}第{row}行") for row in grid.rows)
            self.blocks.append(Table(grid.cells, grid.width, places))

    def _grid(self, rows: range, filled: _Filled) -> Grid:
        """The rows as a grid as wide as what they hold; a merge that reaches out of it is cut."""
        held = [column for row in rows for column in filled.rows.get(row, ())]
        columns = range(min(held), max(held) + 1)
        if len(rows) * len(columns) > MAX_PLACES:
            problem = f"表格超过{MAX_PLACES // 10000}万格；请删去多余的行列后再添加"
            raise SourceError(self.name, f"{filled.where}第{rows.start}行", problem)
        placed: list[GridCell] = []
        covered: set[_At] = set()
        for at in ((row, column) for row in rows for column in columns):
            if at in covered:
                continue
            high, wide = filled.merged.get(at, (1, 1))
            high, wide = min(high, rows.stop - at[0]), min(wide, columns.stop - at[1])
            covered |= {(at[0] + down, at[1] + right) for down in range(high) for right in range(wide)}
            lines = filled.cells[at].lines if at in filled.cells else ()
            placed.append(GridCell(*at, lines, high, wide))
        return pack(placed)

    def _named(self, title: str, before: int) -> None:
        """The sheet's name in front of what it holds, where it says more than that."""
        said = "".join(normal(block.text) for block in self.blocks[before:] if isinstance(block, Paragraph))
        if not _SAYS_NOTHING.fullmatch(title.strip()) and normal(title) not in said:
            named = Paragraph((title.strip(),), Place(f"工作表“{title}”"), centred=True)
            self.blocks.insert(before, named)

    def _around(self, sheet: Sheet, where: str) -> None:
        """Printed headers and footers."""
        for part in (sheet.oddHeader, sheet.oddFooter):
            texts = [piece.text for piece in (part.left, part.center, part.right) if piece.text]
            if texts:
                self.left.append(Left("页眉页脚", Place(where), " ".join(texts)))

    def _hidden(self, sheet: Sheet, filled: _Filled) -> None:
        """Hidden rows and columns are read; the operator must know."""
        rows = sorted(row for row, look in sheet.row_dimensions.items() if look.hidden and row in filled.rows)
        hidden = [look for look in sheet.column_dimensions.values() if look.hidden]
        held = sorted({column for _, column in filled.cells})
        columns = [at for at in held if any((look.min or 0) <= at <= (look.max or 0) for look in hidden)]
        if rows:
            self.notes.append(f"{filled.where}第{'、'.join(map(str, rows))}行是隐藏的，已照常读入")
        if columns:
            letters = "、".join(map(get_column_letter, columns))
            self.notes.append(f"{filled.where}{letters}列是隐藏的，已照常读入")


def _merged(sheet: Sheet, cells: dict[_At, _Cell]) -> dict[_At, _At]:
    """Merged ranges as far as the sheet is filled; of two that overlap, the first counts."""
    last_row = max((row for row, _ in cells), default=0)
    last_column = max((column for _, column in cells), default=0)
    found: dict[_At, _At] = {}
    taken: set[_At] = set()
    for one in sorted(sheet.merged_cells.ranges, key=lambda one: (one.min_row, one.min_col)):
        high = min(one.max_row, last_row) - one.min_row + 1
        wide = min(one.max_col, last_column) - one.min_col + 1
        places = {(one.min_row + r, one.min_col + c) for r in range(high) for c in range(wide)}
        if places and not places & taken:
            found[one.min_row, one.min_col] = (high, wide)
            taken |= places
    return found
