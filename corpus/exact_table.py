"""Rows of a published table, whose merges are known, to tasks and measures.

Where a text layout must infer (an empty cell may be a merged one), here an empty cell is empty: nothing
is taken from the row above unless the document merges it. What is odd is read as it stands and said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from corpus.clauses import duties as clause_duties
from corpus.clauses import find_clauses, is_body
from corpus.columns import DUTIES, Columns, meaning
from corpus.departments import COMMA, NONE_MARKS, PrintedName, unknown
from corpus.normal import join_name, normal
from corpus.row_numbers import SUM, RowNumber, heading_of, row_number
from corpus.rows import Cell, Row
from corpus.table import KIND, NO_NAME, TableReading, depth_of, duty_of
from corpus.types import Duty, Measure, Role, Task

_REMARK = re.compile(r"(?:备?注|说明)[1-9]?[：:.、]")
_KEPT = ("extra", "skip")
_SAYS_ROLES = re.compile(r"牵头|配合|协办|会同|主责|[：:]")
_AND = re.compile(r"[、，,；;]|以及|[和及与]")
_SLASH = re.compile(r"[/／|｜]")


@dataclass
class ExactReading(TableReading):
    """The state while one published plan is read; `columns` are set for each table before its rows."""

    offset: int = 0
    last_printed: int | str | None = None
    _mark: str = ""
    _item: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    """How many rows became what: 措施, 章节, 表注, 空行."""

    def begin(self, columns: Columns) -> None:
        """A header row stood here."""
        self.columns = columns

    def section(self, cell: Cell, row: Row) -> None:
        """A heading outside of a table, or a row merged over the whole width."""
        if normal(cell.text) == normal(self.plan.title):  # printed again above the table
            self.leave(row, "标题：文件")
            return
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
        elif self._passed_over(row, self.columns, own):
            return
        elif len(row.filled) == 1 and row.cells[0] is first and self.heading(first):
            self.rows["章节"] += 1
            self.leave(row, "标题：章节")
        else:
            self.rows["措施"] += 1
            self.measure(row, self.columns)

    def _passed_over(self, row: Row, columns: Columns, own: list[Cell]) -> bool:
        """Whether it is no measure: a sum, a number and nothing else, a section with its number apart."""
        at = columns.fields.index("number") if "number" in columns.fields else None
        number = row.cells[at] if at is not None else None
        if SUM.fullmatch(normal(own[0].text)):
            kind, said = "合计", " ".join(cell.text for cell in own)
            self.leave(row, "剔除：合计")
            self.notes.append(f"{self.plan.id}：合计行未入库：{said[:60]}（{row.said}）")
        elif number is not None and own == [number]:
            kind = "空行"
            self.leave(row, "剔除：只有序号的行")
            self.notes.append(f"{self.plan.id}：这一行只有序号“{number.text[:10]}”，未入库（{row.said}）")
        elif at is not None and (title := self._heading_beside(row, columns, at)):
            kind = "章节"
            self.leave(row, "标题：章节")
            assert number is not None
            depth, words = heading_of(number.text, title.text) or (len(self.path), title.text)
            self.path = (*self.path[:depth], words)
        else:
            return False
        self.rows[kind] += 1
        return True

    @staticmethod
    def _heading_beside(row: Row, columns: Columns, at: int) -> Cell | None:
        """The title of a section whose number has a cell of its own: all that the row holds else.

        With a Chinese numeral the cells behind it may be empty; else one cell must cover them all.
        """
        number, rest = row.cells[at], row.cells[at + 1 :]
        filled = [cell for cell in rest if cell is not None and cell.pieces]
        if number is None or not number.pieces or number.repeated or len(rest) < 2 or len(filled) != 1:
            return None
        whole = rest[0] is filled[0] and all(cell is None for cell in rest[1:])
        in_words = not filled[0].repeated and heading_of(number.text, "") is not None
        over_duties = bool(set(DUTIES) & set(columns.fields[at + 2 :]))
        return filled[0] if (whole and over_duties) or in_words else None

    def measure(self, row: Row, columns: Columns) -> None:
        """Read `row` as a measure, further columns under their headings.

        Raises:
            SourceError: it has no text, of its own or merged.
        """
        extras = []
        self._mark = ""
        kept = [n for n, name in enumerate(columns.fields) if name not in _KEPT]
        for name, heading, cell in zip(columns.fields, columns.headings, row.cells, strict=True):
            if name not in _KEPT or cell is None:
                continue
            cell.take(self.ledger, f"字段：{heading}" if name == "extra" else f"剔除：{heading}列")
            if name == "extra" and cell.text not in NONE_MARKS:
                extras.append((heading, cell.text))
        cells = self._one_a_field((columns.fields[n], row.cells[n]) for n in kept)
        narrow = replace(_with_text(cells, row), cells=tuple(cells.values()))
        if not (text := cells["text"]) or not text.pieces:
            said = "、".join(cell.text[:20] for cell in row.filled if not cell.repeated)
            problem = f"这一行（{said}）没有工作措施；是上一行的续行，就请在原文里合并单元格后再加入"
            self.fail(row, problem)
        super().measure(narrow, Columns(tuple(cells)))
        if self._mark:
            extras.insert(0, (columns.headings[columns.fields.index("number")], self._mark))
        if extras:
            self.measures[-1] = replace(self.measures[-1], extras=tuple(extras))

    def _one_a_field(self, columns: Iterable[tuple[str, Cell | None]]) -> dict[str, Cell | None]:
        """The cells by field; those of several columns of one role as one cell."""
        held: dict[str, list[Cell | None]] = {}
        for name, cell in columns:
            held.setdefault(name, []).append(cell)
        cells: dict[str, Cell | None] = {}
        for name, found in held.items():
            cells[name] = found[0]
            if len(found) > 1 and any(found):
                filled = [cell for cell in found if cell is not None]
                for cell in filled:
                    cell.take(self.ledger, "字段：" + KIND[name])
                cells[name] = Cell(tuple(piece for cell in filled for piece in cell.pieces), repeated=True)
        return cells

    def check_cells(self, row: Row, task: Task, deadline: str | None, target: str | None) -> None:
        """Cells cannot have shifted here."""

    def task(self, row: Row, cells: dict[str, Cell | None], inferred: list[str]) -> Task:
        """The task that the row belongs to: the one above, or the one that it opens."""
        current = self.tasks[-1] if self.tasks else None
        title_cell = cells.get("task") or Cell()
        title = join_name(title_cell.text)
        cell = cells.get("number") or Cell()
        printed = self._number(row, cell)
        opens = bool(title) and not title_cell.repeated
        number = printed.number if printed else None
        if printed is not None and printed.number is None and not cell.repeated:
            return self._marked(printed.mark, current, title, row)
        if printed is None and ("number" in cells or "task" in cells):
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
        item, self._item = self._item, printed.item if printed else 0
        if current is not None and number == self.last_printed and (not self._item or self._item > item):
            if self._item:
                return replace(current, title=title) if opens else current
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

    def _number(self, row: Row, cell: Cell) -> RowNumber | None:
        if not cell.text or cell.text in NONE_MARKS:
            return None
        if meaning(cell.text) == "number":
            self.fail(row, "表格中间又有一行表头，和前面的列名不一样；请把它拆成两个表再加入")
        printed = row_number(cell.text)
        if printed is None:
            self.fail(row, f"序号一格是“{cell.text[:20]}”，应为数字")
        self._mark = printed.mark
        return printed

    def _marked(self, mark: str, current: Task | None, title: str, row: Row) -> Task:
        """The task of a row whose 序号 is no number (A1): they are numbered through."""
        if current is not None and mark == self.last_printed:
            return current
        number = current.number + 1 if current else 1
        self.last_printed = mark
        self.notes.append(f"{self.plan.id}：序号“{mark}”不是数字，编为第{number}项，原样另存（{row.said}）")
        return self.opened(number, title, row)

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
        fields = [name for name in cells if name in DUTIES]
        if not fields and (text := cells.get("text")):
            return self._of_text(text)
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

    def _of_text(self, text: Cell) -> tuple[Duty, ...]:
        """Duties that the measure itself states in brackets, in a table without departments."""
        found = find_clauses(text.text, self.lexicon, self.plan.district)
        return clause_duties(found.clauses, first_leads=False)

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
        pieces = [p.text if p.text in NONE_MARKS else _SLASH.sub("、", p.text) for p in cell.pieces]
        for name in self.lexicon.split(self._unbroken(pieces), district):
            parts = [] if name.department.known else [p for p in COMMA.split(name.printed) if p]
            if len(parts) < 2 or not all(is_body(part, self.lexicon, district) for part in parts):
                parts = [] if name.department.known else [p for p in _AND.split(name.printed) if p]
                if not all(self.lexicon.resolve(part, district) for part in parts):
                    parts = []
            if not parts and not name.department.known:  # two names that only a line's end parted
                ends = range(3, len(name.printed) - 2)
                cut = next((n for n in ends if self._both_known(name.printed, n)), 0)
                parts = [name.printed[:cut], name.printed[cut:]] if cut else []
            if len(parts) < 2:
                yield name
                continue
            for part in parts:
                body = self.lexicon.resolve(part, district) or unknown(part, district)
                yield PrintedName(part, body, name.open_ended and part == parts[-1])

    def _both_known(self, printed: str, at: int) -> bool:
        """Whether the name is two known ones that meet at `at`: 区水务局区交通局."""
        halves = printed[:at], printed[at:]
        return all(half[0] in "区市各" and self.lexicon.resolve(half, self.plan.district) for half in halves)

    def _unbroken(self, pieces: list[str]) -> list[str]:
        """The lines of a cell, those joined that break a name: 区水务局、区城管执法 / 局."""
        district, joined = self.plan.district, pieces[:1]
        for piece in pieces[1:]:
            before, after = COMMA.split(joined[-1])[-1], COMMA.split(piece)[0]
            whole = self.lexicon.resolve(before + after, district)
            if whole and not (
                self.lexicon.resolve(before, district) and self.lexicon.resolve(after, district)
            ):
                joined[-1] += piece
            else:
                joined.append(piece)
        return joined

    @staticmethod
    def _joined(cells: dict[str, Cell | None], fields: list[str], field: str, later: str) -> bool:
        """Whether the columns from `field` to `later` are one merged cell."""
        between = fields[fields.index(field) + 1 : fields.index(later) + 1]
        return all(cells[name] is None for name in between)


def _with_text(cells: dict[str, Cell | None], row: Row) -> Row:
    """Give the measure the task's cell where it has none of its own (both are one cell, or its is empty)."""
    task, text = cells.get("task"), cells.get("text")
    if task is None or not task.pieces or task.repeated or (text is not None and text.pieces):
        return row
    cells["task"], cells["text"] = Cell(), task
    if text is None:
        return row
    return replace(row, notes=(*row.notes, "工作措施一格是空的，以重点任务为措施"))
