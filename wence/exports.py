"""List rows as csv and xlsx files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus.types import STATUS_WORDS

HEADINGS = (
    "编号", "计划", "序号", "条", "重点任务", "工作措施", "完成时限", "年终目标", "类别", "章节", "状态",
    "牵头部门", "主责单位", "牵头/主责", "协办单位", "标签", "出处文件", "出处行",
)  # fmt: skip
_ROLES = ("lead", "responsible", "lead_responsible", "assisting")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cells(row: dict[str, Any]) -> list[Any]:
    """The values of one list row in the order of `HEADINGS`."""
    return [
        row["id"],
        row["plan"],
        row["number"],
        row["item"],
        row["task"],
        row["text"],
        row["deadline"],
        row["target"],
        row["category"],
        " / ".join(row["path"]),
        STATUS_WORDS[row["status"]],
        *("、".join(row["roles"][role]) for role in _ROLES),
        row["label"],
        row["source"]["file"],
        row["source"]["line"],
    ]


def to_csv(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as CSV text with a header line. A cell never opens as a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows([plain(value) for value in cells(row)] for row in rows)
    return buffer.getvalue()


def to_xlsx(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write the rows as an Excel workbook with a frozen header."""
    from openpyxl import Workbook  # 0.3 s that only this format pays

    book = Workbook(write_only=True)
    sheet = book.create_sheet("措施")
    sheet.freeze_panes = "A2"
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append([plain(value) for value in cells(row)])
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(buffer.getvalue())


def plain(value: Any) -> Any:
    """A cell's value such that no spreadsheet takes it for a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
