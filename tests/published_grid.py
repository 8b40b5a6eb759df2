"""A table plan as an office lays it out: paragraphs and grids with true merges, in no format yet.

The writers (`published_docx.py`, `published_xlsx.py`, `published_html.py`) print these words. None of
this knows how anything is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

COLUMNS = ("序号", "重点任务", "工作措施", "完成时限", "牵头部门", "主责单位", "协办单位")
INDICATOR_COLUMNS = ("序号", "类别", "指标名称", "年终目标", "牵头部门", "配合部门")
_LONG_NAME = 9
_LONG_TEXT = 60
# Where a clerk breaks a long name by hand.
_NAME_BREAK = re.compile(r"(?<=....)(?=（|..分局|开发区|北京市分行|北京监管局|成员单位|办公室|管理中心)")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure (or indicator) as a plan states it. `roles` holds names as printed, role by role."""

    number: int
    task: str | None
    text: str
    deadline: str | None
    roles: dict[str, tuple[str, ...]]
    path: tuple[str, ...] = ()
    open_ended: tuple[str, ...] = ()
    target: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How an office lays its plan out.

    `headings`: section headings as rows over the whole width, or as paragraphs between tables.
    `merged`: columns whose equal neighbours within a task are one cell, beside 序号 and 重点任务.
    `rows_a_page`: after so many rows a new page with the headings, number and title printed again by
    hand; 0 leaves that to the program. `numbered`: 序号 is automatic numbering. `footnote`: a note to
    the first measure.
    """

    headings: Literal["rows", "paragraphs"] = "rows"
    merged: tuple[str, ...] = ()
    none: str = "——"
    rows_a_page: int = 0
    numbered: bool = False
    footnote: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A table plan: what it is called, what it says, how it is laid out."""

    id: str
    title: str
    measures: tuple[Measure, ...]
    style: Style = Style()


@dataclass(frozen=True, slots=True)
class Publication:
    """A file: plans under one cover. `letter` goes in front; `running` is printed on every page."""

    name: str
    plans: tuple[Plan, ...]
    letter: tuple[Line, ...] = ()
    running: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, its lines parted by hand. A `page` begins on a new page."""

    lines: tuple[str, ...]
    kind: Literal["title", "attachment", "heading", "text", "signature"] = "text"
    page: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell over `rows` × `columns` places. `number` says that the program counts; `note` is a footnote."""

    row: int
    column: int
    lines: tuple[str, ...]
    rows: int = 1
    columns: int = 1
    number: bool = False
    note: str = ""


@dataclass
class Grid:
    """A table: its cells in print order, row 0 the headings.

    `page`: it begins on a new page. `returns`: the program repeats the headings on every page.
    """

    columns: tuple[str, ...]
    cells: list[Cell] = field(default_factory=list)
    height: int = 0
    page: bool = False
    returns: bool = True

    def row(self, row: int) -> list[Cell]:
        """The cells that begin in `row` or reach into it, left to right."""
        held = (cell for cell in self.cells if cell.row <= row < cell.row + cell.rows)
        return sorted(held, key=lambda cell: cell.column)


Block = Line | Grid


def blocks(publication: Publication) -> Iterator[Block]:
    """The whole file in print order."""
    yield from publication.letter
    several = len(publication.plans) > 1
    for at, plan in enumerate(publication.plans, start=1):
        if several or publication.letter:
            yield Line((f"附件{at}" if several else "附件",), "attachment", page=True)
        yield Line(title_lines(plan.title), "title")
        yield from plan_blocks(plan)


def title_lines(title: str) -> tuple[str, ...]:
    """The title, broken by hand before the year where it is long."""
    found = re.search(r"(?=20\d\d年)", title)
    return (title[: found.start()], title[found.start() :]) if found and found.start() > 8 else (title,)


def plan_blocks(plan: Plan) -> Iterator[Block]:
    """The plan's tables, with the headings between them where its style is that."""
    style, columns = plan.style, INDICATOR_COLUMNS if plan.measures[0].target else COLUMNS
    path: tuple[str, ...] = ()
    for at, part in enumerate(_parts(plan)):
        if style.headings == "paragraphs":
            yield from (Line((heading,), "heading") for heading in _opened(path, part[0].path))
            path = part[0].path
        grid = Grid(columns, page=bool(style.rows_a_page and at), returns=not style.rows_a_page)
        _fill(grid, part, path, style)
        path = part[-1].path
        if at == 0 and style.footnote:
            first = next(i for i, cell in enumerate(grid.cells) if cell.lines == text_lines(part[0].text))
            grid.cells[first] = replace(grid.cells[first], note=style.footnote)
        yield grid


def _parts(plan: Plan) -> list[list[Measure]]:
    """The measures of each of its tables."""
    if plan.style.headings == "paragraphs":
        return [list(group) for _, group in groupby(plan.measures, key=lambda measure: measure.path)]
    size = plan.style.rows_a_page or len(plan.measures)
    return [list(plan.measures[at : at + size]) for at in range(0, len(plan.measures), size)]


def _opened(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """The headings that `now` opens after `before`."""
    same = 0
    while same < min(len(before), len(now)) and before[same] == now[same]:
        same += 1
    return now[same:]


def _fill(grid: Grid, measures: Sequence[Measure], path: tuple[str, ...], style: Style) -> None:
    """Lay out the headings and the rows, then merge what the style merges."""
    rows = [_Row({at: _Value((heading,)) for at, heading in enumerate(grid.columns)}, None)]
    for measure in measures:
        rows += (_Row({0: _Value((said,), len(grid.columns))}, None) for said in _opened(path, measure.path))
        path = measure.path
        rows.append(_Row(dict(_values(measure, grid.columns, style)), measure.number))
    grid.height = len(rows)
    for column, heading in enumerate(grid.columns):
        keys = [_run(at, row, column, heading, style) for at, row in enumerate(rows)]
        for _, group in groupby(range(len(rows)), key=keys.__getitem__):
            run = list(group)
            first = rows[run[0]]
            value = first.values.get(column)
            if value is not None:  # else it lies under the merged cell to its left
                number = style.numbered and heading == "序号" and first.task is not None
                grid.cells.append(Cell(run[0], column, value.lines, len(run), value.columns, number))
    grid.cells.sort(key=lambda cell: (cell.row, cell.column))


@dataclass(frozen=True, slots=True)
class _Value:
    lines: tuple[str, ...]
    columns: int = 1


@dataclass(frozen=True, slots=True)
class _Row:
    """What begins in each column of a row; `task` is its 序号, None for headings."""

    values: dict[int, _Value]
    task: int | None


def _run(at: int, row: _Row, column: int, heading: str, style: Style) -> Hashable:
    """Rows that give the same key are one cell in `column`."""
    value = row.values.get(column)
    if value is None or row.task is None:
        return at
    if heading == "类别":
        return value
    if heading in ("序号", "重点任务") or heading in style.merged:
        return row.task, value
    return at


def _values(measure: Measure, columns: tuple[str, ...], style: Style) -> Iterator[tuple[int, _Value]]:
    """What a measure's row prints, by the column where it begins."""
    together = "lead_responsible" in measure.roles
    for at, heading in enumerate(columns):
        if heading in _PLAIN:
            yield at, _Value(_PLAIN[heading](measure))
        elif heading == "牵头部门":
            role = "lead_responsible" if together else "lead"
            yield at, _Value(name_lines(measure, role, style), 2 if together else 1)
        elif heading != "主责单位" or not together:
            role = "responsible" if heading == "主责单位" else "assisting"
            yield at, _Value(name_lines(measure, role, style))


def text_lines(text: str) -> tuple[str, ...]:
    """A long text as two paragraphs, cut after the sentence that ends nearest to its middle."""
    ends = [found.end() for found in re.finditer(r"。(?=\S)", text)]
    if len(text) < _LONG_TEXT or not ends:
        return (text,)
    cut = min(ends, key=lambda end: abs(end - len(text) // 2))
    return text[:cut], text[cut:]


def task_lines(task: str) -> tuple[str, ...]:
    """A task's title, broken by hand to fit its narrow column."""
    return (task,) if len(task) <= 7 or " " in task else (task[:6], task[6:])


def name_lines(measure: Measure, role: str, style: Style) -> tuple[str, ...]:
    """The names of a cell, one a line, long ones broken; the mark for none where it has none."""
    lines: list[str] = []
    for name in measure.roles.get(role, ()):
        cut = _NAME_BREAK.search(name) if len(name) >= _LONG_NAME else None
        lines += [name[: cut.start()], name[cut.start() :]] if cut else [name]
    if role in measure.open_ended:
        lines.append("等部门")
    return tuple(lines) or (style.none,)


_PLAIN: dict[str, Callable[[Measure], tuple[str, ...]]] = {
    "序号": lambda measure: (str(measure.number),),
    "重点任务": lambda measure: task_lines(measure.task or ""),
    "工作措施": lambda measure: text_lines(measure.text),
    "指标名称": lambda measure: (measure.text,),
    "完成时限": lambda measure: (measure.deadline or "",),
    "年终目标": lambda measure: (measure.target or "",),
    "类别": lambda measure: (measure.category or "",),
}
