"""Rows of a published table, whose merges are known, to tasks and measures.

Where a text layout must infer (an empty cell may be a merged one), here an empty cell is empty: nothing
is taken from the row above unless the document merges it. What is odd is read as it stands and said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from corpus.clauses import duties as clause_duties
from corpus.clauses import find_clauses, is_body
from corpus.columns import Columns
from corpus.departments import NONE_MARKS, PrintedName, unknown
from corpus.normal import join_name, normal
from corpus.numerals import numeral
from corpus.rows import Cell, Row
from corpus.table import KIND, NO_NAME, TableReading, depth_of, duty_of
from corpus.types import Duty, Measure, Role, Task

_NUMBER = re.compile(r"[（(第]?([0-9]+|[零〇一二三四五六七八九十百]+)[)）、.．]?[项条]?")
_REMARK = re.compile(r"(?:备?注|说明)[1-9]?[：:.、]")
_DUTY_FIELDS = ("lead", "lead_responsible", "responsible", "assisting")
_KEPT = ("extra", "skip")
_SAYS_ROLES = re.compile(r"牵头|配合|协办|会同|主责|[：:]")
_COMMA = re.compile(r"[、，,；;]")


@dataclass
class ExactReading(TableReading):
    """The state while one published plan is read; `columns` are set for each table before its rows."""

    offset: int = 0
    last_printed: int | None = None
    rows: Counter[str] = field(default_factory=Counter)
    """How many rows became what: 措施, 章节, 表注, 空行."""

    def begin(self, columns: Columns) -> None:
        """A header row stood here."""
        self.columns = columns

    def section(self, cell: Cell, row: Row) -> None:
        """A heading outside of a table, or a row merged over the whole width."""
        self.leave(row, "标题：章节")
        if self.heading(cell):
            return
        numbered = tuple(part for part in self.path if depth_of(part) is not None)
        self.path = (*numbered, cell.text)
        self.notes.append(f"{self.plan.id}：“{cell.text[:30]}”没有编号，按小标题处理（{row.said}）")

    def row(self, row: Row) -> None:
        """Read the next row of a table.

        Raises:
            SourceError: it is no section heading, remark or measure.
        """
        own = [cell for cell in row.filled if not cell.repeated]
        if not own:
            self.rows["空行"] += 1
            return
        if self.columns is None:
            self.fail(row, "表格的行在表头之前")
        first = own[0]
        if len(own) == 1 and _REMARK.match(first.text):
            self.rows["表注"] += 1
            self.leave(row, "剔除：表注")
            self.notes.append(f"{self.plan.id}：表注未入库：{first.text[:60]}（{row.said}）")
        elif all(cell is None for cell in row.cells[1:]) and row.cells[0] is first:
            self.rows["章节"] += 1
            self.section(first, row)
        elif len(row.filled) == 1 and row.cells[0] is first and self.heading(first):
            self.rows["章节"] += 1
            self.leave(row, "标题：章节")
        else:
            self.rows["措施"] += 1
            self.measure(row, self.columns)

    def measure(self, row: Row, columns: Columns) -> None:
        """Read `row` as a measure, further columns under their headings."""
        extras = []
        kept = [n for n, name in enumerate(columns.fields) if name not in _KEPT]
        for name, heading, cell in zip(columns.fields, columns.headings, row.cells, strict=True):
            if name not in _KEPT or cell is None:
                continue
            cell.take(self.ledger, f"字段：{heading}" if name == "extra" else f"剔除：{heading}列")
            if name == "extra" and cell.text not in NONE_MARKS:
                extras.append((heading, cell.text))
        narrow = replace(row, cells=tuple(row.cells[n] for n in kept))
        super().measure(narrow, Columns(tuple(columns.fields[n] for n in kept)))
        if extras:
            self.measures[-1] = replace(self.measures[-1], extras=tuple(extras))

    def check_cells(self, row: Row, task: Task, deadline: str | None, target: str | None) -> None:
        """Cells cannot have shifted here."""

    def task(self, row: Row, cells: dict[str, Cell | None], inferred: list[str]) -> Task:
        """The task that the row belongs to: the one above, or the one that it opens."""
        current = self.tasks[-1] if self.tasks else None
        title_cell = cells.get("task") or Cell()
        title = join_name(title_cell.text)
        cell = cells.get("number") or Cell()
        number = self._number(row, cell)
        opens = bool(title) and not title_cell.repeated
        if number is None and ("number" in cells or "task" in cells):
            if current is not None and not opens:
                if not cell.repeated and "number" in cells and not title_cell.repeated:
                    inferred.append(f"序号和重点任务是空的，归入第{current.number}项")
                return current
            if "number" in cells:
                inferred.append("原文缺序号，按前一项顺延")
        elif cell.repeated and current is not None:
            if opens and normal(title) != normal(current.title):
                return replace(current, title=title)  # one number over several tasks
            return current
        if number is None:
            return self.opened((current.number if current else 0) + 1, title, row)
        if current is not None and number == self.last_printed:
            self.goes_on(current, title, row)
            return current
        self.last_printed = number
        meant = number + self.offset
        if any(task.number == meant for task in self.tasks):
            assert current is not None
            self.offset = current.number + 1 - number
            meant = number + self.offset
            self.notes.append(
                f"{self.plan.id}：序号{number}又从头编起或重复（{row.said}），以下按全文顺序编为第{meant}项起"
            )
        return self.opened(meant, title, row)

    def _number(self, row: Row, cell: Cell) -> int | None:
        if not cell.text:
            return None
        match = _NUMBER.fullmatch(normal(cell.text))
        if match is None:
            self.fail(row, f"序号一格是“{cell.text[:20]}”，应为数字")
        return numeral(match[1])

    def inherited(
        self, name: str, cells: dict[str, Cell | None], row: Row, above: str | None, inferred: list[str]
    ) -> str | None:
        """The cell's text; a category is printed once for the rows that it heads."""
        cell = cells.get(name)
        if cell is not None and cell.pieces:
            return cell.text if cell.text not in NONE_MARKS else None
        if name == "category":
            return above if name in cells else None
        if name in cells and cell is not None:
            inferred.append(f"{KIND[name]}一格是空的")
        return None

    def duties(
        self, row: Row, cells: dict[str, Cell | None], above: Measure | None, inferred: list[str]
    ) -> tuple[Duty, ...]:
        """The departments of a measure; a cell merged over several columns is all those roles."""
        fields = [name for name in cells if name in _DUTY_FIELDS]
        duties: list[Duty] = []
        for at, name in enumerate(fields):
            cell = cells[name]
            if cell is None:
                continue
            merged = [later for later in fields[at + 1 :] if self._joined(cells, fields, name, later)]
            role = Role.LEAD_RESPONSIBLE if name == "lead" and merged else Role(name)
            if "assisting" in merged:
                inferred.append(f"{'、'.join(KIND[f] for f in (name, *merged))}是一格，按{KIND[name]}处理")
            if _SAYS_ROLES.search(cell.text) and (said := self._said(cell)):
                duties += said
                continue
            for printed in self._names(cell):
                if not printed.department.known and NO_NAME.search(printed.printed):
                    inferred.append(f"{KIND[name]}一格里的“{printed.printed[:30]}”不像部门名称，照原文保留")
                duties.append(duty_of(printed, role))
        if not duties:
            inferred.append("原文没有写明部门")
        return tuple(duties)

    def _said(self, cell: Cell) -> tuple[Duty, ...]:
        """Duties where the cell itself says who leads and who assists (牵头单位：…；配合单位：…)."""
        district = self.plan.district
        words = "；".join(piece.text.rstrip("；;。") for piece in cell.pieces)
        for text in (words, f"（{words}）"):
            found = find_clauses(text, self.lexicon, district)
            if found.clauses and not found.doubts and found.clauses[0].assigns:
                return clause_duties(found.clauses, first_leads=False)
        return ()

    def _names(self, cell: Cell) -> Iterator[PrintedName]:
        """The names in a cell; a row of bodies that the lexicon does not know is parted at its commas."""
        district = self.plan.district
        for name in self.lexicon.split([piece.text for piece in cell.pieces], district):
            parts = [part for part in _COMMA.split(name.printed) if part]
            if (
                name.department.known
                or len(parts) < 2
                or not all(is_body(part, self.lexicon, district) for part in parts)
            ):
                yield name
                continue
            for part in parts:
                body = self.lexicon.resolve(part, district) or unknown(part, district)
                yield PrintedName(part, body, name.open_ended and part == parts[-1])

    @staticmethod
    def _joined(cells: dict[str, Cell | None], fields: list[str], field: str, later: str) -> bool:
        """Whether the columns from `field` to `later` are one merged cell."""
        between = fields[fields.index(field) + 1 : fields.index(later) + 1]
        return all(cells[name] is None for name in between)
