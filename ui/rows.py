"""Records as the rows of the tables that they are, for templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from corpus.types import STATUS_WORDS, Measure, Plan, Record, Role
from index.store import Store
from ui.turns import Cited

_MEASURE = ("序号", "重点任务", "工作措施", "完成时限", "牵头部门", "主责单位", "协办单位")
_INDICATOR = ("序号", "类别", "指标名称", "年终目标", "牵头部门", "主责单位", "协办单位")
_PASSAGE = ("章节", "原文")
_MERGED = "牵头部门/主责单位"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its column, what stands in it, how many columns it spans.

    What is `quoted` is lit; the record's text is parted there, with what stands before and after it.
    """

    column: str
    text: str
    span: int = 1
    before: str = ""
    after: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A record as a row of its plan's table, the `n`-th of what is shown (from 1)."""

    n: int
    id: str
    label: str
    path: tuple[str, ...]
    source: str
    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one plan under its headings."""

    plan: Plan
    status: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def sheets(cited: Sequence[Cited], store: Store, first: int = 1) -> list[Sheet]:
    """What is cited, in its order, as pieces of the plans' tables: neighbours of one plan and kind together.

    Rows are numbered from `first`. A record that is no longer in the store is left out.
    """
    known = [one for one in cited if one.id in store]
    records = store.get(one.id for one in known)
    numbered = [(n, r, one.quote) for n, (one, r) in enumerate(zip(known, records, strict=True), first)]
    made = []
    for (plan_id, headings), group in groupby(numbered, key=lambda item: (item[1].plan, _headings(item[1]))):
        plan = store.plans[plan_id]
        rows = tuple(row(record, store, n=n, quote=quote) for n, record, quote in group)
        made.append(Sheet(plan, STATUS_WORDS[plan.status], headings, rows))
    return made


def row(record: Record, store: Store, *, n: int = 1, quote: str = "") -> Row:
    """`record` as a row, with `quote` (where it is a span of the text) lit in it."""
    before, found, after = record.text.partition(quote) if quote else (record.text, "", "")
    if quote and not found:  # a plan that was read anew
        before, after = record.text, ""
    text = Cell(_headings(record)[1 if not isinstance(record, Measure) else 2], found, 1, before, after, True)
    notes = tuple(record.inferred) if isinstance(record, Measure) else ()
    return Row(
        n,
        record.id,
        store.label(record.id),
        record.path,
        record.span.words,
        _cells(record, text),
        notes,
    )


def _headings(record: Record) -> tuple[str, ...]:
    if not isinstance(record, Measure):
        return _PASSAGE
    return _INDICATOR if record.target is not None else _MEASURE


def _cells(record: Record, text: Cell) -> tuple[Cell, ...]:
    if not isinstance(record, Measure):
        return (Cell("章节", str(record.number)), text)
    names = _headings(record)
    indicator = record.target is not None
    place = (
        Cell(names[0], f"{record.number}"),
        Cell(names[1], (record.category if indicator else record.task) or ""),
        text,
        Cell(
            names[3],
            (record.target if indicator else record.deadline) or "",
            quoted=indicator and bool(text.text),
        ),
    )
    return place + _duties(record)


def _duties(record: Measure) -> tuple[Cell, ...]:
    """The last three columns; where one merged cell holds 牵头 and 主责, it spans both."""
    lead, merged, responsible, assisting = (
        _names(record, role) for role in (Role.LEAD, Role.LEAD_RESPONSIBLE, Role.RESPONSIBLE, Role.ASSISTING)
    )
    last = Cell("协办单位", assisting)
    if merged and not lead and not responsible:
        return (Cell(_MERGED, merged, 2), last)
    both = (lead, merged), (merged, responsible)
    leads, responsibles = ("、".join(part for part in parts if part) for parts in both)
    return (Cell("牵头部门", leads), Cell("主责单位", responsibles), last)


def _names(record: Measure, role: Role) -> str:
    """The departments of a role as printed."""
    more = any(duty.role is role and duty.open_ended for duty in record.duties)
    return "、".join(record.names(role)) + ("等部门" if more else "")
