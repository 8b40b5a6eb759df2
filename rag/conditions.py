"""What a list or a count is narrowed to: the conditions of a question as filters of the store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial

from corpus.normal import normal
from corpus.numerals import numeral
from corpus.types import Role
from index.catalogue import is_task
from index.filters import DueWindow, Filters, Kind
from index.printed import Printed
from index.store import Store
from rag.bodies import Bodies, Mention
from rag.cues import cues
from rag.listed_words import ListedWords
from rag.spans import blanked
from rag.whereabouts import QUOTED

_MONTH = (
    r"(\d{1,2}|十[一二]?|[一二三四五六七八九])月(底|末|份|初|中旬|上旬|下旬)?(以前|之前|前|以内|之内|内)?"
)
_DAY = re.compile(r"(?:20\d\d年)?(\d{1,2})月(\d{1,2})[日号](以前|之前|前|以内|之内|内)?")
_DATES = (
    _DAY,
    re.compile(rf"(?:20\d\d年)?(?<![\d.个]){_MONTH}"),
    re.compile(r"\d{1,2}月?-\d{1,2}月"),
    re.compile(r"(?:20\d\d年)?[上下]半年(?:以前|之前|前|内)?|第?[一二三四]季度(?:末|底)?(?:以前|之前|前)?"),
    re.compile(r"(?:20\d\d年)?年(?:底|末)(?:以前|之前|前)?"),
    re.compile(r"长期实施|长期坚持|持续推进|持续实施|长期(?=的|任务|措施)"),
)
_BY = ("前", "以前", "之前", "以内", "之内", "内")
_NOT = r"(?:不是|并非|非|不为|不写|没写|没有写|不等于|除了?)"
_ALL_ROLES = re.compile(
    r"(?:配合|协办|协助)(?:或|和|、|以及)(?:者)?(?:承担|负责)|(?:承担|负责)(?:或|和|、|以及)(?:者)?(?:配合|协办|协助)|(?:不管|不论|无论|甭管|不分)[^,。?;]{0,8}(?:角色|牵头|配合|协办|主责)[^,。?;]{0,8}"
    r"|(?:任何?一?|什么|啥|各种|所有)(?:栏|角色)(?:都行|均可|都算)?|牵头[的、和跟]{0,2}(?:主责[的、和跟]{0,2})?(?:配合|协办)[的]?(?:都|全|也)(?:算|要)"
    r"|连?(?:牵头|主责|协办|配合)的?也(?:都|得|要|算上?)(?=[,。?]|$)|连(?:牵头|主责|协办|配合)"
    r"|牵头、主责、(?:协办|配合)(?:任一|栏|各栏|都)?|部门栏"
)
_ASIDE = re.compile(
    r"\((?:含|包括|包含|不含|也含|点名|其中)[^()]*\)|含[与和]?(?:共同|主责|牵头)[^,。?()]{0,8}"
)
_ONLY = re.compile(r"(?:只|仅|单纯)(?:是|当|作|做|为|作为|担任|负责)?(?=牵头|主责|协办|配合|参与)")
_DROPPED = re.compile(r"(?:[“\"][^”\"]*[”\"][、和]?)+(?:不计|不算|除外|不要|不包括|不列)")
_DENIED = (
    r"(?:除了?(?:自己|它)?(?:做|当)?|既?不|也不|又不|没有|没|非|不是|未|并不|而不)(?:是|作|当|担任|当的?)?"
)
_NOT_COUNTED = r"的?(?:不算|不要|不计|不列|除外|不用)"
_JOINT = re.compile(r"(?:共同|一起|一块儿?|同时|联合|都在|都是|都作|均在|均为|合作|俩部门|两家|双牵头|并列)")
_SOLE = re.compile(
    r"(?:只|仅)(?:由|归|让)|(?:只有|仅有|单独|独家|就)[^,。?]{0,16}(?:一家|一个|单独|独家)|单独(?:牵头|主责|负责)|(?:一家|一个部门)(?:干|办|负责|牵头|管)的?|没有?别的?(?:局|部门|单位|家)[^,。?]{0,4}(?:一起|共同)?(?:牵头|主责)"
)
_LACKING = re.compile(
    r"(?:没有|没|不含|无|不包括|不涉及|没让|不由|不归|并非由?|非由|(?<!是)不是由?)(?:让|叫|列)?$"
)
# How many departments a measure has is no condition that a scan knows.
_BY_NUMBER = re.compile(
    r"(?:部门|单位)[^,。?]{0,4}(?:超过|多于|少于|至少|不少于|大于|最多|最少)(?:\d+|[两三四五六])?个?"
    r"|(?:\d+|[两三四五六])个(?:及?以上)的?[^,。?]{0,4}(?:部门|单位)"
)
_ROLE_PLACE = r"(?:牵头|主责|责任|协办|配合)(?:部门|单位|栏|方)?"
_EMPTY = (
    re.compile(rf"(?:没写|没列|没有写|没有列|未列|未写|没有|无|不设)(?P<role>{_ROLE_PLACE})(?=的)"),
    re.compile(
        rf"(?P<role>{_ROLE_PLACE})(?:一栏|栏)?(?:里|上)?(?:是)?(?:空着|为空|空白|空的|没写|没有写|画杠|划杠|为“?[-—]|没有(?:单位|部门))"
    ),
)
_NOT_ONLY = re.compile(r"不(?:是|只|光|仅)(?:是)?(?:光|只|仅)?(?:配合|协办)")
_WORDED = r"(?:写成|写的是|填的是|填为|提到|写到|说到|点到|讲到|谈到|含有?|包含|带有?|出现)"
_TOPIC_MARK = rf"(?:{_WORDED}|涉及|关于|有关|包括|围绕|针对|属于)"
_OWN = re.compile(
    r"(?:措施内容|措施正文|措施原文|正文|原文|内容|文字)(?:里|中|上)?[^,。?]{0,4}(?:写|提|含|有|出现|点|说)"
    rf"|{_WORDED}"
)
_WITH_TASK = re.compile(r"含任务名|包括任务名|任务名称")
# What is said to count as well: 京张文化带那条也算上, (加氢站、氢燃料车都算).
AS_WELL = re.compile(
    r"[,;(?。][^,;()。?]{1,24}?(?:也算上?|都算上?|算上|算进去?|捎上|也列上?|也要|也给|也包括)[^,;()。?]{0,6}\)?"
    r"|[,;(。?]连[^,。?]{1,10}?(?:算|加)(?:在|上|到)?(?:一块儿?|一起|进去|内|里)?"
)
_AS_WELL_SAID = re.compile(r"也算上?|都算上?|算上|算进去?|捎上|也列上?|也要|也给|也包括|那条|那些|的$")
_AND = re.compile(r"且|同时|又(?=是|要)")
_FIVE_YEARS = re.compile("十[三四]五")
_IN_TEXT = re.compile(r"正文|原文|文字|措施内容|措施里|文里|提到|写到|点到|说到")
_IN_DUTIES = re.compile(r"部门栏|部门|单位|牵头|主责|协办|区政府")
_PROSE = re.compile(r"[几哪些]段|段落")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a list is narrowed to, and the words of the question that narrow nothing here.

    Without filters the words ask for what no scan can tell.
    """

    filters: Filters | None
    unread: tuple[str, ...] = ()


class Conditions:
    """Reads conditions against one store."""

    def __init__(self, store: Store, bodies: Bodies, printed: Printed) -> None:
        self._store = store
        self._is_task = lru_cache(maxsize=256)(partial(is_task, store))
        self._bodies = bodies
        self._categories = store.categories()
        self._words = ListedWords(printed)
        own = dict.fromkeys(plan.district for plan in store.plans.values() if plan.district)
        self._left_out = {d.removesuffix("区"): d for d in own} | dict.fromkeys(("市里", "市级", "全市"), "")
        self.left_out = re.compile(
            rf"(?:去掉|不看|不要|不含|不包括|不算|除了|除去|撇开|别管)(?P<place>{'|'.join(self._left_out)})"
            r"区?(?![\u4e00-\u9fff]{1,8}[局委])(?:的|以外|之外)?"
        )

    def has_date(self, text: str) -> bool:
        """Whether `text` states a deadline."""
        return any(pattern.search(text) for pattern in _DATES)

    def undated(self, text: str) -> str:
        """`text` without the deadlines that it states."""
        for pattern in _DATES:
            text = pattern.sub(" ", text)
        return text

    def has_any(self, text: str) -> bool:
        """Whether `text` states a deadline, a category of indicators, or words that must occur."""
        marked = re.search(_TOPIC_MARK, text) is not None
        return (
            self.has_date(text)
            or marked
            or any(category.removesuffix("指标") in text for category in self._categories)
        )

    def without_places(self, text: str) -> tuple[Filters, ...]:
        """The places whose plans `text` leaves out."""
        found = (self._left_out[match["place"]] for match in self.left_out.finditer(text))
        return tuple(Filters(districts=(place,)) for place in found)

    def read(
        self,
        text: str,
        mentions: Sequence[Mention],
        roles: Sequence[Role],
        plans: Sequence[str],
        districts: Sequence[str],
        outside: Sequence[str],
        rest: str,
        unplanned: str,
        year: int,
    ) -> Condition:
        """The condition that `text` states.

        `rest` is `text` without the names of plans, departments and places, `unplanned` without
        those of plans alone; `year` is the one that a month without one is of.
        """
        text, rest, unplanned = (words.replace("有没有", "有") for words in (text, rest, unplanned))
        if by_number := _BY_NUMBER.search(unplanned):
            return Condition(None, (by_number.group(),))
        named = {mention.text for mention in mentions}
        unplanned = _DROPPED.sub(" ", unplanned)
        quoted = [m.group(1) for m in QUOTED.finditer(unplanned) if m.group(1) not in named]
        quoted = [w for w in quoted if not re.search(r"[,。?!]", w)]  # what somebody said is no word to find
        quoted = [w for w in quoted if not _FIVE_YEARS.search(w) and not self._bodies.resolve(w)]
        rest = _DROPPED.sub(" ", rest)
        more = " ".join(match.group() for match in AS_WELL.finditer(rest))
        rest = AS_WELL.sub(" ", rest)
        rest = blanked(rest, [m.span() for p in (_ASIDE, _ALL_ROLES) for m in p.finditer(rest)])
        base = Filters(plans=tuple(plans), districts=() if plans else tuple(districts))
        base = replace(base, excluding=self.without_places(unplanned))
        base, rest = self._due(base, rest, year)
        permanent = tuple(window for window in base.due if window.permanent)
        if permanent and permanent != base.due and _AND.search(text):  # nothing is both
            dated = tuple(window for window in base.due if not window.permanent)
            base = replace(base, due=permanent, both=(Filters(due=dated),))
        base, rest = self._category(base, rest)
        base = self._departments(base, text, mentions, roles, districts)
        base, rest = _empty_roles(base, rest)
        quoted = [w for w in quoted if not any(w in c for c in base.categories)]
        quoted = [w for w in quoted if not any(pattern.fullmatch(w) for pattern in _DATES)]
        words = self._words.read(
            QUOTED.sub(" ", rest),
            quoted,
            _AS_WELL_SAID.sub(" ", more),
            marked=re.search(_WORDED, text) is not None,
            narrowed=bool(base.departments or base.due or base.categories or base.excluding),
        )
        tasks = any(map(self._is_task, map(normal, quoted)))
        own = not tasks and not _WITH_TASK.search(text) and _OWN.search(text) is not None
        base = words.narrowing(base, own=own)
        named_there = base.departments and all(
            name == f"{place}政府" for name, place in zip(base.departments, outside, strict=False)
        )
        if named_there and _IN_TEXT.search(text) and outside:
            base = replace(base, departments=())
        if outside and not base.departments:
            base = replace(
                base, either=(*base.either, *(_naming(AS_WELL.sub(" ", text), place) for place in outside))
            )
        prose = any(self._store.every_plan[plan].prose for plan in plans) and not base.departments
        kind: Kind = "passage" if prose or (_PROSE.search(text) and not base.departments) else "measure"
        return Condition(replace(base, kinds=(kind,)), words.unread)

    def _due(self, base: Filters, rest: str, year: int) -> tuple[Filters, str]:
        several = re.search(
            rf"{_NOT}[^,。?()]{{0,6}}(?:年底|推进|实施|月底?)前?[和、与](?=年底|持续|长期|\d)", rest
        )
        for pattern in _DATES:
            for match in list(pattern.finditer(rest)):
                said = match.group()
                denied = re.search(rf"{_NOT}[“\"'‘]?$", rest[: match.start()]) or several
                rest = rest[: match.start()] + " " * len(said) + rest[match.end() :]
                if denied:
                    other = Filters(deadlines=(said,))
                    base = replace(base, excluding=(*base.excluding, other))
                elif window := self._window(said, match, year):
                    base = replace(base, due=(*base.due, window))
        denied_too = {date for other in base.excluding for date in other.deadlines}
        windows = {window for date in denied_too if (window := DueWindow.read(date, year))}
        return replace(base, due=tuple(w for w in base.due if w not in windows)), rest

    def _window(self, said: str, match: re.Match[str], year: int) -> DueWindow | None:
        """6月底前 is due by then, 10月底 within that month, 长期实施 permanent in those words."""
        if said == "长期":
            said = "长期实施"
        if match.re is _DAY:
            return self._until(year, int(match[1]), int(match[2]))
        if match.re is not _DATES[1]:
            return DueWindow.read(said, year)
        month, part, before = match.groups()
        if not 1 <= numeral(month) <= 12:
            return None
        window = DueWindow.read(f"{numeral(month)}月{part if part in ('中旬', '上旬') else '底'}前", year)
        if window is None or before in _BY or window.end is None:
            return window
        return replace(window, start=window.end.replace(day=1))

    @staticmethod
    def _until(year: int, month: int, day: int) -> DueWindow | None:
        try:
            return DueWindow(end=date(year, month, day))
        except ValueError:
            return None

    def _category(self, base: Filters, rest: str) -> tuple[Filters, str]:
        named = [category for category in self._categories if category in rest]
        named += [
            c
            for c in self._categories
            if (short := c.removesuffix("指标")) in rest and c not in named and short != c
        ]
        for category in named:
            rest = rest.replace(category, " " * len(category))
            short = category.removesuffix("指标")
            rest = rest.replace(short, " " * len(short))
        return (replace(base, categories=tuple(named)) if named else base), rest

    def _departments(
        self,
        base: Filters,
        text: str,
        mentions: Sequence[Mention],
        roles: Sequence[Role],
        districts: Sequence[str],
    ) -> Filters:
        if not mentions:
            return base
        every = _ALL_ROLES.search(text) is not None
        text = _ASIDE.sub(" ", text)
        known = dict(cues().roles)
        roles = [role for role in roles if known[role].search(text)]
        dropped = "".join(match.group() for match in _DROPPED.finditer(text))
        mentions = [m for m in mentions if m.text not in dropped]
        denied = tuple(
            role
            for role, words in cues().roles
            if re.search(rf"{_DENIED}(?:{words.pattern})|(?:{words.pattern}){_NOT_COUNTED}", text)
        )
        wanted = () if every else tuple(role for role in roles if role not in denied)
        if _NOT_ONLY.search(text):
            wanted = tuple(role for role in wanted if role is not Role.ASSISTING)
        if _ONLY.search(text) and len(wanted) == 1 and not denied and not _SOLE.search(text):
            denied = tuple(
                role for role in (Role.LEAD, Role.RESPONSIBLE, Role.ASSISTING) if role not in wanted
            )
        lacking = [m for m in mentions if m.text in text and _LACKING.search(text[: text.find(m.text)])]
        for m in lacking:
            without = tuple(name for group in self._scoped([m], districts, text) for name in group)
            own = self._roles_behind(text, m) or wanted
            base = replace(base, excluding=(*base.excluding, Filters(departments=without, roles=own)))
        mentions = [m for m in mentions if m not in lacking]
        if not mentions:
            return base
        if any(m.district is not None and self._beside(m, districts, text) for m in mentions):
            base = replace(base, districts=())  # 怀柔区和延庆区水务局: the places are the departments'
        groups = self._scoped(mentions, districts, text)
        names = tuple(dict.fromkeys(name for group in groups for name in group))
        if len(groups) > 1 and _JOINT.search(text):
            both = tuple(Filters(departments=group, roles=wanted) for group in groups[1:])
            base = replace(base, departments=groups[0], roles=wanted, both=both)
        else:
            base = replace(base, departments=names, roles=wanted, sole=_SOLE.search(text) is not None)
        if denied:
            base = replace(base, excluding=(*base.excluding, Filters(departments=names, roles=denied)))
        return base

    @staticmethod
    def _roles_behind(text: str, mention: Mention) -> tuple[Role, ...]:
        """The role that stands right behind a department's name."""
        behind = text[text.find(mention.text) + len(mention.text) :][:6]
        return tuple(role for role, words in cues().roles if words.match(behind))

    def _scoped(
        self, mentions: Sequence[Mention], districts: Sequence[str], text: str
    ) -> list[tuple[str, ...]]:
        """The bodies of each mention.

        A level said once holds for the names beside it (延庆区水务局、财政局), and several
        places share one name (怀柔区和延庆区水务局).
        """
        said = {m.district for m in mentions if m.district is not None}
        return [
            names
            for m in mentions
            if (names := self._at_places(m, tuple(said | set(districts)), districts, text))
        ]

    @staticmethod
    def _beside(mention: Mention, districts: Sequence[str], text: str) -> list[str]:
        """The places that stand right before a department and share its name."""
        name = re.escape(mention.text)
        return [d for d in districts if d and re.search(f"{d[:-1]}区?[和与、及跟]{name}", text)]

    def _at_places(
        self, mention: Mention, places: tuple[str, ...], districts: Sequence[str], text: str
    ) -> tuple[str, ...]:
        """The bodies of one mention: a level that it states itself is not widened by a place elsewhere."""
        beside = self._beside(mention, districts, text)
        if mention.district is not None:
            return self._bodies.moved(mention.names, (mention.district, *beside)) if beside else mention.names
        return self._bodies.moved(mention.names, places) if places else mention.names


def _naming(text: str, place: str) -> tuple[Filters, ...]:
    """Records that name a district: in their text, in the departments' column, or in either."""
    in_text = Filters(own_texts=(place.removesuffix("区"),))
    in_duties = Filters(departments=(f"{place}政府",))
    if _IN_TEXT.search(text) and not _IN_DUTIES.search(text):
        return (in_text,)
    if _IN_TEXT.search(text):
        return (in_text, in_duties)
    return (in_duties,) if _IN_DUTIES.search(text) else (in_text, in_duties)


def _empty_roles(base: Filters, rest: str) -> tuple[Filters, str]:
    """Records in which nobody has a role (协办栏空着), and `rest` without those words."""
    for pattern in _EMPTY:
        for match in pattern.finditer(rest):
            empty = tuple(role for role, words in cues().roles if words.search(match["role"]))
            if empty:
                base = replace(base, excluding=(*base.excluding, Filters(roles=empty)))
                kept = tuple(role for role in base.roles if role not in empty)
                base = replace(base, roles=kept)
        rest = pattern.sub(" ", rest)
    return base, rest
