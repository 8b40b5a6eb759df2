"""What is said of the editions that an answer rests on: replaced, retired, older, and what was changed since.

A change is told as code finds it in the two records (`rag.changes`), and is found again when it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from corpus.types import Plan, Record
from index.filters import Filters
from index.store import Store
from rag.answer import Reply, Statement
from rag.changes import SUBSTANCE, Change, Compared, Differences, Kind, differences
from rag.editions import Editions, long_term
from rag.numbers import Numbers
from rag.reading import Reading

MOST = 3  # changes that an answer tells
MANY = 12  # records cited beyond which an answer is about none of them in particular
FEW = 2  # plans that are told by their titles
_TALLY = re.compile(r"^《.+》与《.+》逐条相比：")
_CHANGED = re.compile(r"^与.{2,8}相比，")
FIGURES = frozenset({Kind.FIGURE, Kind.TARGET})
_OF_ASPECT = {
    "figure": FIGURES,
    "deadline": frozenset({Kind.DEADLINE}),
    "duty": frozenset({Kind.DUTY}),
}
_TOLD = ("fact", "duty", "deadline", "yesno", "summary")  # the routes on single measures


class Amendments:
    """What is said of the editions of one store's plans."""

    def __init__(self, store: Store, editions: Editions) -> None:
        self._store = store
        self._editions = editions
        self._retired = [plan for plan in store.every_plan.values() if plan.retired]
        self._between = lru_cache(maxsize=16)(self._differences)

    def of(self, reading: Reading, reply: Reply) -> tuple[list[Statement], list[Statement]]:
        """What stands before `reply` and behind it; nothing where every plan is in force and the newest."""
        if self._editions.plain or reply.route == "chat":
            return [], []
        cited = dict.fromkeys(i for statement in reply.statements for i in statement.citations)
        plans = [self._store.every_plan[p] for p in dict.fromkeys(i.partition("/")[0] for i in cited)]
        opening = [Statement(said, "absence") for said in self._opening(reading, reply, plans)]
        tells = reply.route in _TOLD or (reply.route == "outline" and reading.numbers != Numbers())
        told = self._amended(reading, list(cited)) if tells else []
        return opening, told

    def _opening(self, reading: Reading, reply: Reply, cited: Sequence[Plan]) -> Iterator[str]:
        drafts = [self._store.every_plan[p] for p in reading.replaced]
        own = [draft for draft in drafts if any(plan.id == draft.superseded_by for plan in cited)]
        if told := own or drafts:
            behind = "，以下以正式文本为准" if cited else ""
            yield f"{self._replaced(told)}{behind}。"
        if old := [plan for plan in cited if plan.superseded_by and not plan.retired]:
            yield f"{self._replaced(old)}，以下引用的征求意见稿内容只供对照。"
        if retired := [plan for plan in cited if plan.retired]:
            yield f"{_titles(retired)}已停用，以下引用的内容只供查阅，不是现行要求。"
        if reading.retired and reading.plans:
            left = [self._store.every_plan[plan] for plan in reading.retired]
            yield f"{_titles(left)}已停用，没有作为依据。"
        elif gone := [plan for plan in self._retired if self._is_meant(plan, reading)]:
            yield f"{_titles(gone)}已停用，没有作为依据。"
        for plan in cited:
            if plan.in_force and not long_term(plan) and self._is_older(plan, reading):
                yield f"{_titles([plan])}不是今年的计划，{self._newer(plan)}。"

    def _is_meant(self, plan: Plan, reading: Reading) -> bool:
        """Whether the question is about its district, of which no plan is in force."""
        return plan.district in reading.outside and not reading.retired

    def _is_older(self, plan: Plan, reading: Reading) -> bool:
        """Whether it is not this year's, nor of a year that is asked for."""
        return not any(year in plan.years for year in (self._store.year, *reading.years))

    def _newer(self, plan: Plan) -> str:
        """What there is of later years."""
        if plan.id in self._editions.current:
            return "本库没有收入更新的文本"
        newest = (p for p in self._editions.siblings(plan.id) if p in self._editions.current)
        return f"另有{_titles([self._store.every_plan[p] for p in newest])}"

    def _replaced(self, drafts: Sequence[Plan]) -> str:
        finals = [self._store.every_plan[p] for p in dict.fromkeys(draft.superseded_by for draft in drafts)]
        if len(drafts) > FEW:
            return f"{'、'.join(draft.short for draft in drafts)}的征求意见稿已由正式文本替代"
        return f"{_titles(drafts)}已由正式文本{_titles(finals)}替代"

    def _amended(self, reading: Reading, cited: Sequence[str]) -> list[Statement]:
        """What the final text changed of what is asked, measure by measure."""
        kinds = SUBSTANCE if reading.replaced else concerned(reading)
        found: list[Statement] = []
        for record_id in cited if kinds and len(cited) <= MANY else ():
            plan = record_id.partition("/")[0]
            for draft in self._editions.drafts_of(plan):
                pair = self._between(draft, plan).by_after.get(record_id)
                found += told(pair, self._store, kinds) if pair else []
        return found[:MOST]

    def _differences(self, before: str, after: str) -> Differences:
        return between(before, after, self._store)


def between(before: str, after: str, store: Store) -> Differences:
    """What changed from one plan to another."""
    one, other = (store.scan(Filters(plans=(plan,))) for plan in (before, after))
    return differences(one, other, (store.every_plan[before], store.every_plan[after]))


def concerned(reading: Reading) -> frozenset[Kind]:
    """The kinds of change that what is asked concerns."""
    return frozenset[Kind]().union(*(_OF_ASPECT.get(aspect, ()) for aspect in reading.aspects))


def beside(before: Record, after: Record, store: Store, kinds: frozenset[Kind]) -> list[Statement]:
    """The changes of `kinds` between two records that stand beside each other."""
    plans = store.every_plan[before.plan], store.every_plan[after.plan]
    return [s for pair in differences([before], [after], plans).pairs for s in told(pair, store, kinds)]


def told(pair: Compared, store: Store, kinds: frozenset[Kind] = SUBSTANCE) -> list[Statement]:
    """A sentence for each of the changes of `kinds` from one record to the other."""
    ids = (pair.before.id, pair.after.id)
    labels = "".join(map(store.label, ids))
    said = sentences(pair, store.every_plan[pair.before.plan], store.every_plan[pair.after.plan], kinds)
    return [Statement(f"{words}{labels}。", "computed", ids) for words in said]


def tallied(before: Plan, after: Plan, found: Differences) -> Statement | None:
    """How many measures were added, dropped and changed; None where nothing was."""
    changed = [pair for pair in found.changed if any(change.kind in SUBSTANCE for change in pair.changes)]
    counts = ((found.added, "新增"), (found.dropped, "删去"), (changed, "数字、时限或职责有变动的"))
    said = "，".join(f"{what}{len(ones)}条" for ones, what in counts if ones)
    ids = [record.id for record in (*found.added, *found.dropped)]
    ids += [record.id for pair in changed for record in (pair.before, pair.after)]
    text = f"《{after.title}》与《{before.title}》逐条相比：{said}。"
    return Statement(text, "computed", tuple(ids)) if said else None


def sentences(pair: Compared, before: Plan, after: Plan, kinds: frozenset[Kind] = SUBSTANCE) -> Iterator[str]:
    """The changes of `kinds`, each as a sentence without labels: 与征求意见稿相比，完成时限由“…”改为“…”."""
    opening = f"与{'征求意见稿' if before.superseded_by == after.id else f'{before.year}年'}相比，"
    for change in pair.changes:
        if change.kind in kinds:
            yield opening + _in_words(change)


def _in_words(change: Change) -> str:
    before, after = ("".join(piece for piece, _ in side) for side in (change.before, change.after))
    if not before:
        return f"{change.item}增加了“{after}”"
    if not after:
        return f"{change.item}不再有“{before}”"
    return f"{change.item}由“{before}”改为“{after}”"


def is_tally(text: str) -> bool:
    """Whether `text` counts what changed between two plans."""
    return _TALLY.match(text) is not None


def wrong_tally(statement: Statement, found: Sequence[Record], store: Store) -> list[str]:
    """What in such a count is not what the two plans that it cites give."""
    plans = [store.every_plan[plan] for plan in dict.fromkeys(record.plan for record in found)]
    ways = (
        (a, b) for a in plans for b in plans if statement.text.startswith(f"《{b.title}》与《{a.title}》")
    )
    again = (tallied(*way, between(way[0].id, way[1].id, store)) for way in ways)
    said = statement.text, set(statement.citations)
    right = any(tally and (tally.text, set(tally.citations)) == said for tally in again)
    return [] if right else ["与两份文本重新比对的不一致"]


def is_amendment(text: str) -> bool:
    """Whether `text` (without labels) is a sentence on a change."""
    return _CHANGED.match(text) is not None


def wrong(text: str, found: Sequence[Record], store: Store) -> list[str]:
    """What in such a sentence is not how the second record of `found` differs from the first."""
    if len(found) != 2:
        return ["变动的句子要引用前后两条"]
    plans = store.every_plan[found[0].plan], store.every_plan[found[1].plan]
    again = differences(found[:1], found[1:], plans)
    said = [sentence for pair in again.pairs for sentence in sentences(pair, *plans)]
    return [] if text.rstrip("。") in said else ["前后两条没有这样的变动"]


def _titles(plans: Sequence[Plan]) -> str:
    return "、".join(f"《{plan.title}》" for plan in plans)
