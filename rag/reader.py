"""Reads questions against what the store holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from corpus.normal import normal
from corpus.places import Places
from corpus.types import Role
from index.filters import Filters
from index.printed import Printed
from index.spelling import Correction
from index.store import Store
from rag import topic, whole_sets
from rag.asking import Named, asks_openly, asks_who, tells_complaint
from rag.bodies import Bodies, Mention
from rag.conditions import AS_WELL, Condition, Conditions
from rag.cues import cues
from rag.editions import Editions, Meant, edition_words, long_term
from rag.evidence import ZONE
from rag.figures import dates, stated_amounts
from rag.kinds import Kind, aspects_of, kind_of
from rag.landmarks import NOWHERE, Landmarks, is_water, landmarks
from rag.numbers import Numbers, numbers, typed
from rag.plan_names import PlanNames
from rag.reading import Reading
from rag.rhetoric import affirmed
from rag.spans import blanked
from rag.whereabouts import QUOTED, ZONE_NAMES, Where, Whereabouts

_THIS_YEAR, _NEXT_YEAR = re.compile(r"今年|本年|当年"), re.compile(r"明年|来年")
_SPEAKER = re.compile(r"^[^,。:?]{2,16}(?:来问|想问|问|来电|反映)[:,](?=.{6})")
_GREETING = re.compile(
    r"^(?:(?:(?:谢谢|多谢|感谢|辛苦)[^,。?!:]{0,10}|(?:您好|你好|打扰|麻烦|请教|请问|请回答|我?想问|另外问?)[一下您你了个事]{0,3})[,。!:]?)"
    r"+(?=.{3})"
)
# What the answer is for: 我得给领导报个一页纸, 写材料用.
_ASIDE = re.compile(
    r"[,。?!;](?:我|咱|俺|领导|这边)?(?:得|要|想|急着|正)?(?:给|向|跟)?[^,。?!;]{0,6}(?:报|交|写|汇报|发|做)(?:个|份|一份|篇|一篇)[^,。?!;]{1,10}[。?!]?$"
)
# What it is for, told first: 下周开调度会,
_OCCASION = re.compile(
    r"^(?:下周|这周|本周|明天|后天|今天|马上|下午|上午|周[一二三四五六日])[^,。?]{0,12}(?:会|汇报|检查|调研|考核)[,。]"
)
# Words that go with a body's short name: 水务那边有什么任务.
_OF_A_BODY = re.compile(
    r"(?:那边|那头儿?|这块)[^,。?]{0,12}(?:任务|活|事|措施)|[挂领摊担]了?[哪几多]|口儿?:|[哪几]摊活"
)
# How long the answer may be: 不需要逐条展开.
_NOT_AT_LENGTH = re.compile(
    r"[,。;](?:不|别|无)(?:需要|用|必|需|要)?(?:逐条|太长|太细|展开|抄|全文)[^,。?]{0,6}[。?!]?$"
)
_ID = re.compile(r"(?P<plan>[a-z][a-z\d]*(?:-[a-z\d]+)+)/(?P<task>\d+)(?:/(?P<item>\d+))?")
_OF_THE_YEAR = re.compile(r"(?:今年|本年|20\d\d年)(?:的)?(?=年[底末]|\d{1,2}月|[上下]半年)")
_YEAR_ALONE = re.compile(r"(?<!\d)(20[0-4]\d)(?=\s)")  # before blanks go: 2025 亿千瓦时
_FIVE_YEAR = re.compile(
    r"[“\"']?(?:十四五|14五)[”\"']?(?:时期|期间)?(?:的)?(?:生态环境|生态环保|环保|生态)?(?:保护)?(?:规划)?"
    r"|第十四个五年|五年(?:的)?规划|生态(?:环境)?保护规划|环保规划|(?<!市)(?<!局)规划(?=里|中|对|20|提出|要求|上|定|给|说|怎么|的目标|目标|到)"
)
_PERIOD = re.compile("(十[一二三四五六七八九]五)")
_TAKES_PART = re.compile(
    r"参与|涉及|承担|[干管做](?:什么|啥|些什么|哪些)|职责|有(?:什么|哪些|啥)?(?:任务|活|事)"
)
_ASKED_FOR = re.compile(r"[哪几谁]|什么")
_STRANGER = re.compile(
    r"([\u4e00-\u9fff]{2,10}?(?:管理局|监察局|总局|分局|委员会|管理处|管委会|(?<![结布格全大当])局))"
    r"(?=牵头|主责|协办|配合|负责|参与|管|承担|是不是|有哪|都有|今年|在|里|要|得|到底)"
)


class Reader:
    """Reads questions against one store; the reading of one does not depend on another."""

    def __init__(
        self, store: Store, bodies: Bodies, places: Places, editions: Editions, printed: Printed
    ) -> None:
        """Reads against `store`, which holds what is in force and prints `printed`.

        `editions` are of all plans that there are.
        """
        self._printed = printed
        self._plans = editions.plans
        self._editions = editions
        self._bodies = bodies
        self._places = places
        self._names = PlanNames(editions, places)
        self._conditions = Conditions(store, bodies, printed)
        self._where = Whereabouts(store, places, self._names.themes, printed)
        self.year = store.year

    def read(
        self, question: str, corrections: tuple[Correction, ...] = (), reached: frozenset[str] = frozenset()
    ) -> Reading:
        """The reading of a cleaned question by itself; `reached` are plans that a scope names."""
        known = cues()
        text = self._cleaned(question)
        called, unplanned = self._plans_in(text)
        edition = self._editions.meant(called, self._years(text, asked=False), text, reached)
        plans = list(edition.plans)
        apart = self._editions.apart(plans, self._years(text, asked=False))
        unplanned = self._editions.unsaid(unplanned, apart=apart)
        mentions = [m for m in self._bodies.find(unplanned) if not ZONE_NAMES.fullmatch(m.text)]
        if not mentions and (cues().roles_asked.search(text) or _OF_A_BODY.search(text)):
            mentions = self._bodies.find_short(unplanned)
        unnamed = _unnamed(unplanned, mentions)
        unnamed = self._conditions.left_out.sub(" ", unnamed)
        where = self._where.read(text, unplanned, unnamed, [m.district for m in mentions if m.district])
        roles = tuple(role for role, pattern in known.roles if pattern.search(text))
        pointed = numbers(text)
        if pointed == Numbers() and plans:
            pointed = typed(unplanned)
        aspects = aspects_of(text, bool(roles))
        if _is_attribute(text, mentions):
            aspects -= {"duty"}
        years = self._years(text, asked="figure" in aspects)
        stated = stated_amounts(topic.without_pointers(unplanned))
        meant = self._names.of_places(plans, where.districts)
        left = self._left(unnamed, where.elsewhere)
        kind = kind_of(
            text,
            Named(
                departments=bool(mentions or (where.zone and roles)),
                plan=bool(plans),
                matter=left,
                bare=not left
                and bool(mentions and (roles or _TAKES_PART.search(text) or text == mentions[0].text)),
                roles=bool(roles) and "duty" in aspects,
                sides=self._sides(text, where, plans, meant, years),
                dated=not left
                and bool(plans or where.apart or asks_openly(text) or (mentions and roles))
                and self._conditions.has_date(unnamed),
                condition=self._conditions.has_any(unnamed),
                figures=bool(stated),
                prose=self.prose(meant) if meant else topic.PAST.search(text) is not None,
                numbers=pointed,
            ),
            aspects,
        )
        if apart and kind in ("list", "fact", "summary") and edition_words().changed.search(text):
            kind = "compare"  # 正式文本比草案删了哪些措施
        if kind == "duty":
            aspects |= {"duty"}
        if kind != "yesno":  # 几十家厂 in a story claims nothing
            stated = tuple(figure for figure in stated if not (figure.spelled or tells_complaint(text)))
            stated = stated if kind != "duty" or any(map(str.isdigit, unplanned)) else ()  # 八成是黑油
        lacking = self._names.lacking(plans, where.own) or self._of_outside(unplanned, plans, where)
        replaced = self._names.of_places(edition.replaced, where.districts)
        if lacking and self._names.drafts_alone(called, text):
            lacking, replaced = tuple(f"{place or '北京市'}的征求意见稿" for place in where.own), ()
        plans = list(self._editions.again(self._narrowed(plans, where.districts, kind), years))
        if kind in ("fact", "summary") and where.outside and not (where.districts or plans or left):
            kind = "list"  # 朝阳区有什么任务
        if kind in ("fact", "summary") and len(self._matter(unplanned, kind, mentions, where.elsewhere)) < 2:
            kind = "list" if mentions else kind  # 外办是干什么的
        condition = Condition(None)
        if kind in whole_sets.KINDS:
            where = self._where.told_of(where, plans, unplanned)
            plans, mentions = self._without_asides(text, unplanned, plans, mentions, where)
            condition = self._condition(text, unplanned, unnamed, plans, mentions, roles, where, years)
        return Reading(
            text=text,
            meant=question,
            kind=kind,
            topic=self._topic(unplanned, kind, mentions, where.elsewhere),
            aspects=aspects,
            districts=where.districts,
            outside=where.outside,
            elsewhere=where.elsewhere,
            plans=tuple(plans),
            years=years,
            numbers=pointed,
            mentions=tuple(mentions),
            roles=roles,
            past=topic.PAST.search(text) is not None,
            figures=stated,
            dates=tuple(dates(_OF_THE_YEAR.sub("", unplanned))),
            quoted=tuple(QUOTED.findall(unplanned)),
            unknown=tuple(mention.text for mention in mentions if not mention.names),
            lacking=lacking,
            strangers=tuple(_strangers(_unnamed(unplanned, mentions))),
            scan=condition.filters,
            unread=condition.unread,
            absent=tuple(a for a in known.absent if a.pattern.search(text)),
            corrections=corrections,
            landmarks=self._landmarks(text, kind, unnamed, where),
            replaced=replaced,
            retired=self._retired(edition, where),
        )

    def _retired(self, edition: Meant, where: Where) -> tuple[str, ...]:
        """Of the named plans that are retired those that can be meant: of a place named, or all there are."""
        named = (*where.districts, *where.outside)
        if named:
            return tuple(plan for plan in edition.retired if self._plans[plan].district in named)
        return () if edition.plans else edition.retired

    def _landmarks(self, text: str, kind: Kind, unnamed: str, where: Where) -> Landmarks:
        """The names of waters, roads and parks that it is about; a complaint names them for where it is."""
        if tells_complaint(text):
            return NOWHERE
        found = landmarks(self._blanked(unnamed, where.elsewhere), self._printed)
        if kind != "duty":
            return found
        return Landmarks(found.printed, tuple(name for name in found.unwritten if is_water(name)))

    def _years(self, text: str, *, asked: bool) -> tuple[int, ...]:
        """The years that `text` names; next year only where an amount of it is `asked`."""
        found = list(topic.years(text))
        found += [self.year] if _THIS_YEAR.search(text) else []
        found += self._editions.years_said(text, self._places.districts_in(text))
        found += [self.year + 1] if asked and _NEXT_YEAR.search(text) else []
        return tuple(dict.fromkeys(found))

    def _sides(
        self, text: str, where: Where, plans: Sequence[str], meant: Sequence[str], years: Sequence[int]
    ) -> int:
        """How many places, plans or years the question sets beside each other."""
        past, aims = topic.PAST.search(text) is not None, topic.AHEAD.search(text) is not None
        spanning = {p for p in (*plans, *meant) if long_term(self._plans[p])}
        levels = {*where.districts, *(p if p in spanning else self._plans[p].district for p in meant)}
        prose = any(p in spanning for p in plans)
        if prose and self.year not in years and self.prose(plans):
            levels.discard("")  # the five-year plan is the city's: 规划里全市的目标 has one side
        if prose and self.year in years and len(levels) == 1:
            levels.add("")  # 十四五规划和2026年计划
        periods = prose and past and aims
        apart = self._editions.apart(plans, ())
        return max(len(levels), 1) + (len(set(years)) > 1 or periods or apart)

    def _without_asides(
        self, text: str, unplanned: str, plans: list[str], mentions: list[Mention], where: Where
    ) -> tuple[list[str], list[Mention]]:
        """The plans and departments of a list without those that are said to count as well."""
        if not AS_WELL.search(text) or not (plans or mentions):
            return plans, mentions
        siblings = self._editions.siblings
        own = [sibling for p in self._plans_in(AS_WELL.sub(" ", text))[0] for sibling in siblings(p)]
        besides = self._bodies.find(AS_WELL.sub(" ", unplanned))
        return [p for p in plans if p in own], besides if besides or where.outside else mentions

    def _condition(
        self,
        text: str,
        unplanned: str,
        unnamed: str,
        plans: Sequence[str],
        mentions: Sequence[Mention],
        roles: Sequence[Role],
        where: Where,
        years: Sequence[int],
    ) -> Condition:
        """What a list is narrowed to."""
        held = [year for year in years if self._editions.held(year)]
        year = held[0] if len(held) == 1 else self.year
        rest = self._blanked(unnamed, where.elsewhere)
        places = where.own or tuple(dict.fromkeys(self._plans[p].district for p in plans))
        listed = list(mentions) or (self._bodies.find(f"{ZONE}管委会") if where.zone else [])
        return self._conditions.read(text, listed, roles, plans, places, where.outside, rest, unplanned, year)

    def _of_outside(self, unplanned: str, plans: Sequence[str], where: Where) -> tuple[str, ...]:
        """The plans of a place without any that are asked for by name (昌平区绿色低碳计划)."""
        named = [
            d for d in where.outside if re.search(rf"{d.removesuffix('区')}区?(?:自己|本区)?的? ", unplanned)
        ]
        shared = len({self._plans[plan].district for plan in plans}) > 1
        return self._names.lacking(plans, named) if named and shared else ()

    def again(self, reading: Reading) -> Reading:
        """`reading` after turns before it: the plans taken from these in their editions for its years."""
        plans = self._editions.again(reading.plans, reading.years)
        if plans == reading.plans:
            return reading
        scan = reading.scan
        if scan is not None:
            scan = replace(scan, plans=self._editions.again(scan.plans, reading.years))
        return replace(reading, plans=plans, scan=scan)

    def of_talk(self, reading: Reading, before: Reading) -> Reading:
        """`reading` of a draft without saying whose (征求意见稿里怎么写的): that of what was talked of."""
        if self._editions.plain or reading.districts or not edition_words().draft.search(reading.text):
            return reading
        of_talk = partial(self._editions.of_talk, before=before.plans, districts=before.districts)
        plans = of_talk(reading.plans)
        scan = reading.scan and replace(reading.scan, plans=of_talk(reading.scan.plans))
        return replace(reading, plans=plans, replaced=of_talk(reading.replaced), scan=scan)

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
        text = _ID.sub(self._said_by_id, normal(_YEAR_ALONE.sub(r"\1年", question))).replace("部份", "部分")
        for aside in (_NOT_AT_LENGTH, _ASIDE, _OCCASION):
            text = aside.sub("", text)
        if cues().chat.fullmatch(text.strip("，。!?！？~ ,.")):
            return text
        return affirmed(_SPEAKER.sub(self._from_where, _GREETING.sub("", text)))

    def _from_where(self, match: re.Match[str]) -> str:
        """Of who asks (朝阳区市民来电:) the place, which is where the matter is."""
        return "".join(f"{district}," for district in self._places.districts_in(match.group())[:1])

    def _said_by_id(self, match: re.Match[str]) -> str:
        """A record's id (bj-green-2026/13/1) as it is said: 市绿色低碳第13项第1条."""
        plan = self._plans.get(match["plan"])
        item = f"第{match['item']}条" if match["item"] else ""
        of_draft = edition_words().drafts[0] + "中" if plan and plan.superseded_by else ""
        said = f"{plan.short}{of_draft}第{match['task']}项{item}" if plan and not plan.prose else ""
        return said or match.group()

    def _plans_in(self, text: str) -> tuple[list[str], str]:
        """The plans that `text` names, and the text with blanks in place of those names."""
        found, rest = self._names.find(text)
        if _FIVE_YEAR.search(rest) or topic.PAST.search(rest):
            spanning = [plan for plan in self._plans.values() if long_term(plan)]
            named = [
                plan for plan in spanning if (period := _PERIOD.search(rest)) and period[1] in plan.title
            ]
            found += [plan.id for plan in named or spanning if plan.id not in found]
        return found, rest

    def _narrowed(self, plans: Sequence[str], districts: Sequence[str], kind: Kind) -> tuple[str, ...]:
        """The plans that it is about: of several places and the five-year plan where it compares."""
        of_places = self._names.of_places(plans, districts)
        return self._names.compared(of_places, districts) if of_places and kind == "compare" else of_places

    def _blanked(self, text: str, elsewhere: Sequence[str]) -> str:
        """`text` without places, the five-year plan, years and numbers."""
        return self._where.blanked(_FIVE_YEAR.sub(" ", text), elsewhere)

    def _left(self, text: str, elsewhere: Sequence[str]) -> bool:
        """Whether a question says more than whose part in which plan is wanted."""
        return len(topic.remains(self._conditions.undated(self._blanked(text, elsewhere)), "list")) > 1

    def _matter(self, text: str, kind: Kind, mentions: Sequence[Mention], elsewhere: Sequence[str]) -> str:
        """What is left of `text` without departments, the words of asking, places, years and numbers."""
        bare = _unnamed(text, mentions)
        return topic.remains(self._blanked(bare, elsewhere), kind)

    def _topic(self, text: str, kind: Kind, mentions: Sequence[Mention], elsewhere: Sequence[str]) -> str:
        """What is left when the words of asking, places, years and numbers are gone."""
        if kind != "outline":  # a department is who does it, not what it is about
            left = self._matter(text, kind, mentions, elsewhere)
            if len(left) > 2 or kind in ("list", "count"):
                return left
        return topic.remains(self._blanked(text, elsewhere), kind)


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


def _unnamed(text: str, mentions: Sequence[Mention]) -> str:
    """`text` with blanks in place of the departments' names."""
    return blanked(text, [(m.start, m.end) for m in mentions])
