"""Reads questions against what the store holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.normal import normal
from corpus.places import Places
from index.filters import Filters
from index.spelling import Correction
from index.store import Store
from rag import topic
from rag.asking import Named, asks_openly, asks_who
from rag.bodies import Bodies, Mention
from rag.conditions import AS_WELL, Conditions
from rag.cues import cues
from rag.evidence import ZONE
from rag.figures import dates, stated_amounts
from rag.kinds import Kind, aspects_of, kind_of
from rag.numbers import Numbers, numbers, typed
from rag.plan_names import PlanNames
from rag.reading import Reading

_SPOKEN_YEARS = (
    (re.compile(r"今年|本年|当年"), 0),
    (re.compile(r"明年|来年"), 1),
    (re.compile(r"(?<![比较])去年"), -1),
)
_SPEAKER = re.compile(r"^[^,。:?]{2,16}(?:来问|想问|问|来电|反映)[:,](?=.{6})")
_GREETING = re.compile(
    r"^(?:(?:(?:谢谢|多谢|感谢|辛苦)[^,。?!:]{0,10}|(?:您好|你好|打扰|麻烦|请教|请问|请回答|我?想问|另外问?)[一下您你了个事]{0,3})[,。!:]?)"
    r"+(?=.{3})"
)
_ID = re.compile(r"(?P<plan>[a-z]{2}-[a-z]+-\d{2,4})/(?P<task>\d+)(?:/(?P<item>\d+))?")
_OF_THE_YEAR = re.compile(r"(?:今年|本年|20\d\d年)(?:的)?(?=年[底末]|\d{1,2}月|[上下]半年)")
_YEAR_ALONE = re.compile(r"(?<!\d)(20[0-4]\d)(?=\s)")  # before blanks go: 2025 亿千瓦时
_FIVE_YEAR = re.compile(
    r"[“\"']?(?:十四五|14五)[”\"']?(?:时期|期间)?(?:的)?(?:生态环境|生态环保|环保|生态)?(?:保护)?(?:规划)?"
    r"|第十四个五年|五年(?:的)?规划|生态(?:环境)?保护规划|环保规划|(?<!市)(?<!局)规划(?=里|中|对|20|提出|要求|上|定|给|说|怎么|的目标|目标|到)"
)
_PAST = re.compile(r"[“\"']?(?:十三五|13五)[”\"']?(?:时期|期间)?(?:末)?")
_CITY = re.compile(
    r"全市|市级|本市|市里|市计划|市一级|市层面|市本级"
    r"|北京市?(?!市?[东西朝丰石海门房通顺昌大怀平密延])"
)
_BOTH_LEVELS = re.compile(
    r"市(?:里|级)?[、和与跟及]?(?:两个|各|两)?区(?:里|级)?(?=都|也|全|各|20|今|的|$|[,，。?？])|市里区里|甭管市里"
)
_TAKES_PART = re.compile(
    r"参与|涉及|承担|[干管做](?:什么|啥|些什么|哪些)|职责|有(?:什么|哪些|啥)?(?:任务|活|事)"
)
_ABOUT = r"(?:提到|写到|写明|说到|点名|点到|涉及|含有?|有关|关于|跟|与)"
_ZONE = re.compile(r"(?:北京)?经开区|亦庄|北京经济技术开发区")
_QUOTED = re.compile(r"[“\"'‘]([^”\"'’]{2,30})[”\"'’]")
_ASKED_FOR = re.compile(r"[哪几谁]|什么")
_STRANGER = re.compile(
    r"([\u4e00-\u9fff]{2,10}?(?:管理局|监察局|总局|分局|委员会|管理处|管委会|(?<![结布格全大当])局))"
    r"(?=牵头|主责|协办|配合|负责|参与|管|承担|是不是|有哪|都有|今年|在|里|要|得|到底)"
)


class Reader:
    """Reads questions against one store; the reading of one does not depend on another."""

    def __init__(self, store: Store, bodies: Bodies, places: Places) -> None:
        self._store = store
        self._plans = store.plans
        self._bodies = bodies
        self._places = places
        self._with_plan = {plan.district for plan in store.plans.values()}
        self._names = PlanNames(store.plans, places)
        self._conditions = Conditions(store, bodies)
        self._listed_city = _listed_city([d.removesuffix("区") for d in self._with_plan if d])
        self._city_plan = re.compile(
            rf"(?<![都城])市级?(?:的|里的)?(?:{'|'.join(self._names.themes)}|低碳|共治|协同共治|绿色转型)"
        )
        self.year = max(plan.year for plan in store.plans.values())

    def read(self, question: str, corrections: tuple[Correction, ...] = ()) -> Reading:
        """The reading of a cleaned question by itself."""
        known = cues()
        text = self._cleaned(question)
        plans, unplanned = self._plans_in(text)
        mentions = [m for m in self._bodies.find(unplanned) if not _ZONE.fullmatch(m.text)]
        if not mentions and cues().roles_asked.search(text):
            mentions = self._bodies.find_short(unplanned)
        unnamed = _without(unplanned, [(m.start, m.end) for m in mentions])
        unnamed = self._conditions.left_out.sub(" ", unnamed)
        named = self._places.districts_in(unnamed)
        apart = tuple(d for d in named if d in self._with_plan)  # not as part of a department's name
        zone = _ZONE.search(unnamed)
        named += [m.district for m in mentions if m.district and m.district not in named]
        here = self._without_elsewhere(unnamed)
        unquoted = _QUOTED.sub(" ", unnamed)
        city = any(
            p.search(t) for p, t in ((_CITY, unquoted), (self._listed_city, here), (self._city_plan, text))
        )
        city = city and not (_BOTH_LEVELS.search(unnamed) and not named)
        districts = tuple(d for d in named if d in self._with_plan) + (("",) if city else ())
        outside = tuple(d for d in named if d not in self._with_plan) + ((ZONE,) if zone else ())
        if outside and districts == ("",):
            districts = ()  # of another district only the city's plans tell: 朝阳区…市里点名
        elsewhere = self._elsewhere(unplanned, bool(named) or city)
        spoken = (self.year + away for word, away in _SPOKEN_YEARS if word.search(text))
        years = tuple(dict.fromkeys((*topic.years(text), *spoken)))
        roles = tuple(role for role, pattern in known.roles if pattern.search(text))
        pointed = numbers(text)
        if pointed == Numbers() and plans:
            pointed = typed(unplanned)
        aspects = aspects_of(text, bool(roles))
        if _is_attribute(text, mentions):
            aspects -= {"duty"}
        stated = stated_amounts(topic.without_pointers(unplanned))
        meant = self._names.of_places(plans, districts)
        lacking = self._names.lacking(plans, (*apart, *(("",) if city else ())))
        levels = {*districts, *(p if self._plans[p].prose else self._plans[p].district for p in meant)}
        prose = any(self._plans[p].prose for p in plans)
        if prose and self.year not in years and not any(not self._plans[p].prose for p in plans):
            levels.discard("")  # the five-year plan is the city's: 规划里全市的目标 has one side
        if prose and self.year in years and len(levels) == 1:
            levels.add("")  # 十四五规划和2026年计划
        sides = max(len(levels), 1) + (len(set(years)) > 1)
        kind = kind_of(
            text,
            Named(
                departments=bool(mentions or (zone and roles)),
                plan=bool(plans),
                bare=bool(mentions and (roles or _TAKES_PART.search(text) or text == mentions[0].text))
                and not self._left(unnamed, elsewhere),
                roles=bool(roles) and "duty" in aspects,
                sides=sides,
                dated=bool(plans or apart or asks_openly(text) or (mentions and roles))
                and self._conditions.has_date(unnamed)
                and not self._left(unnamed, elsewhere),
                condition=self._conditions.has_any(unnamed),
                figures=bool(stated),
                prose=all(self._plans[p].prose for p in meant) if meant else _PAST.search(text) is not None,
                numbers=pointed,
            ),
            aspects,
        )
        if kind == "duty":
            aspects |= {"duty"}
        plans = list(self._narrowed(plans, districts, kind))
        if kind in ("fact", "summary") and outside and not districts and not plans:
            kind = kind if self._left(unnamed, elsewhere) else "list"  # 朝阳区有什么任务
        if kind in ("list", "count") and (city or plans):
            told = tuple(
                d for d in apart if re.search(_ABOUT + rf"[^,。?]{{0,3}}{d.removesuffix('区')}", unplanned)
            )
            if city or not set(told) & {self._plans[p].district for p in plans}:
                outside += told  # 市级计划里提到延庆区的
                apart = tuple(d for d in apart if d not in told)
                districts = tuple(d for d in districts if d not in told)
        if kind in ("list", "count"):  # 提到雄安的段落 asks for a word, not for that place
            elsewhere = tuple(name for name in elsewhere if not re.search(f"{_ABOUT}{name}", text))
        condition = None
        if kind in ("list", "count") and AS_WELL.search(text) and (plans or mentions):
            own, _ = self._plans_in(AS_WELL.sub(" ", text))
            plans = [plan for plan in plans if plan in own]
            besides = self._bodies.find(AS_WELL.sub(" ", unplanned))
            mentions = besides if besides or outside else mentions
        if kind in ("list", "count"):
            rest = self._blanked(unnamed, elsewhere)
            own_places = (*apart, *(("",) if city else ()))
            districts_of = own_places or tuple(dict.fromkeys(self._plans[p].district for p in plans))
            condition = self._conditions.read(
                text, self._of_list(mentions, zone), roles, plans, districts_of, outside, rest, unplanned
            )
        return Reading(
            text=text,
            meant=question,
            kind=kind,
            topic=self._topic(unplanned, kind, mentions, elsewhere),
            aspects=aspects,
            districts=districts,
            outside=outside,
            elsewhere=elsewhere,
            plans=tuple(plans),
            years=years,
            numbers=pointed,
            mentions=tuple(mentions),
            roles=roles,
            past=_PAST.search(text) is not None,
            figures=stated,
            dates=tuple(dates(_OF_THE_YEAR.sub("", unplanned))),
            quoted=tuple(_QUOTED.findall(unplanned)),
            unknown=tuple(mention.text for mention in mentions if not mention.names),
            lacking=lacking,
            strangers=tuple(_strangers(_without(unplanned, [(m.start, m.end) for m in mentions]))),
            scan=condition.filters if condition else None,
            unread=condition.unread if condition else (),
            absent=tuple(a for a in known.absent if a.pattern.search(text)),
            corrections=corrections,
        )

    def prose(self, plans: Sequence[str]) -> bool:
        """Whether all of `plans` are prose that sets targets for its last year."""
        return all(self._plans[plan].prose for plan in plans)

    def left_out(self, text: str) -> tuple[Filters, ...]:
        """What a list is said to leave out: the plans of a place (不含延庆)."""
        return self._conditions.without_places(text)

    def moved(self, mentions: Sequence[Mention], districts: Sequence[str]) -> tuple[Mention, ...]:
        """`mentions` with the bodies of the same kinds in `districts`."""
        return tuple(
            Mention(m.start, m.end, m.text, self._bodies.moved(m.names, districts), m.district)
            for m in mentions
        )

    def _cleaned(self, question: str) -> str:
        """`question` normalised, without greetings and who it comes from."""
        text = _ID.sub(self._said_by_id, normal(_YEAR_ALONE.sub(r"\1年", question)))
        if cues().chat.fullmatch(text.strip("，。!?！？~ ,.")):
            return text
        return _SPEAKER.sub("", _GREETING.sub("", text))

    def _said_by_id(self, match: re.Match[str]) -> str:
        """A record's id (bj-green-2026/13/1) as it is said: 市绿色低碳第13项第1条."""
        plan = self._plans.get(match["plan"])
        item = f"第{match['item']}条" if match["item"] else ""
        return f"{plan.short}第{match['task']}项{item}" if plan and not plan.prose else match.group()

    def _plans_in(self, text: str) -> tuple[list[str], str]:
        """The plans that `text` names, and the text with blanks in place of those names."""
        found, rest = self._names.find(text)
        if _FIVE_YEAR.search(rest) or _PAST.search(rest):
            found += [plan.id for plan in self._plans.values() if plan.prose and plan.id not in found]
        return found, rest

    def _narrowed(self, plans: Sequence[str], districts: Sequence[str], kind: Kind) -> tuple[str, ...]:
        """The plans that it is about: of several places and the five-year plan where it compares."""
        of_places = self._names.of_places(plans, districts)
        return self._names.compared(of_places, districts) if of_places and kind == "compare" else of_places

    def _of_list(self, mentions: Sequence[Mention], zone: re.Match[str] | None) -> list[Mention]:
        """The departments of a list: in one, the development zone stands for its administration."""
        found = list(mentions)
        if zone and not found:
            found = self._bodies.find(f"{ZONE}管委会")
        return found

    def _without_elsewhere(self, text: str) -> str:
        """`text` with blanks in place of cities elsewhere: 天津市与怀柔 says nothing of Beijing."""
        for name in self._places.elsewhere_in(text):
            text = text.replace(f"{name}市", " ").replace(name, " ")
        return text

    def _elsewhere(self, text: str, here: bool) -> tuple[str, ...]:
        """Places elsewhere that the question is about: a neighbour only where it names no place here."""
        names = self._places.elsewhere_in(text)
        return tuple(name for name in names if not (here and name in self._places.neighbours))

    def _blanked(self, text: str, elsewhere: Sequence[str]) -> str:
        """`text` without places, years and numbers, which narrow a list otherwise."""
        text = self._places.without_districts(text)
        for town in self._places.towns_in(text):
            if town not in self._store.printed():  # 永宁镇电瓶厂 is what a measure is about
                text = text.replace(town, " ")
        for name in elsewhere:
            text = text.replace(name, " ")
        return topic.without_pointers(_CITY.sub(" ", _FIVE_YEAR.sub(" ", _ZONE.sub(" ", text))))

    def _left(self, text: str, elsewhere: Sequence[str]) -> bool:
        """Whether a question says more than whose part in which plan is wanted."""
        return len(topic.remains(self._conditions.undated(self._blanked(text, elsewhere)), "list")) > 1

    def _topic(self, text: str, kind: Kind, mentions: Sequence[Mention], elsewhere: Sequence[str]) -> str:
        """What is left when the words of asking, places, years and numbers are gone."""
        if kind in ("duty", "yesno", "list", "count"):  # a department is offered, not what it is about
            bare = _without(text, [(m.start, m.end) for m in mentions])
            left = topic.remains(self._blanked(bare, elsewhere), kind)
            if len(left) > 2 or kind in ("list", "count"):
                return left
        return topic.remains(self._blanked(text, elsewhere), kind)


def _listed_city(districts: Sequence[str]) -> re.Pattern[str]:
    """The city where it stands beside districts: 市、延庆和怀柔."""
    beside = "|".join((*districts, "各?区"))
    return re.compile(
        rf"市(?=[、,，/和与跟]{{1,2}}(?:{beside})|vs)|(?<![京都城])市(?=(?:{'|'.join(districts)})区?(?:{beside}|[各分]))"
        r"|(?<=[、,，/和与跟:：])市(?=[的今年2级要、,，/和与跟]|vs|$)"
    )


def _is_attribute(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether roles only tell which work is meant (水务局牵头的那项要到多少), and nobody is asked for."""
    if asks_who(text) or not asks_openly(text) or cues().roles_asked.search(text) is None:
        return False
    for mention in mentions:
        text = re.sub(rf"{re.escape(mention.text)}(?:牵头|主责|协办|配合|负责)的", " ", text)
    return cues().roles_asked.search(text) is None and cues().duty.search(text) is None


def _strangers(text: str) -> list[str]:
    """What is said to have a part in the work and is no body that is known."""
    found = dict.fromkeys(
        match[1].removeprefix("是由").removeprefix("由") for match in _STRANGER.finditer(text)
    )
    return [name for name in found if not _ASKED_FOR.search(name)]


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " * (end - start) + text[end:]
    return text
