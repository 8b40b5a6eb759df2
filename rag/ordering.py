"""The orders in which a list can be given: as printed, or by what stands in one of its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from corpus.types import Measure, Record, Role
from index.store import Store
from rag.options import ConditionError

DESCENDING = "-"
SORTS = {"deadline": "完成时限", "plan": "计划", "number": "序号", "department": "牵头部门"}
"""What a list can be sorted by, and the column that it is."""

_Key = Callable[[Record, Store], Any]


def read_sort(value: str) -> tuple[str, bool]:
    """The column that `value` (deadline, -deadline …) sorts by, and whether the last comes first.

    Raises:
        ConditionError: there is no such column.
    """
    column = value.removeprefix(DESCENDING)
    if column not in SORTS:
        known = "、".join(f"{name}（{word}）" for name, word in SORTS.items())
        raise ConditionError(f"不能按“{value[:20]}”排序。可用：{known}；前面加 - 为倒序。")
    return column, value != column


def ordered(records: Sequence[Record], store: Store, sort: str = "") -> list[Record]:
    """`records`, which come in print order, in the order of `sort`; those that are equal stay as they are.

    What says nothing to sort by comes last in either direction.

    Raises:
        ConditionError: `sort` names no column.
    """
    if not sort:
        return list(records)
    column, descending = read_sort(sort)
    key = _KEYS[column]
    said = [(key(record, store), record) for record in records]
    told = [(found, record) for found, record in said if found is not None]
    told.sort(key=lambda pair: pair[0], reverse=descending)  # stable in both directions
    silent = [record for found, record in said if found is None]
    silent.sort(key=lambda record: not record.due)  # permanent before what states no deadline at all
    return [record for _, record in told] + silent


def _deadline(record: Record, store: Store) -> date | None:
    """The last day on which anything of it is due; none where it is permanent or states no date."""
    return max((due.end for due in record.due if due.end), default=None)


def _plan(record: Record, store: Store) -> int:
    return store.plans[record.plan].ordinal


def _number(record: Record, store: Store) -> tuple[int, ...]:
    """The printed 序号; of a passage its chapter, section and item."""
    if isinstance(record, Measure):
        return record.number, record.item
    return (*map(int, record.section.split(".")), record.item)


def _department(record: Record, store: Store) -> bytes | None:
    """The first that leads, by pinyin: the order of GB 18030 for the characters in common use."""
    leading = (Role.LEAD, Role.LEAD_RESPONSIBLE)
    duties = record.duties if isinstance(record, Measure) else ()
    first = next((duty.department for duty in duties if duty.role in leading), None)
    return first.encode("gb18030") if first else None


_KEYS: dict[str, _Key] = {"deadline": _deadline, "plan": _plan, "number": _number, "department": _department}
