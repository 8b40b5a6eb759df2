"""A conversation as a Word document in official style: A4, 仿宋 三号, each question a heading.

Records are looked up in the store; of the browser's text what XML forbids is left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from corpus.types import Measure
from index.store import Store
from rag.figures import figures, labels_in
from rag.routes import duty
from rag.routes.wording import who
from ui import paper
from ui.official import Numbered, Source, numbered, place, title
from ui.turns import Turn

TITLE = "问策 问答记录"
FOOTER = "答案出自所列计划原文，以原文为准"
LISTED = ("list", "count")  # their measures stand in a table
COMPARED = ("层级", "数字", "原文", "时限", "部门", "依据")
MEASURES = ("编号", "出处", "工作措施", "时限", "部门")
HEADING = 60  # characters of a question that its heading holds
GONE = "现用的库里已没有编号为 {id} 的条目，未能列出其原文。"


def conversation(turns: Sequence[Turn], store: Store, when: datetime) -> bytes:
    """A .docx of `turns`, made at `when`."""
    made = paper.new(TITLE, FOOTER, when)
    made.title(TITLE)
    made.centred(f"{when.year}年{when.month}月{when.day}日 {when:%H:%M} 导出，共 {len(turns)} 问")
    for number, turn in enumerate(turns, start=1):
        _told(made, number, turn, store)
    buffer = io.BytesIO()
    made.document.save(buffer)
    return buffer.getvalue()


def _told(made: paper.Paper, number: int, turn: Turn, store: Store) -> None:
    question = " ".join(turn.question.split())
    long = len(question) > HEADING
    made.heading(f"{number}．{question[:HEADING]}{'……' if long else ''}")
    if long:
        for line in turn.question.splitlines():
            made.body(line)
    if turn.scope:
        made.small(f"检索范围：{turn.scope}")
    if turn.understood:
        made.small(f"按“{turn.understood}”理解")
    answer = numbered(turn, store)
    table = _table(turn, answer, store)
    for line in _said(turn, answer, table):
        made.body(line)
    if turn.note:
        made.small(f"（{turn.note}）")
    if table:
        made.small(table.caption, leads=True)
        made.table(table.columns, table.widths, table.rows)
    if answer.sources and not (table and table.instead):
        made.small("依据：", leads=True)
        for source in answer.sources:
            made.small(f"{source.mark}{source.reference}：{_quoted(source)}")
            if turn.route == "duty" and (departments := _departments(source)):
                made.small(f"　　计划分工：{departments}")
    for record_id in answer.missing:
        made.small(GONE.format(id=record_id))


@dataclass(frozen=True, slots=True)
class _Table:
    """A table under an answer; `instead` of its list of sources, it holds every one of them."""

    caption: str
    columns: tuple[str, ...]
    widths: tuple[float, ...]
    rows: Sequence[tuple[str, ...]]
    instead: bool = False


def _table(turn: Turn, answer: Numbered, store: Store) -> _Table | None:
    if turn.table and answer.sources:
        of_id = {source.record.id: source for source in answer.sources}
        sides = [of_id[record_id] for record_id in turn.table.citations if record_id in of_id]
        rows: list[tuple[str, ...]] = [
            (_whose(s, store), _amounts(s), _content(s), _deadline(s), _departments(s), s.mark) for s in sides
        ]
        return _Table("对照：", COMPARED, (1.7, 2.0, 4.6, 1.8, 3.8, 1.7), rows)
    if turn.route in LISTED and len(answer.sources) > 1:
        plans = {source.plan.id: title(source.plan) for source in answer.sources}
        one = len(plans) == 1
        rows = [
            (
                s.mark,
                place(s.label) if one else s.reference,
                s.record.text,
                _deadline(s),
                _departments(s),
            )
            for s in answer.sources
        ]
        caption = f"依据（均出自{plans.popitem()[1]}）：" if one else "依据："
        widths = (1.7, 2.2, 6.0, 1.8, 3.9) if one else (1.7, 3.4, 5.1, 1.8, 3.6)
        return _Table(caption, MEASURES, widths, rows, instead=True)
    return None


def _said(turn: Turn, answer: Numbered, table: _Table | None) -> Iterable[str]:
    """The lines of the answer, less those of single measures that the table holds in full."""
    if table is None or not table.instead or turn.route != "list":
        return answer.lines
    return [
        line for line, printed in zip(answer.lines, turn.lines, strict=True) if len(labels_in(printed)) != 1
    ]


def _whose(source: Source, store: Store) -> str:
    return who(source.record, source.plan, store)


def _quoted(source: Source) -> str:
    return f"“{source.quote}”" + (f"，年终目标：{target}" if (target := _target(source)) else "")


def _content(source: Source) -> str:
    return f"{source.record.text}：{target}" if (target := _target(source)) else source.quote


def _amounts(source: Source) -> str:
    """The figures of what is quoted, as the row itself says them."""
    read = [f for f in figures(_target(source) or source.quote) if not f.spelled and f.unit != "年"]
    return "、".join(dict.fromkeys(map(str, read))) or _target(source) or "未写数字"


def _target(source: Source) -> str:
    return source.record.target or "" if isinstance(source.record, Measure) else ""


def _deadline(source: Source) -> str:
    return (source.record.deadline or "") if isinstance(source.record, Measure) else ""


def _departments(source: Source) -> str:
    return duty.say(source.record.duties) if isinstance(source.record, Measure) else ""
