"""`wence plan diff A B`: what changed between two plans, in the terminal or in a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from corpus.types import STATUS_WORDS, Plan, Record
from index.store import Store
from rag.change_rows import GROUPS, SAME, ChangeRow, as_rows, summary
from rag.changes import Kind, differences
from rag.options import ConditionError
from wence import terminal

if TYPE_CHECKING:
    from rich.text import Text

    from rag.reworded import Marked

Form = Literal["table", "jsonl", "csv", "xlsx"]
_HEADINGS = (("项目", 3), ("修改前", 12), ("修改后", 12), ("说明", 5))
FORMS: tuple[Form, ...] = ("table", "jsonl", "csv", "xlsx")


def show_diff(
    store: Store, before: Plan, after: Plan, form: Form = "table", output: Path | None = None
) -> None:
    """Show or write what changed from `before` to `after`; the counts go beside the output.

    The form of a table with an `output` is what the file's name ends in.

    Raises:
        ConditionError: the plans are one, one is prose and one a table, or the form needs a file.
        OSError: the file cannot be written.
    """
    form = _form(form, output)
    if before.id == after.id:
        raise ConditionError(f"前后是同一份计划（{before.short}），没有可比的。")
    if before.prose != after.prose:
        prose, table = (before, after) if before.prose else (after, before)
        problem = f"{prose.short}是成段的文字，{table.short}是表格，不能逐条对照。"
        raise ConditionError(problem + "请选两份同一体例的计划。")
    found = differences(_records(store, before), _records(store, after), (before, after))
    rows = as_rows(found, store.label)
    counts = summary(found)
    about = [
        ("修改前", _title(before)),
        ("修改后", _title(after)),
        ("变化", counts),
        ("说明", "按文字、任务、部门和位置逐条配对，不按编号配对；文字照原文。"),
        ("说明", "部门按全称比较；时限按日期比较，两份计划各自的本年视为相同。"),
        ("标记", "修改前红字加删除线的是删去或改动的词句，修改后绿色粗体的是加入或改动的词句。"),
    ]
    if form == "table":
        _show(rows, before.short, after.short)
    else:
        _write(rows, about, form, output)
    terminal.say(f"{before.short} → {after.short}：{counts}")


def _form(form: Form, output: Path | None) -> Form:
    if output is not None and form == "table":
        suffix = output.suffix.removeprefix(".").lower()
        named = next((known for known in FORMS[1:] if known == suffix), None)
        if named is None:
            raise ConditionError(f"不知道 {output.name} 要写成什么格式，请用 --format jsonl、csv 或 xlsx。")
        return named
    if form == "xlsx" and output is None:
        raise ConditionError("xlsx 是文件，请用 --output 文件名.xlsx 指定写到哪里。")
    return form


def _records(store: Store, plan: Plan) -> list[Record]:
    """All of a plan, in force or not."""
    return store.get(record_id for record_id in store.ids if record_id.partition("/")[0] == plan.id)


def _title(plan: Plan) -> str:
    status = STATUS_WORDS[plan.status]
    return f"{plan.title.removesuffix(f'（{status}）')}（{plan.short}，{status}，{plan.file}）"


def _write(
    rows: Sequence[ChangeRow], about: Sequence[tuple[str, str]], form: Form, output: Path | None
) -> None:
    from api.differences import to_csv, to_jsonl, to_xlsx

    if form == "xlsx":
        assert output is not None  # `_form` has seen to it
        output.write_bytes(to_xlsx(rows, about))
    else:
        text = to_csv(rows) if form == "csv" else to_jsonl(rows)
        if output is None:
            sys.stdout.write(text)
        else:  # a BOM, so that Excel reads the CSV as UTF-8
            output.write_text(text, encoding="utf-8-sig" if form == "csv" else "utf-8")


def _show(rows: Sequence[ChangeRow], before: str, after: str) -> None:
    """A table a group; what only has another number is counted, what is the same is not shown."""
    from rich import box
    from rich.table import Table

    out = terminal.console()
    for group in GROUPS:
        within = [row for row in rows if row.group == group]
        if not within or group == SAME:
            continue
        if group == Kind.NUMBER.value:
            out.print(f"{group} {len(within)}条：内容和先后次序未变，只因前面有增删而改了编号。")
            continue
        title = f"{group}（{len(within)}处）"
        table = Table(box=box.SIMPLE, show_lines=True, title=title, title_justify="left")
        for heading, ratio in ((before, 4), (after, 4), *_HEADINGS):
            table.add_column(heading, overflow="fold", ratio=ratio)
        for row in within:
            table.add_row(
                _place(row.before_label), _place(row.after_label), row.item,
                _text(row.before, "red strike"), _text(row.after, "green bold"), row.note,
            )  # fmt: skip
        out.print(table)
    if all(row.group == SAME for row in rows):
        out.print("两份计划逐条相同。")


def _place(label: str) -> str:
    """The place alone: the plan stands over the column."""
    return label.rpartition("·")[2].removesuffix("〕")


def _text(marked: Marked, style: str) -> Text:
    from rich.text import Text

    shown = Text()
    partly = len({changed for _, changed in marked}) > 1
    for words, changed in marked:
        shown.append(words, style if changed and partly else "")
    return shown
