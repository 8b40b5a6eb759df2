"""What changed between two editions of a plan: a draft and its final text, one year's and the next one's.

Every record of both is in exactly one of added, dropped, changed, moved and same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from corpus.matching import Pair, match, turned
from corpus.normal import normal
from corpus.types import Due, Duty, Measure, Plan, Record, Role
from rag.figures import Figure
from rag.reworded import Marked, Replaced, Reworded, clause, reworded, whole


class Kind(Enum):
    """What of a measure changed, as readers call it."""

    FIGURE = "指标数字"
    DEADLINE = "完成时限"
    DUTY = "职责"
    TARGET = "年终目标"
    CATEGORY = "类别"
    WORDING = "措辞"
    PLACE = "位置"
    NUMBER = "编号顺延"


SUBSTANCE = frozenset({Kind.FIGURE, Kind.DEADLINE, Kind.DUTY, Kind.TARGET})
"""What an office has to do otherwise than before."""
WHEREABOUTS = frozenset({Kind.PLACE, Kind.NUMBER})
"""Where a measure stands, not what it says."""
ROLE_COLUMNS = {
    Role.LEAD: "牵头部门",
    Role.RESPONSIBLE: "主责单位",
    Role.LEAD_RESPONSIBLE: "牵头/主责",
    Role.ASSISTING: "协办单位",
}
OPEN_END = "等部门"
ANY_YEAR = 2000
Value = Figure | tuple[Due, ...] | tuple[str, ...] | str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed: in which column (`item`), as printed on both sides, and what that means.

    `old` and `new` are a figure, due dates, full names of departments, or the normalised text.
    """

    kind: Kind
    item: str
    before: Marked
    after: Marked
    old: Value = None
    new: Value = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure in both editions."""

    before: Record
    after: Record
    changes: tuple[Change, ...]
    likeness: float

    @property
    def changed(self) -> bool:
        """Whether it says something else than before."""
        return any(change.kind not in WHEREABOUTS for change in self.changes)

    @property
    def moved(self) -> bool:
        """Whether it says the same in another place."""
        return bool(self.changes) and not self.changed


@dataclass(frozen=True)
class Differences:
    """All records of two editions; pairs and `added` in the later one's order, `dropped` in the earlier's.

    `split` has for the id of what was added the earlier record that held its text, `merged` for the id of
    what was dropped the later record that holds it now.
    """

    pairs: tuple[Compared, ...]
    added: tuple[Record, ...]
    dropped: tuple[Record, ...]
    split: Mapping[str, Record] = field(default_factory=dict)
    merged: Mapping[str, Record] = field(default_factory=dict)

    @property
    def changed(self) -> tuple[Compared, ...]:
        """The pairs that say something else than before."""
        return tuple(pair for pair in self.pairs if pair.changed)

    @property
    def moved(self) -> tuple[Compared, ...]:
        """The pairs that say the same in another place."""
        return tuple(pair for pair in self.pairs if pair.moved)

    @property
    def same(self) -> tuple[Compared, ...]:
        """The pairs in which nothing changed."""
        return tuple(pair for pair in self.pairs if not pair.changes)

    @cached_property
    def by_after(self) -> Mapping[str, Compared]:
        """The pairs by the id of the later record."""
        return {pair.after.id: pair for pair in self.pairs}

    @cached_property
    def added_ids(self) -> frozenset[str]:
        """The ids of what was added."""
        return frozenset(record.id for record in self.added)


def differences(
    before: Sequence[Record], after: Sequence[Record], plans: tuple[Plan, Plan] | None = None
) -> Differences:
    """What changed from the records of one edition to those of another, both in print order.

    With `plans` the own bodies of two districts are one (延庆区水务局 and 怀柔区水务局 are both 区水务局)
    and a plan's own year is known; without them the year is that of dates which print none.
    """
    found = match(before, after)
    if plans:
        years, districts = (plans[0].year, plans[1].year), (plans[0].district, plans[1].district)
    else:
        years, districts = (_year(before), _year(after)), ("", "")
    if districts[0] == districts[1]:
        districts = ("", "")
    sides = _Sides(years, districts)
    kept = _in_order(found.pairs, mirrored=turned(before, after))
    pairs = []
    for pair in found.pairs:
        one, other = before[pair.before], after[pair.after]
        changes = tuple(_changes(one, other, sides, in_order=pair.after in kept))
        pairs.append(Compared(one, other, changes, pair.likeness))
    taken = {pair.before for pair in found.pairs}, {pair.after for pair in found.pairs}
    return Differences(
        tuple(pairs),
        tuple(record for n, record in enumerate(after) if n not in taken[1]),
        tuple(record for n, record in enumerate(before) if n not in taken[0]),
        {after[new].id: before[old] for new, old in found.split.items()},
        {before[old].id: after[new] for old, new in found.merged.items()},
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    years: tuple[int, int]
    districts: tuple[str, str]

    def bodies(self, duties: Iterable[Duty], side: int) -> dict[str, str]:
        """Printed names by what they are compared by, 等部门 as one of them."""
        own = self.districts[side]
        found: dict[str, str] = {}
        for duty in duties:
            name = normal(duty.department)
            if own:  # also in 市规划自然资源委延庆分局
                name = name.replace(own, "区").replace(own.removesuffix("区"), "")
            found.setdefault(name, duty.printed)
            if duty.open_ended:
                found[OPEN_END] = OPEN_END
        return found


def place(record: Record) -> str:
    """Where a record stands in its plan: 第3项第1条, 三(一)1第2段."""
    if isinstance(record, Measure):
        return f"第{record.number}项第{record.item}条"
    return f"{record.number}第{record.item}段"


def _year(records: Iterable[Record]) -> int:
    """The year of a plan as its dates without one were read; any where there are none."""
    dues = (due for record in records for due in record.due)
    years = Counter(due.end.year for due in dues if due.end and str(due.end.year) not in due.printed)
    return years.most_common(1)[0][0] if years else ANY_YEAR


def _in_order(pairs: Sequence[Pair], *, mirrored: bool) -> set[int]:
    """Places, in the later edition, of the most pairs that stand in the same order in both."""
    if mirrored:  # the same pairs are found whichever edition is called the later
        ordered = [(pair.after, pair.after) for pair in sorted(pairs, key=lambda pair: pair.before)]
    else:
        ordered = [(pair.before, pair.after) for pair in pairs]
    ends: list[int] = []  # the least last place of an ascending run, by its length
    last: list[int] = []
    earlier: list[int] = []
    for n, (at, _) in enumerate(ordered):
        length = bisect_left(ends, at)
        earlier.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [at]
        last[length : length + 1] = [n]
    kept = set()
    n = last[-1] if last else -1
    while n >= 0:
        kept.add(ordered[n][1])
        n = earlier[n]
    return kept


def _changes(one: Record, other: Record, sides: _Sides, *, in_order: bool) -> Iterator[Change]:
    text = reworded(one.text, other.text, sides.years)
    yield from _in_text(
        text, Kind.WORDING, "工作措施" if isinstance(one, Measure) else "正文", one.text, other.text
    )
    if isinstance(one, Measure) and isinstance(other, Measure):
        yield from _deadline(one, other, sides.years)
        target = reworded(one.target or "", other.target or "", sides.years)
        yield from _in_text(target, Kind.TARGET, "年终目标", one.target or "", other.target or "")
        yield from _plain(Kind.CATEGORY, "类别", one.category or "", other.category or "")
        yield from _duties(one.duties, other.duties, sides)
        extras = dict(one.extras), dict(other.extras)
        for heading in sorted({*extras[0], *extras[1]}):
            yield from _plain(Kind.WORDING, heading, extras[0].get(heading, ""), extras[1].get(heading, ""))
        yield from _plain(Kind.PLACE, "重点任务", one.task, other.task)
    yield from _plain(Kind.PLACE, "章节", " / ".join(one.path), " / ".join(other.path))
    if (old := place(one)) != (new := place(other)):
        marked = whole(old, changed=True), whole(new, changed=True)
        yield Change(Kind.NUMBER if in_order else Kind.PLACE, "编号", *marked, old, new)


def _in_text(found: Reworded, kind: Kind, item: str, before: str, after: str) -> Iterator[Change]:
    for replaced in found.replaced:
        yield _replaced(replaced, item, before, after)
    if found.words:
        yield Change(kind, item, found.before, found.after, normal(before), normal(after))


def _replaced(found: Replaced, item: str, before: str, after: str) -> Change:
    old, new = found.before, found.after
    texts = clause(before, old) if old else (), clause(after, new) if new else ()
    if found.kind == "figure":
        return Change(Kind.FIGURE, item, *texts, old.figure if old else None, new.figure if new else None)
    return Change(Kind.DEADLINE, item, *texts, old.due if old else (), new.due if new else ())


def _plain(kind: Kind, item: str, before: str, after: str) -> Iterator[Change]:
    if normal(before) != normal(after):
        marked = reworded(before, after, (ANY_YEAR, ANY_YEAR))
        yield Change(kind, item, marked.before, marked.after, normal(before), normal(after))


def _deadline(one: Measure, other: Measure, years: tuple[int, int]) -> Iterator[Change]:
    """The column of deadlines: another date is a change of it, the same date in other words is wording."""
    before, after = one.deadline or "", other.deadline or ""
    if normal(before) == normal(after):
        return  # also where the years of the plans differ: 年底前 is the end of each one's
    dues = tuple(tuple(d for d in record.due if d.basis == "column") for record in (one, other))
    days = [{(due.start, due.end) for due in side} for side in dues]
    own = [{_in_own_year(due, year) for due in side} for side, year in zip(dues, years, strict=True)]
    equal = bool(dues[0] and dues[1]) and (days[0] == days[1] or own[0] == own[1])
    marked = whole(before, changed=True), whole(after, changed=True)
    if equal:
        yield Change(Kind.WORDING, "完成时限", *marked, normal(before), normal(after))
    else:
        yield Change(Kind.DEADLINE, "完成时限", *marked, *dues)


def _in_own_year(due: Due, year: int) -> tuple[object, ...]:
    return tuple(
        (day.month, day.day) if day is not None and day.year == year else day for day in (due.start, due.end)
    )


def _duties(one: Sequence[Duty], other: Sequence[Duty], sides: _Sides) -> Iterator[Change]:
    """Departments gained and lost by role; one merged cell of 牵头 and 主责 is both."""
    found: dict[Role, Change] = {}
    for role in (Role.LEAD, Role.RESPONSIBLE, Role.ASSISTING):
        having = {role} if role is Role.ASSISTING else {role, Role.LEAD_RESPONSIBLE}
        old, new = (
            sides.bodies((duty for duty in duties if duty.role in having), side)
            for side, duties in enumerate((one, other))
        )
        if old.keys() != new.keys():
            found[role] = Change(
                Kind.DUTY, ROLE_COLUMNS[role], _names(old, new), _names(new, old), tuple(old), tuple(new)
            )
    lead, responsible = found.get(Role.LEAD), found.get(Role.RESPONSIBLE)
    if lead and responsible and (lead.old, lead.new) == (responsible.old, responsible.new):
        del found[Role.RESPONSIBLE]
        found[Role.LEAD] = Change(
            Kind.DUTY, ROLE_COLUMNS[Role.LEAD_RESPONSIBLE], lead.before, lead.after, lead.old, lead.new
        )
    yield from found.values()


def _names(own: Mapping[str, str], others: Mapping[str, str]) -> Marked:
    pieces: list[tuple[str, bool]] = []
    for name, printed in own.items():
        if pieces and name != OPEN_END:
            pieces.append(("、", False))
        pieces.append((printed, name not in others))
    return tuple(pieces)
