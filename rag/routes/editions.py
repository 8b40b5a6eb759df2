"""Two editions of plans beside each other as wholes: how much changed, then what, measure by measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise

from corpus.types import Plan, Record
from rag import amended
from rag.answer import Reply, Statement
from rag.changes import Differences
from rag.desk import Desk
from rag.editions import long_term
from rag.evidence import Evidence
from rag.routes.wording import quoted
from rag.sides import Side
from rag.spans import sentences

MOST_CHANGED, MOST_WHOLE = 8, 4  # changes, and measures added or dropped, that are told one by one
PARTIAL = Statement("以上没有列出全部变动。", "absence")


def answer(sides: Sequence[Side], desk: Desk, *, placed: bool) -> Reply | None:
    """What changed from each side to the next of its place; None where nothing did.

    Of a question about all places, not `placed`, it says which have nothing to compare.
    """
    told: list[Statement] = []
    for one, other in pairwise(sides):
        for before, after in _pairs(one, other, desk):
            told += _told(before, after, desk)
    if told and not placed:
        told += _left_out(sides, desk)
    return Reply("compare", told) if told else None


def _left_out(sides: Sequence[Side], desk: Desk) -> Iterator[Statement]:
    """The districts of which there is but one edition."""
    compared = {district for side in sides for district in side.reading.districts}
    every = dict.fromkeys(p.district for p in desk.plans.values() if p.district and not long_term(p))
    if names := "、".join(district for district in every if district not in compared):
        yield Statement(f"本库没有{names}所问各年的文本可比，没有比对。", "absence")


def _pairs(one: Side, other: Side, desk: Desk) -> Iterator[tuple[Plan, Plan]]:
    """The plans of one side, each with its edition on the other."""
    plans = desk.store.every_plan
    for before in one.reading.plans:
        family = desk.finder.editions.siblings(before)
        yield from ((plans[before], plans[p]) for p in other.reading.plans if p in family and p != before)


def _told(before: Plan, after: Plan, desk: Desk) -> list[Statement]:
    found = amended.between(before.id, after.id, desk.store)
    tally = amended.tallied(before, after, found)
    if tally is None:
        titles = f"《{after.title}》与《{before.title}》"
        return [Statement(f"{titles}逐条比对，数字、时限和职责没有变动。", "absence")]
    changed = [s for pair in found.changed for s in amended.told(pair, desk.store)]
    told = [tally, *changed[:MOST_CHANGED], *islice(_whole(found, before, after, desk), 2 * MOST_WHOLE)]
    more = len(changed) > MOST_CHANGED or max(len(found.added), len(found.dropped)) > MOST_WHOLE
    return [*told, PARTIAL] if more else told


def _whole(found: Differences, before: Plan, after: Plan, desk: Desk) -> Iterator[Statement]:
    """What was added and what was dropped, by its first sentence."""

    def line(record: Record, plan: Plan, lead: str) -> list[Statement]:
        return quoted(Evidence(record, plan, 1.0, 1.0), sentences(record.text)[:1], desk.store, lead)

    added = (line(record, after, "新增：") for record in found.added[:MOST_WHOLE])
    dropped = (line(record, before, "删去：") for record in found.dropped[:MOST_WHOLE])
    yield from chain.from_iterable(chain(added, dropped))
