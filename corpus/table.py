"""Rows of a table plan to tasks and measures.

What every layout shares: header rows that return, section headings, a 序号 that returns
after a page break, empty cells that continue the task above, merged cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from corpus.columns import Columns
from corpus.deadlines import looks_like_deadline, read_due
from corpus.departments import NONE_MARKS, DepartmentLexicon, PrintedName
from corpus.errors import SourceError
from corpus.ledger import Ledger
from corpus.normal import join_name, normal
from corpus.rows import Cell, Row
from corpus.types import Due, Duty, Measure, Plan, Role, Span, Task

_HEADINGS = (re.compile(r"[一二三四五六七八九十]+、"), re.compile(r"[（(][一二三四五六七八九十]+[）)]"))
NO_NAME = re.compile(r"[。；：:]|^.{25,}$|^(年底前?|长期|持续|\d+月).*$|^\d+$")
KIND = {"number": "序号", "task": "重点任务", "text": "工作措施", "category": "类别"}
KIND |= {"deadline": "完成时限", "target": "年终目标"}
KIND |= {"lead": "牵头部门", "responsible": "主责单位", "assisting": "协办单位"}
KIND |= {"lead_responsible": "责任单位"}


@dataclass(frozen=True, slots=True)
class TableRecords:
    """What a table plan gave; `notes` lists what was inferred or looked odd."""

    tasks: tuple[Task, ...]
    measures: tuple[Measure, ...]
    notes: tuple[str, ...]


def read_table(plan: Plan, rows: Iterable[Row], ledger: Ledger, lexicon: DepartmentLexicon) -> TableRecords:
    """Read the rows of one plan.

    Raises:
        SourceError: a row that is no header, heading, title or measure; a number that
            returns after another one; an empty plan.
    """
    reading = TableReading(plan, ledger, lexicon)
    for row in rows:
        reading.row(row)
    return reading.read()


@dataclass
class TableReading:
    """The state while one plan is read from top to bottom."""

    plan: Plan
    ledger: Ledger
    lexicon: DepartmentLexicon
    columns: Columns | None = None
    path: tuple[str, ...] = ()
    tasks: list[Task] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lost_at: int | None = None

    def read(self) -> TableRecords:
        """What was read.

        Raises:
            SourceError: nothing was, or a number that was inferred does not fit.
        """
        self.check_lost_number(None, 0)
        if not self.measures:
            raise SourceError(self.ledger.file, None, f"{self.plan.id}：没有读到任何工作措施")
        return TableRecords(tuple(self.tasks), tuple(self.measures), tuple(self.notes))

    def row(self, row: Row) -> None:
        """Read the next row.

        Raises:
            SourceError: it is no header, heading, title or measure.
        """
        header = Columns.of_header(row.cells, self.ledger.file, row.first_line)
        if header is not None:
            self.columns = header
            self.leave(row, "剔除：表头")
        elif len(row.filled) == 1 and row.cells[0] and row.cells[0].pieces and self.heading(row.cells[0]):
            self.leave(row, "标题：章节")
        elif self.columns is None and len(row.filled) == 1:
            self.title(row)
        elif self.columns is not None and len(row.cells) == len(self.columns.fields):
            self.measure(row, self.columns)
        elif row.filled:
            said = row.filled[0].text[:30]
            self.fail(row, f"“{said}”既不是表头、章节标题，也不是工作措施行")

    def title(self, row: Row) -> None:
        """A line above the table: the plan's title, or that of an attachment."""
        printed = row.filled[0].text
        if normal(printed) not in normal(self.plan.title) and not re.fullmatch(r"附件\d*", printed):
            self.fail(row, f"标题“{printed}”与清单登记的“{self.plan.title}”不一致")
        self.leave(row, "标题：文件")

    def heading(self, cell: Cell) -> bool:
        """Whether `cell` is a numbered section heading; the path then goes there."""
        depth = depth_of(cell.text)
        if depth is not None:
            self.path = (*self.path[:depth], cell.text)
        return depth is not None

    def leave(self, row: Row, kind: str) -> None:
        """Enter a row that becomes no record as `kind`."""
        for cell in row.filled:
            cell.take(self.ledger, kind)

    def fail(self, row: Row, problem: str) -> NoReturn:
        """Stop at `row`."""
        raise SourceError(self.ledger.file, row.where or row.first_line, problem)

    def measure(self, row: Row, columns: Columns) -> None:
        """Read `row` as a measure."""
        cells = dict(zip(columns.fields, row.cells, strict=True))
        for name, cell in cells.items():
            if cell is not None:
                cell.take(self.ledger, "字段：" + KIND[name])
        inferred = list(row.notes)
        task = self.task(row, cells, inferred)
        text_cell = cells["text"]
        if text_cell is None or not text_cell.pieces:
            self.fail(row, f"第{task.number}项有一行没有{'工作措施' if 'task' in cells else '指标名称'}")
        above = self.measures[-1] if self.measures else None
        deadline = self.inherited("deadline", cells, row, above.deadline if above else None, inferred)
        category = self.inherited("category", cells, row, above.category if above else None, inferred)
        target_cell = cells.get("target")
        target = target_cell.text if target_cell is not None else None
        self.check_cells(row, task, deadline, target)
        item = 1 + sum(1 for m in self.measures if m.number == task.number)
        text = text_cell.text
        self.measures.append(
            Measure(
                id=f"{self.plan.id}/{task.number}/{item}",
                plan=self.plan.id,
                number=task.number,
                item=item,
                task=task.title,
                text=text,
                deadline=deadline,
                target=target or None,
                category=category,
                path=self.path,
                duties=self.duties(row, cells, above, inferred),
                due=self.due(deadline, text, target),
                span=Span(self.ledger.file, row.first_line, row.last_line),
                inferred=tuple(inferred),
            )
        )
        if deadline is not None and not any(due.basis == "column" for due in self.measures[-1].due):
            inferred.append(f"完成时限“{deadline}”读不出日期")
        self.notes += [f"{self.measures[-1].id}：{what}（{row.said}）" for what in inferred]

    def check_cells(self, row: Row, task: Task, deadline: str | None, target: str | None) -> None:
        """Guard against a row whose cells have shifted."""
        if deadline is not None and not looks_like_deadline(deadline):
            self.fail(row, f"完成时限一格是“{deadline[:20]}”，不像时限：这一行可能缺了一格")
        if target == "":
            self.fail(row, f"第{task.number}项的年终目标是空的")

    def task(self, row: Row, cells: dict[str, Cell | None], inferred: list[str]) -> Task:
        """The task that the row belongs to: the one above, or the one that it opens."""
        printed = (cells["number"] or Cell()).text
        title = join_name((cells.get("task") or Cell()).text)
        current = self.tasks[-1] if self.tasks else None
        if row.lost_number:
            number = current.number + 1 if current else 1
            self.lost_at = row.first_line
            inferred.append(f"序号{number}在原文中缺失，按前后推定")
        elif not printed:
            if current is None:
                self.fail(row, "第一行没有序号")
            if title:
                self.fail(row, f"重点任务“{title[:20]}”没有序号")
            return current
        elif not printed.isdecimal():
            self.fail(row, f"序号一格是“{printed[:20]}”，应为数字")
        else:
            number = int(printed)
            self.check_lost_number(number, row.first_line)
        if current and number == current.number:
            self.goes_on(current, title, row)
            return current
        if any(task.number == number for task in self.tasks):
            self.fail(row, f"序号{number}在别的序号之后又出现一次")
        return self.opened(number, title, row)

    def goes_on(self, current: Task, title: str, row: Row) -> None:
        """The number of the task above is printed again: its title may differ."""
        if normal(title) not in ("", normal(current.title)):
            again = f"换页后标题印作“{title}”，此前为“{current.title}”（{row.said}）"
            self.notes.append(f"{self.plan.id}/{current.number}：{again}")

    def opened(self, number: int, title: str, row: Row) -> Task:
        """A new task."""
        current = self.tasks[-1] if self.tasks else None
        if current and number != current.number + 1:
            self.notes.append(f"{self.plan.id}：序号从{current.number}跳到{number}（{row.said}）")
        span = Span(self.ledger.file, row.first_line, row.last_line)
        self.tasks.append(Task(self.plan.id, number, title, self.path, span))
        return self.tasks[-1]

    def check_lost_number(self, number: int | None, line: int) -> None:
        """A number was inferred: what comes next must be its successor."""
        if self.lost_at is None or not self.tasks:
            return
        expected = self.tasks[-1].number + 1
        if number is not None and number not in (expected, expected - 1):
            problem = f"第{self.lost_at}行缺序号，推定为{expected - 1}，但后面是{number}"
            raise SourceError(self.ledger.file, line, problem)
        if number == expected:
            self.lost_at = None

    def inherited(
        self,
        name: str,
        cells: dict[str, Cell | None],
        row: Row,
        above: str | None,
        inferred: list[str],
    ) -> str | None:
        """The cell's text; an empty cell is merged with the one above."""
        if name not in cells:
            return None
        cell = cells[name]
        if cell is not None and cell.pieces:
            return cell.text
        if above is None:
            self.fail(row, f"{KIND[name]}是空的，上一行也没有可以沿用的")
        if name != "category":  # a category is printed once for the rows that it heads
            inferred.append(f"{KIND[name]}与上一行合并，沿用“{above}”")
        return above

    def due(self, deadline: str | None, text: str, target: str | None) -> tuple[Due, ...]:
        """The dates of a measure."""
        year = self.plan.year
        dues = read_due(deadline, year, "column") if deadline else ()
        if target is not None:  # 年终目标: what the column is called is when it is due
            dues += tuple(Due(None, due.end, "target", "年终") for due in read_due("年底前", year, "target"))
        return dues + read_due(text, year, "text")

    def duties(
        self,
        row: Row,
        cells: dict[str, Cell | None],
        above: Measure | None,
        inferred: list[str],
    ) -> tuple[Duty, ...]:
        """The departments of a measure."""
        roles = [Role.LEAD, Role.RESPONSIBLE, Role.ASSISTING]
        held = {role: cells.get(role.value) for role in roles}
        if not any(cell is not None and cell.pieces for cell in held.values()):
            if above is None:
                self.fail(row, "没有任何部门，上一行也没有可以沿用的")
            inferred.append("部门各格与上一行合并，沿用上一行")
            return tuple(
                Duty(d.printed, d.department, d.role, d.collective, d.known, d.open_ended, True)
                for d in above.duties
            )
        lead = held[Role.LEAD]
        if lead is None or not lead.pieces:
            self.fail(row, "牵头部门是空的，而别的部门格不空")
        merged = "responsible" in cells and cells["responsible"] is None
        duties: list[Duty] = []
        for role, cell in held.items():
            if cell is None:
                continue
            as_role = Role.LEAD_RESPONSIBLE if merged and role is Role.LEAD else role
            pieces = [p.text for p in cell.pieces]
            for name in self.lexicon.split(pieces, self.plan.district):
                if not name.department.known and NO_NAME.search(name.printed):
                    self.fail(row, f"{KIND[role.value]}一格里的“{name.printed[:20]}”不像部门名称")
                duties.append(duty_of(name, as_role))
        if not duties:
            self.fail(row, f"部门各格只有“{'、'.join(sorted(NONE_MARKS - {''}))}”一类符号，没有部门")
        return tuple(duties)


def depth_of(heading: str) -> int | None:
    """How deep a numbered section heading stands (一、 is 0, （一） is 1); None for any other text."""
    return next((depth for depth, pattern in enumerate(_HEADINGS) if pattern.match(heading)), None)


def duty_of(name: PrintedName, role: Role) -> Duty:
    """The duty of a department that stands in a cell of `role`."""
    body = name.department
    return Duty(name.printed, body.name, role, body.collective, body.known, name.open_ended)
