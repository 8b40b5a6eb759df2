"""Labels of citations as an answer prints them: 〔市绿色低碳·第7项第2条〕."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from corpus.types import Measure, Plan, Record


def labels(plans: Iterable[Plan], records: Iterable[Record]) -> dict[str, str]:
    """Label of every record by id.

    第n条 stands only where the task has more than one measure, 第n段 only where the
    section has more than one passage.
    """
    short = {plan.id: plan.short for plan in plans}
    records = list(records)
    places = [(record.plan, _place(record)) for record in records]
    siblings = Counter(places)
    return {
        record.id: f"〔{short[record.plan]}·{place[1]}{_nth(record) if siblings[place] > 1 else ''}〕"
        for record, place in zip(records, places, strict=True)
    }


def _place(record: Record) -> str:
    return f"第{record.number}项" if isinstance(record, Measure) else record.number


def _nth(record: Record) -> str:
    return f"第{record.item}条" if isinstance(record, Measure) else f"第{record.item}段"
