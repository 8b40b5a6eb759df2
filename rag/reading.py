"""A question understood: an immutable reading of what it wants and where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.normal import normal
from corpus.places import Places
from corpus.types import Plan, Role
from index.filters import DueWindow, Filters
from rag.bodies import Bodies, Mention
from rag.cues import Absent, cues
from rag.figures import Figure, figures
from rag.kinds import Kind, kind_of

_NUMERAL = "[0-9]{1,3}|[一二三四五六七八九十]{1,4}"
_NUMBERED = re.compile(rf"第({_NUMERAL})(?:项|号)(?:任务)?(?:的?第({_NUMERAL})条)?")
_SERIAL = re.compile(r"序号(?:为|是)?([0-9]{1,3})")
_YEAR = re.compile(r"(?:到|至)?(?<!\d)(?:(20\d\d)年?|(1[0-9]|2[0-9])年(?=[^\d内]))")
_FIVE_YEAR = re.compile(
    r"[“\"']?(?:十四五|14五)[”\"']?(?:时期|期间)?(?:的)?(?:生态环境)?(?:保护)?(?:规划)?"
    r"|第十四个五年|五年(?:的)?规划|生态环境保护规划"
)
_PAST = re.compile(r"十三五|13五")
_CITY = re.compile(
    r"全市|市级|本市|市里|市计划|市一级|市层面"
    r"|北京市?(?!市?[东西朝丰石海门房通顺昌大怀平密延])"
)
_CITY_PLAN = re.compile(r"市(?:的|里的)?(?:绿色低碳|多元共治|多元协同)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question wants.

    `districts` are those it names ("" for the city); `outside` districts of Beijing that
    have no plan here; `elsewhere` places outside Beijing; `years` those it names;
    `absent` what it asks that no plan holds; `figures` the amounts that it states itself;
    `several` that it asks for more than one thing; `topic` what remains, which is searched.
    """

    text: str
    kind: Kind
    topic: str
    districts: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    number: int | None = None
    item: int | None = None
    mentions: tuple[Mention, ...] = ()
    departments: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    wants_figure: bool = False
    past: bool = False
    figures: tuple[Figure, ...] = ()
    several: bool = False
    due: tuple[DueWindow, ...] = ()
    absent: tuple[Absent, ...] = ()

    @property
    def by_number(self) -> bool:
        """Whether it asks for a numbered item as such (第37项是什么)."""
        return self.number is not None and len(self.topic) < 2

    @property
    def filters(self) -> Filters:
        """What narrows the search: plans or districts, and a numbered item."""
        districts = () if self.plans else self.districts
        return Filters(
            plans=self.plans,
            districts=districts,
            numbers=(self.number,) if self.number is not None else (),
            items=(self.item,) if self.item is not None else (),
        )


_DUE = (
    re.compile(r"\d{1,2}-\d{1,2}月"),
    re.compile(r"(?:20\d\d年)?\d{1,2}月(?:底|末|\d{1,2}日)?(?:以前|之前|前|底)|上半年"),
    re.compile(r"长期实施|持续推进|长期坚持"),
)


class Reader:
    """Reads questions against what the store holds."""

    def __init__(self, plans: Mapping[str, Plan], bodies: Bodies, places: Places) -> None:
        self._plans = plans
        self._bodies = bodies
        self._places = places
        self._with_plan = {plan.district for plan in plans.values()}
        self._names = _plan_names(plans)

    def read(self, question: str, history: Sequence[str] = ()) -> Reading:
        """The reading of a cleaned question; `history` holds earlier ones, oldest first.

        A question that leaves its subject out takes it from the latest one that has it.
        """
        reading = self._one(question)
        if len(reading.topic) < 2 and reading.number is None and history:
            before = self.read(history[-1], history[:-1])
            reading = _carried(reading, before)
        return reading

    def _one(self, question: str) -> Reading:
        text = normal(question)
        known = cues()
        plans, text_without_plans = self._plans_in(text)
        mentions = tuple(self._bodies.find(text_without_plans))
        places = _without(text_without_plans, [(m.start, m.end) for m in mentions])
        named = self._places.districts_in(places)
        city = bool(_CITY.search(places) or _CITY_PLAN.search(text))
        own = tuple(d for d in named if d in self._with_plan)
        districts = own + (("",) if city else ())
        years = tuple(int(y[0] or "20" + y[1]) for y in _YEAR.findall(text))
        number, item = _numbered(text)
        elsewhere = self._elsewhere(text_without_plans, bool(named) or city)
        roles = tuple(role for role, pattern in known.roles if pattern.search(text))
        kind = kind_of(text, bool(mentions), bool(roles))
        departments: tuple[str, ...] = ()
        listing = kind in ("list", "count")
        if listing and mentions:
            departments = self._scoped(mentions, districts)
        return Reading(
            text=text,
            kind=kind,
            topic=self._topic(text_without_plans, mentions if departments else (), elsewhere, listing),
            due=self._due(text) if listing else (),
            districts=districts,
            outside=tuple(d for d in named if d not in self._with_plan),
            elsewhere=elsewhere,
            plans=self._of_level(plans, districts),
            years=years,
            number=number,
            item=item,
            mentions=mentions,
            departments=departments,
            roles=roles,
            wants_figure=known.figure.search(text) is not None,
            past=_PAST.search(text) is not None,
            figures=_amounts(text_without_plans),
            several=len(_ASKING.findall(text)) > 1,
            absent=tuple(a for a in known.absent if any(word in text for word in a.words)),
        )

    def _plans_in(self, text: str) -> tuple[tuple[str, ...], str]:
        """The plans that `text` names, and the text without those names."""
        found: list[str] = []
        for name, plans in self._names:
            if name in text:
                found += [plan for plan in plans if plan not in found]
                text = text.replace(name, " ")
        if _FIVE_YEAR.search(text) or _PAST.search(text):
            prose = [plan for plan in self._plans if self._is_prose(plan)]
            found += [plan for plan in prose if plan not in found]
        return tuple(found), text

    def _of_level(self, plans: Sequence[str], districts: Sequence[str]) -> tuple[str, ...]:
        """Those of `plans` that belong to the places named; all where none does."""
        kept = tuple(p for p in plans if self._plans[p].district in districts or self._is_prose(p))
        return kept if districts and kept else tuple(plans)

    def _is_prose(self, plan: str) -> bool:
        return self._plans[plan].year < _FIVE_YEAR_END

    def _elsewhere(self, text: str, here: bool) -> tuple[str, ...]:
        """Places elsewhere that the question is about: a neighbour only where it names no place here."""
        names = self._places.elsewhere_in(text)
        return tuple(name for name in names if not (here and name in self._places.neighbours))

    def _due(self, text: str) -> tuple[DueWindow, ...]:
        """The deadlines that a list is narrowed to."""
        year = max(plan.year for plan in self._plans.values())
        said = [match.group() for pattern in _DUE for match in pattern.finditer(text)]
        return tuple(window for words in said if (window := DueWindow.read(words, year)))

    def _scoped(self, mentions: Sequence[Mention], districts: Sequence[str]) -> tuple[str, ...]:
        names = [name for mention in mentions for name in mention.names]
        if districts:
            names = list(self._bodies.in_districts(names, districts)) or names
        return tuple(dict.fromkeys(names))

    def _topic(self, text: str, mentions: Sequence[Mention], elsewhere: Sequence[str], listing: bool) -> str:
        """What is left when the words of asking, places, years and numbers are gone."""
        text = _without(text, [(m.start, m.end) for m in mentions])
        known = cues()
        if listing:  # what is listed is asked for in words of its own
            for pattern in (*_DUE, known.count, known.list, known.list_stop, *(w for _, w in known.roles)):
                text = pattern.sub(" ", text)
        text = self._places.without_districts(text)
        for name in elsewhere:
            text = text.replace(name, " ")
        for pattern in (_NUMBERED, _SERIAL, _YEAR, _CITY, _FIVE_YEAR, _PAST, known.duty, known.stop):
            text = pattern.sub(" ", text)
        words = re.sub(r"[^\w%.\-]+", " ", text).split()
        if listing:
            function = "".join(known.function)
            words = [word.strip(function) if len(word) > 2 else word for word in words]
            words = [word for word in words if len(word) > 1]
        return " ".join(words)


_FIVE_YEAR_END = 2025
_ASKING = re.compile(r"谁|哪|什么|啥|多少|几")
# Units of amounts: what follows a number of a road, a hotline or a date is none of them.
_AMOUNTS = frozenset("%个处家座项天微辆块亩人次轮台米平公吨千毫升万亿倍户株棵元")


def _carried(reading: Reading, before: Reading) -> Reading:
    """A follow-up with the subject, and where it names none the place, of the one before."""
    place_named = bool(reading.districts or reading.outside or reading.plans)
    kind = reading.kind if reading.kind != "fact" or reading.wants_figure else before.kind
    return replace(
        reading,
        kind=kind if kind not in ("list", "count") or reading.departments else before.kind,
        topic=before.topic,
        districts=reading.districts if place_named else before.districts,
        outside=reading.outside if place_named else before.outside,
        plans=reading.plans if place_named else before.plans,
        number=before.number if not place_named else None,
        item=before.item if not place_named else None,
        roles=reading.roles or (before.roles if kind == before.kind else ()),
        departments=reading.departments or before.departments,
        mentions=reading.mentions or before.mentions,
    )


def _plan_names(plans: Mapping[str, Plan]) -> list[tuple[str, tuple[str, ...]]]:
    """What a plan is called in a question: title, title without 征求意见稿, short name, its theme.

    A theme that several plans share (加快绿色低碳转型2026年行动计划) means all of them.
    """
    names: dict[str, list[str]] = {}
    for plan in plans.values():
        title = normal(plan.title).replace("(征求意见稿)", "")
        theme = re.sub(r"^(北京市|.{2,3}区)", "", title)
        short = normal(plan.short)
        bare = re.sub(r"^(市|延庆|怀柔)", "", short)
        about = re.sub(r"20\d\d年|行动计划$", "", theme)
        names_of = {about, re.sub(r"^(加快|深化|持续)", "", about), bare, f"{bare}转型", f"{bare}攻坚"}
        forms = [title, theme, re.sub(r"20\d\d年", "", theme), short, f"{short}计划", about]
        forms += [f"{name}{kind}" for name in names_of for kind in ("计划", "行动计划", "方案")]
        forms += [f"{plan.district[:2]}{form}" for form in forms if plan.district and form.endswith("计划")]
        for form in forms:
            bucket = names.setdefault(form, [])
            if plan.id not in bucket:
                bucket.append(plan.id)
    return [(name, tuple(ids)) for name, ids in sorted(names.items(), key=lambda i: -len(i[0]))]


def _numbered(text: str) -> tuple[int | None, int | None]:
    match = _NUMBERED.search(text)
    if match:
        return _int(match[1]), _int(match[2]) if match[2] else None
    serial = _SERIAL.search(text)
    return (int(serial[1]), None) if serial else (None, None)


def _amounts(text: str) -> tuple[Figure, ...]:
    """The amounts that a question states itself.

    A number of an item or a year is none, nor is a small one in words (两个地方, 一家).
    """
    for pattern in (_NUMBERED, _SERIAL, _YEAR):
        text = pattern.sub(" ", text)
    stated = [figure for figure in figures(text) if figure.unit[:1] in _AMOUNTS]
    return tuple(figure for figure in stated if not (figure.spelled and figure.value < 10))


def _int(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    digits = "一二三四五六七八九"
    if not ten:
        return digits.find(numeral) + 1
    return 10 * (digits.find(tens) + 1 if tens else 1) + (digits.find(ones) + 1 if ones else 0)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " * (end - start) + text[end:]
    return text
