"""Lists as csv and xlsx files, and what such a file is called."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from corpus.types import STATUS_WORDS, Measure, Plan, Record, Role
from index.store import Store
from rag.options import Options, in_words
from rag.ordering import SORTS, read_sort

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
BOM = "\ufeff"  # by which Excel knows that a CSV is UTF-8


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a file: the row of a list, its plan, the full names of its departments by role."""

    row: Mapping[str, Any]
    plan: Plan
    full: Mapping[Role, Sequence[str]]


def entry(row: Mapping[str, Any], record: Record, plan: Plan) -> Entry:
    """The line of `record`, of which `row` is the row."""
    duties = record.duties if isinstance(record, Measure) else ()
    full = {role: tuple(duty.department for duty in duties if duty.role is role) for role in Role}
    return Entry(row, plan, full)


@dataclass(frozen=True, slots=True)
class _Column:
    """What stands in a column, and how wide it is in a workbook (in characters)."""

    value: Callable[[Entry], Any]
    width: int


def _of_row(name: str, width: int) -> _Column:
    return _Column(lambda e: e.row[name], width)


def _printed(role: Role) -> _Column:
    return _Column(lambda e: "、".join(e.row["roles"][role.value]), 20)


def _full(role: Role) -> _Column:
    return _Column(lambda e: "、".join(e.full[role]), 28)


_COLUMNS: dict[str, _Column] = {
    "编号": _of_row("id", 22),
    "计划": _of_row("plan", 18),
    "序号": _of_row("number", 7),
    "条": _of_row("item", 5),
    "重点任务": _of_row("task", 20),
    "工作措施": _of_row("text", 54),
    "完成时限": _of_row("deadline", 11),
    "年终目标": _of_row("target", 16),
    "类别": _of_row("category", 12),
    "章节": _Column(lambda e: " / ".join(e.row["path"]), 34),
    "状态": _Column(lambda e: STATUS_WORDS[e.plan.status], 11),
    "牵头部门": _printed(Role.LEAD),
    "主责单位": _printed(Role.RESPONSIBLE),
    "牵头/主责": _printed(Role.LEAD_RESPONSIBLE),
    "协办单位": _printed(Role.ASSISTING),
    "标签": _of_row("label", 24),
    "出处文件": _Column(lambda e: e.row["source"]["file"], 20),
    "出处行": _Column(lambda e: e.row["source"]["line"], 8),
    "计划简称": _Column(lambda e: e.plan.short, 14),
    "级别": _Column(lambda e: e.plan.level, 6),
    "区": _Column(lambda e: e.plan.district, 9),
    "牵头部门全称": _full(Role.LEAD),
    "主责单位全称": _full(Role.RESPONSIBLE),
    "牵头/主责全称": _full(Role.LEAD_RESPONSIBLE),
    "协办单位全称": _full(Role.ASSISTING),
}
LISTED = tuple(_COLUMNS)
"""The columns of `wence list`: programs know them by name and place, so new ones come last."""
_PRINTED = (
    "计划简称", "序号", "条", "重点任务", "工作措施", "完成时限", "年终目标",
    "牵头部门", "主责单位", "牵头/主责", "协办单位", "状态", "标签",
)  # fmt: skip
"""What a reader's sheet of paper shows: all columns on it would be too small to read."""
REGISTER = (
    *_PRINTED, "级别", "区", "类别", "章节", "牵头部门全称", "主责单位全称", "牵头/主责全称", "协办单位全称",
    "出处文件", "出处行", "编号",
)  # fmt: skip
"""The same in the order of the plans' own tables, for readers: first what they need first."""
_A4 = 9  # as the format counts papers
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(entries: Sequence[Entry], columns: Sequence[str] = LISTED) -> str:
    """The entries as CSV text with a header line. A cell never opens as a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([plain(value) for value in _cells(one, columns)] for one in entries)
    return buffer.getvalue()


def to_xlsx(
    entries: Sequence[Entry], columns: Sequence[str] = LISTED, about: Sequence[tuple[str, str]] = ()
) -> bytes:
    """A workbook: the entries under a header that stays, and what is told `about` them on a second sheet."""
    from openpyxl import Workbook  # 0.3 s that only this format pays
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("措施")
    sheet.freeze_panes = "A2"
    for n, name in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(n)].width = _COLUMNS[name].width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(entries) + 1}"
    if columns == REGISTER:
        sheet.print_area = f"A1:{get_column_letter(len(_PRINTED))}{len(entries) + 1}"
    for_paper(sheet, landscape=True)
    sheet.append([written(sheet, name, heading=True) for name in columns])
    for one in entries:
        sheet.append([written(sheet, value) for value in _cells(one, columns)])
    return finished(book, about)


def finished(book: Workbook, about: Sequence[tuple[str, str]]) -> bytes:
    """`book` as a file, with a sheet 说明 of what `about` says (name, words), where it says something."""
    if about:
        told = book.create_sheet("说明")
        told.column_dimensions["A"].width, told.column_dimensions["B"].width = 14, 90
        for_paper(told, landscape=False)
        for name, words in about:
            told.append([written(told, name, heading=True), written(told, words)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def for_paper(sheet: WriteOnlyWorksheet, *, landscape: bool) -> None:
    """A4, each page as wide as the table and with its number; a landscape one repeats the heading."""
    from openpyxl.worksheet.page import PageMargins
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    if landscape:
        sheet.print_title_rows = "1:1"


def about(
    entries: Sequence[Entry], options: Options, store: Store, day: date, sort: str = ""
) -> list[tuple[str, str]]:
    """What the file holds, in words: the conditions, the order, how many, the day, the plans.

    Raises:
        ConditionError: an option or the order is not known.
    """
    order = "原文顺序"
    if sort:
        column, descending = read_sort(sort)
        order = f"按{SORTS[column]}{'倒序' if descending else '升序'}"
    plans = dict.fromkeys(one.plan for one in entries)
    return [
        ("内容", "北京市、区生态环境行动计划和规划的措施台账"),
        *(in_words(options, store) or [("条件", "无，全部措施")]),
        ("排序", order),
        ("条数", f"{len(entries)} 条"),
        ("导出日期", f"{day.year}年{day.month}月{day.day}日"),
        *(("来源", _source(plan)) for plan in plans),
        ("说明", "文字和部门名称照原文；征求意见稿不是定稿，以正式印发的为准。"),
        ("打印", f"打印到“{_PRINTED[-1]}”一列；其后各列供筛选和查对，不打印，可在打印区域中更改。"),
    ]


def _source(plan: Plan) -> str:
    """Where a plan is from. Many a draft's title ends in its status, which is said once."""
    status = STATUS_WORDS[plan.status]
    return f"{plan.title.removesuffix(f'（{status}）')}（{status}，{plan.file}）"


def file_name(options: Options, store: Store, day: date, form: str) -> str:
    """台账-延庆区-20261121.xlsx: what was asked for, as far as a name can hold it, and the day.

    Raises:
        ConditionError: an option is not known.
    """
    said = [_UNFIT.sub("", words)[:_SAID] for _, words in in_words(options, store)]
    parts = ["台账", *(words for words in said[:_PARTS] if words), f"{day:%Y%m%d}"]
    return "-".join(parts) + f".{form}"


_UNFIT = re.compile(r'[\\/:*?"<>|“”\s\x00-\x1f\x7f-\x9f]')  # in the name of a file, on any system
_PARTS, _SAID = 3, 24


def _cells(one: Entry, columns: Sequence[str]) -> list[Any]:
    return [_COLUMNS[name].value(one) for name in columns]


def plain(value: Any) -> Any:
    """A cell's value such that no spreadsheet takes it for a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def written(sheet: WriteOnlyWorksheet, value: Any, *, heading: bool = False) -> WriteOnlyCell:
    """A cell of text that wraps, or of a number; text is never a formula, whatever it opens with."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if heading:
        cell.font = Font(bold=True)
    return cell
