"""A question understood: an immutable reading of what it wants and where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.normal import normal
from corpus.numerals import numeral
from corpus.places import Places
from corpus.types import Plan, Role
from index.filters import DueWindow, Filters
from rag.bodies import Bodies, Mention
from rag.cues import Absent, cues
from rag.figures import Figure, figures
from rag.kinds import Kind, kind_of
from rag.plan_names import PlanNames

_NUMERAL = "[0-9]{1,3}|[一二三四五六七八九十]{1,4}"
_NUMBERED = re.compile(rf"第({_NUMERAL})(?:项|号)(?:任务)?(?:的?第({_NUMERAL})条)?")
_THIS_YEAR = re.compile(r"今年|本年|当年")
_YEAR_ALONE = re.compile(r"(?<!\d)(20[0-4]\d)(?=\s)")  # before blanks go: 2025 亿千瓦时
_ITEM_ONLY = re.compile(rf"第({_NUMERAL})条")
_SERIAL = re.compile(r"序号(?:为|是)?([0-9]{1,3})")
_UNITS_BEHIND = "个家处座项辆块亩人次轮台米平公吨千毫升万亿倍户株棵元根条"
_YEAR = re.compile(
    rf"(?:到|至|截至)?(?<!\d)(20[0-4]\d)(?:年度?|(?![\d.%{_UNITS_BEHIND}]))"
    r"|(?:到|至|截至)(?<!\d)([1-4]\d)年|(?<!\d)([12]\d)年(?=底|末|初|的(?:目标|指标))"
)
_FIVE_YEAR = re.compile(
    r"[“\"']?(?:十四五|14五)[”\"']?(?:时期|期间)?(?:的)?(?:生态环境)?(?:保护)?(?:规划)?"
    r"|第十四个五年|五年(?:的)?规划|生态环境保护规划"
)
_PAST = re.compile(r"[“\"']?(?:十三五|13五)[”\"']?(?:时期|期间)?")
_CITY = re.compile(
    r"全市|市级|本市|市里|市计划|市一级|市层面"
    r"|北京市?(?!市?[东西朝丰石海门房通顺昌大怀平密延])"
)
_LISTED_CITY = re.compile(
    r"市(?=[、,，/和与跟]{1,2}(?:延庆|怀柔|各?区)|vs)|(?<=[、,，/和与跟:：])市(?=[的今年2级要、,，/和与跟]|vs|$)"
)
_COMPARES = re.compile(
    r"比|异同|不同|区别|差别|一样|一致|相同|分别|各自|各是|各有|各由|哪个更|哪个严|更严|更高|谁严|和|与|跟|又是|[？?].*[？?]"
)
_CITY_PLAN = re.compile(r"市(?:的|里的)?(?:绿色低碳|多元共治|多元协同)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question wants.

    `districts` are those it names ("" for the city); `outside` districts of Beijing that
    have no plan here; `elsewhere` places outside Beijing; `years` those it names;
    `absent` what it asks that no plan holds; `figures` the amounts that it states itself;
    `several` that it asks for more than one thing; `unknown` departments that hold no duty
    here; `excludes` that a list leaves something out; `topic` what remains, which is searched.
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
    unknown: tuple[str, ...] = ()
    excludes: bool = False
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
        self._names = PlanNames(plans, places)

    def read(self, question: str, history: Sequence[str] = ()) -> Reading:
        """The reading of a cleaned question; `history` holds earlier ones, oldest first.

        A question that leaves its subject out takes it from the latest one that has it.
        """
        reading = self._one(question)
        has_subject = len(reading.topic) > 1 or reading.number or reading.departments or reading.due
        if history and not has_subject:
            return self._carried(reading, self.read(history[-1], history[:-1]))
        return reading

    def _one(self, question: str) -> Reading:
        text = normal(_YEAR_ALONE.sub(r"\1年", question))
        known = cues()
        plans, text_without_plans = self._plans_in(text)
        mentions = tuple(self._bodies.find(text_without_plans))
        places = _without(text_without_plans, [(m.start, m.end) for m in mentions])
        named = self._places.districts_in(places)
        named += [m.district for m in mentions if m.district and m.district not in named]
        here = self._without_elsewhere(places)
        city = any(p.search(t) for p, t in ((_CITY, places), (_LISTED_CITY, here), (_CITY_PLAN, text)))
        own = tuple(d for d in named if d in self._with_plan)
        districts = own + (("",) if city else ())
        years = tuple(int(y[0] or "20" + (y[1] or y[2])) for y in _YEAR.findall(text))
        if _THIS_YEAR.search(text):
            years += (max(plan.year for plan in self._plans.values()),)
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
            unknown=tuple(mention.text for mention in mentions if not mention.names),
            excludes=listing and _EXCLUDES.search(text) is not None,
            districts=districts,
            outside=tuple(d for d in named if d not in self._with_plan),
            elsewhere=elsewhere,
            plans=self._narrowed(plans, districts, text),
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
            absent=tuple(a for a in known.absent if a.pattern.search(text)),
        )

    def _plans_in(self, text: str) -> tuple[list[str], str]:
        """The plans that `text` names, and the text without those names."""
        found, rest = self._names.find(text)
        if _FIVE_YEAR.search(rest) or _PAST.search(rest):
            found += [plan.id for plan in self._plans.values() if plan.prose and plan.id not in found]
        return found, rest

    def _narrowed(self, plans: Sequence[str], districts: Sequence[str], text: str) -> tuple[str, ...]:
        """The plans that it is about: of several places and the five-year plan where it compares."""
        of_places = self._names.of_places(plans, districts)
        if of_places and _COMPARES.search(text):
            return self._names.compared(of_places, districts)
        return of_places

    def _without_elsewhere(self, text: str) -> str:
        """`text` with blanks in place of cities elsewhere: 天津市与怀柔 says nothing of Beijing."""
        for name in self._places.elsewhere_in(text):
            text = text.replace(f"{name}市", " ").replace(name, " ")
        return text

    def _elsewhere(self, text: str, here: bool) -> tuple[str, ...]:
        """Places elsewhere that the question is about: a neighbour only where it names no place here."""
        names = self._places.elsewhere_in(text)
        return tuple(name for name in names if not (here and name in self._places.neighbours))

    def _carried(self, reading: Reading, before: Reading) -> Reading:
        """A follow-up with the subject, and where it names no place, the place of the one before.

        A new place moves the departments carried over to it (延庆区水务局 → 怀柔区水务局).
        """
        placed = bool(reading.districts or reading.outside or reading.plans)
        item = _ITEM_ONLY.search(reading.text)
        kind = reading.kind if reading.kind != "fact" or reading.wants_figure else before.kind
        departments = reading.departments or before.departments
        if placed and not reading.departments:
            departments = self._bodies.moved(departments, reading.districts)
        return replace(
            reading,
            kind=before.kind if kind in ("list", "count") and not departments else kind,
            topic=before.topic,
            districts=reading.districts if placed else before.districts,
            outside=reading.outside if placed else before.outside,
            plans=reading.plans if placed else before.plans,
            number=None if placed else before.number,
            item=numeral(item[1]) if item else None if placed else before.item,
            roles=reading.roles or (before.roles if kind == before.kind else ()),
            departments=departments,
            mentions=reading.mentions or before.mentions,
            due=reading.due or before.due,
        )

    def _due(self, text: str) -> tuple[DueWindow, ...]:
        """The deadlines that a list is narrowed to."""
        year = max(plan.year for plan in self._plans.values())
        said = [match.group() for pattern in _DUE for match in pattern.finditer(text)]
        return tuple(window for words in said if (window := DueWindow.read(words, year)))

    def _scoped(self, mentions: Sequence[Mention], districts: Sequence[str]) -> tuple[str, ...]:
        """The bodies that a list is about.

        A level said once holds for the names beside it (延庆区水务局、财政局), and several
        places share one name (怀柔区和延庆区水务局).
        """
        places = {m.district for m in mentions if m.district is not None} | set(districts)
        names = [name for mention in mentions for name in mention.names]
        if places:
            names = list(self._bodies.moved(names, tuple(places)))
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
        for pattern in (
            _NUMBERED,
            _ITEM_ONLY,
            _SERIAL,
            _YEAR,
            _THIS_YEAR,
            _CITY,
            _FIVE_YEAR,
            _PAST,
            known.duty,
            known.stop,
        ):
            text = pattern.sub(" ", text)
        words = re.sub(r"[^\w%.\-]+", " ", text).split()
        if listing:
            function = "".join(known.function)
            words = [word.strip(function) if len(word) > 2 else word for word in words]
            words = [word for word in words if len(word) > 1]
        return " ".join(words)


_EXCLUDES = re.compile(
    r"不(?:是|由|归|负责|牵头|主责|协办|参与|涉及|含|包括)|除了|除去|以外的|之外的|非牵头|共同|同时由"
)
_ASKING = re.compile(r"谁|哪|什么|啥|多少|几")
# Units of amounts: what follows a number of a road, a hotline or a date is none of them.
_AMOUNTS = frozenset("%个处家座项天微辆块亩人次轮台米平公吨千毫升万亿倍户株棵元")


def _numbered(text: str) -> tuple[int | None, int | None]:
    match = _NUMBERED.search(text)
    if match:
        return numeral(match[1]), numeral(match[2]) if match[2] else None
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


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " * (end - start) + text[end:]
    return text
