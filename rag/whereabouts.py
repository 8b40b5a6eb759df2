"""Where a question is about: the city, districts with and without a plan here, places elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.places import Places
from index.printed import Printed
from index.store import Store
from rag import topic
from rag.evidence import ZONE

_CITY = re.compile(
    r"全市|市级|本市|市里|市计划|市一级|市层面|市本级"
    r"|北京市?(?!市?[东西朝丰石海门房通顺昌大怀平密延])"
)
_BOTH_LEVELS = re.compile(
    r"市(?:里|级)?[、和与跟及]?(?:两个|各|两)?区(?:里|级)?(?=都|也|全|各|20|今|的|$|[,，。?？])|市里区里|甭管市里"
)
ABOUT = r"(?:点了|提到|写到|写明|说到|点名|点到|涉及|含有?|有关|关于|跟|与)"
QUOTED = re.compile(r"[“\"'‘]([^”\"'’]{1,40})[”\"'’]")
ZONE_NAMES = re.compile(r"(?:北京)?经开区|亦庄|北京经济技术开发区")


@dataclass(frozen=True, slots=True)
class Where:
    """`apart` are districts with a plan that are named other than in a department's name.

    `districts` are all with a plan ("" for the city), `outside` those without, `elsewhere`
    places outside Beijing; `city` and `zone` say whether the city as such, or the development
    zone, is named.
    """

    apart: tuple[str, ...]
    districts: tuple[str, ...]
    outside: tuple[str, ...]
    elsewhere: tuple[str, ...]
    city: bool
    zone: bool

    @property
    def own(self) -> tuple[str, ...]:
        """The places that are named for themselves, the city among them."""
        return (*self.apart, *(("",) if self.city else ()))


class Whereabouts:
    """Reads places against the plans of one store."""

    def __init__(self, store: Store, places: Places, themes: Iterable[str], printed: Printed) -> None:
        self._store = store
        self._printed = printed
        self._places = places
        self._with_plan = {plan.district for plan in store.plans.values()}
        self._listed_city = _listed_city([d.removesuffix("区") for d in self._with_plan if d])
        self._city_plan = re.compile(
            rf"(?<![都城])市级?(?:的|里的)?(?:{'|'.join(themes)}|低碳|共治|协同共治|绿色转型)"
        )

    def read(self, text: str, unplanned: str, unnamed: str, of_departments: Sequence[str]) -> Where:
        """The places of `text`.

        `unplanned` is `text` without the names of plans, `unnamed` without those of departments
        too; `of_departments` are the districts that department names say.
        """
        named = self._places.districts_in(unnamed)
        apart = tuple(d for d in named if d in self._with_plan)
        named += [d for d in of_departments if d not in named]
        zone = ZONE_NAMES.search(unnamed) is not None
        city = (
            _CITY.search(QUOTED.sub(" ", unnamed)) is not None
            or self._listed_city.search(self._without_elsewhere(unnamed)) is not None
            or self._city_plan.search(text) is not None
        )
        city = city and not (_BOTH_LEVELS.search(unnamed) and not named)
        districts = tuple(d for d in named if d in self._with_plan) + (("",) if city else ())
        outside = tuple(d for d in named if d not in self._with_plan) + ((ZONE,) if zone else ())
        if outside and districts == ("",):
            districts = ()  # of another district only the city's plans tell: 朝阳区…市里点名
        return Where(apart, districts, outside, self._elsewhere(unplanned, bool(named) or city), city, zone)

    def told_of(self, where: Where, plans: Sequence[str], text: str) -> Where:
        """`where` of a list: 市级计划里提到延庆区的, 提到雄安的 ask for a word, not for that place."""
        elsewhere = tuple(name for name in where.elsewhere if not re.search(f"{ABOUT}{name}", text))
        where = replace(where, elsewhere=elsewhere)
        told = {d for d in where.apart if re.search(rf"{ABOUT}[^,。?]{{0,3}}{d.removesuffix('区')}", text)}
        of_plans = {self._store.every_plan[plan].district for plan in plans}
        if not told or not (where.city or (plans and not told & of_plans)):
            return where
        return replace(
            where,
            apart=tuple(d for d in where.apart if d not in told),
            districts=tuple(d for d in where.districts if d not in told),
            outside=(*where.outside, *(d for d in where.apart if d in told)),
        )

    def blanked(self, text: str, elsewhere: Sequence[str]) -> str:
        """`text` without places, years and numbers, which narrow a list otherwise."""
        text = self._places.without_districts(text)
        quoted = list(QUOTED.finditer(text))  # “无废亦庄” is what it is about
        for town in self._places.towns_in(text):
            if not self._printed.holds(town):  # 永宁镇电瓶厂 is what a measure is about
                text = text.replace(town, " ")
        for name in elsewhere:
            text = text.replace(name, " ")
        for match in reversed(list(ZONE_NAMES.finditer(text))):
            if not any(
                q.start() < match.start() and match.end() < q.end() and q[1] != match[0] for q in quoted
            ):
                text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
        return topic.without_pointers(_CITY.sub(" ", text))

    def _without_elsewhere(self, text: str) -> str:
        """`text` with blanks in place of cities elsewhere: 天津市与怀柔 says nothing of Beijing."""
        for name in self._places.elsewhere_in(text):
            text = text.replace(f"{name}市", " ").replace(name, " ")
        return text

    def _elsewhere(self, text: str, here: bool) -> tuple[str, ...]:
        """Places elsewhere that the question is about: a neighbour only where it names no place here."""
        names = self._places.elsewhere_in(text)
        return tuple(name for name in names if not (here and name in self._places.neighbours))


def _listed_city(districts: Sequence[str]) -> re.Pattern[str]:
    """The city where it stands beside districts: 市、延庆和怀柔, 市 延庆 怀柔."""
    named = "|".join(districts)
    return re.compile(
        rf"市(?=[、,，/和与跟]{{1,2}}(?:{named}|各?区)|vs)"
        rf"|(?<![京都城])市(?=(?:{named})区?(?:{named}|[各分]))"
        r"|(?<=[、,，/和与跟:：])市(?=[的今年2级要、,，/和与跟]|vs|$)"
    )
