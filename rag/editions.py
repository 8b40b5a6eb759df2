"""Which editions of a plan an answer may rest on: what is in force, of the year that is asked for.

The editions of one plan over the years, and the drafts that final texts replaced, are a family: one place,
one theme. An answer rests on the newest edition in force of each family; a question for another year
rests on that year's, one that insists on a replaced draft's words on that draft.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from corpus.about import theme_key
from corpus.types import Plan
from index.filters import Filters
from index.store import this_year

LONG = 4  # years from which a plan is no yearly one: an action plan of three years is told with these
# What a label's short name ends in where the plain one was taken.
_APART = re.compile(r"(?<=.)(?:20\d\d年?|正式|征求意见稿)+$")
_FILE = Path(__file__).parent / "lexicon" / "editions.toml"


@dataclass(frozen=True, slots=True)
class EditionWords:
    """The words by which a question names an edition (`lexicon/editions.toml`)."""

    drafts: tuple[str, ...]
    draft: re.Pattern[str]
    final: re.Pattern[str]
    insists: re.Pattern[str]
    beside: re.Pattern[str]
    last_year: re.Pattern[str]
    than_last_year: re.Pattern[str]
    year_before_last: re.Pattern[str]
    both_years: re.Pattern[str]
    everywhere: re.Pattern[str]
    asks_changes: re.Pattern[str]
    changed: re.Pattern[str]


@lru_cache(maxsize=1)
def edition_words() -> EditionWords:
    """The bundled words, read once."""
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    draft = f"(?:{'|'.join(said['draft'])})"
    insists = f"{draft}(?:{said['insists_behind']})|(?:{said['insists_before']}){draft}"
    beside = f"(?:{said['beside']}){draft}|{draft}(?:{said['beside']})"
    names = ("last_year", "than_last_year", "year_before_last", "both_years", "everywhere", "asks_changes")
    others = (said[name] for name in (*names, "changed"))
    patterns = map(re.compile, (draft, said["final"], insists, beside, *others))
    return EditionWords(tuple(said["draft"]), *patterns)


@dataclass(frozen=True, slots=True)
class Meant:
    """The plans that a question means by those that it names.

    `replaced` are drafts among the named ones that their final texts stand in for, `retired` plans of which
    no edition is in force.
    """

    plans: tuple[str, ...]
    replaced: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def long_term(plan: Plan) -> bool:
    """Whether it is a plan of five years or so, which stands beside the plans of a year."""
    return len(plan.years) >= LONG


def plain_short(plan: Plan) -> str:
    """Its short name without what sets it apart from other editions: 延庆绿色低碳 of 延庆绿色低碳2025年."""
    return _APART.sub("", plan.short)


class Editions:
    """The families of the plans of one store."""

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self.plans = plans
        self.year = this_year(plans.values())
        self._family = {plan.id: self._key(plan) for plan in plans.values()}
        members: dict[tuple[str, ...], list[str]] = {}
        for plan, family in self._family.items():
            members.setdefault(family, []).append(plan)
        self._members = members
        self.in_force = tuple(plan.id for plan in plans.values() if plan.in_force)
        self._able_of = {family: self._standing_of(own) for family, own in members.items()}
        self._superseded = [p.id for p in plans.values() if p.superseded_by and not p.retired]
        self._places = self._places_of_years()
        self._chosen = lru_cache(maxsize=64)(self._choice)
        self._of_years = lru_cache(maxsize=64)(self._covering)
        self.current = tuple(plan for own in self._able_of.values() for plan in self._at(own, ()))
        """The newest edition in force of each family."""
        self.plain = len(self.current) == len(plans)
        """Whether every plan is in force and the newest of its family: there is nothing to choose."""

    @cached_property
    def covered(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The places with a yearly plan in force, and the short names of the plans of several years."""
        held = [self.plans[plan] for plan in self.in_force]
        places = dict.fromkeys(plan.district or "北京市" for plan in held if not long_term(plan))
        return tuple(places), tuple(plan.short for plan in held if long_term(plan))

    @cached_property
    def told_years(self) -> frozenset[int]:
        """The years that plans in force are of or report on."""
        held = (self.plans[plan] for plan in self.in_force)
        return frozenset(year for plan in held for year in (*plan.years, *plan.years_before))

    def _standing_of(self, family: Iterable[str]) -> list[str]:
        return [plan for plan in family if self.plans[plan].in_force]

    def _places_of_years(self) -> dict[int, set[str]]:
        """By the year, the districts of the yearly plans in force of it."""
        found: dict[int, set[str]] = {}
        for plan in (self.plans[p] for p in self.in_force):
            for year in plan.years if not long_term(plan) else ():
                found.setdefault(year, set()).add(plan.district)
        return found

    def _key(self, plan: Plan) -> tuple[str, ...]:
        """What the editions of one plan have in common: a draft's are those of its final text."""
        seen = {plan.id}
        while (final := self.plans.get(plan.superseded_by)) is not None and final.id not in seen:
            plan = final
            seen.add(final.id)
        # A plan of prose for several years is written once: the next five-year plan does not take its place.
        period = str(plan.first_year) if long_term(plan) else ""
        return plan.level, plan.district, theme_key(plan.title), period

    def called(self, plan: Plan) -> str:
        """The short name that all editions share: the shortest of theirs, without what sets one apart."""
        return min((plain_short(self.plans[p]) for p in self.siblings(plan.id)), key=len)

    def siblings(self, plan: str) -> list[str]:
        """All editions of a plan, itself among them, in the store's order."""
        return self._members[self._family[plan]]

    def held(self, year: int, districts: Collection[str] = ()) -> bool:
        """Whether a plan of that year is in force, of one of `districts` where any are named."""
        there = self._places.get(year, set())
        return not there.isdisjoint(districts) if districts else bool(there)

    def other_year(self, plans: Iterable[Plan], years: Collection[int]) -> bool:
        """Whether `years` are asked for and none of `plans` is of one."""
        return bool(years) and not self.plain and not any(set(years) & set(plan.years) for plan in plans)

    def years_said(self, text: str, districts: Collection[str]) -> list[int]:
        """The years before this one that `text` names by 去年 and the like, of which plans may be held.

        比去年 names this year as well, where `districts` have a plan of both.
        """
        known, last = edition_words(), self.year - 1
        if self.plain:
            return []
        found = [last] if known.last_year.search(text) and self.held(last) else []
        against = known.than_last_year.search(text) or known.both_years.search(text)
        if against and self.held(last, districts):
            found += [self.year, last]
        return found + ([last - 1] if known.year_before_last.search(text) else [])

    def apart(self, plans: Sequence[str], years: Sequence[int]) -> bool:
        """Whether drafts and their final texts, or editions of several years, are beside each other."""
        named = frozenset(plans)
        versions = any(self.plans[plan].superseded_by in named for plan in named)
        return versions or (not self.plain and sum(map(self.held, dict.fromkeys(years))) > 1)

    def reached(self, *filters: Filters) -> frozenset[str]:
        """The plans that a reader's own conditions name, in force or not: by id, by status, by year."""
        found: set[str] = set()
        for one in filters:
            named = (*one.plans, *(record.partition("/")[0] for record in one.ids))
            found.update(plan for plan in named if plan in self.plans)
            if "draft" in one.statuses:
                found.update(self._superseded)
            found.update(self._of_years(one.years))
            found |= self.reached(*one.both)
        return frozenset(found)

    def meant(
        self, named: Sequence[str], years: Sequence[int], text: str, reached: Collection[str] = ()
    ) -> Meant:
        """Which editions `text` means by the plans that it names, for `years`.

        `reached` are those that the reader chose to look in.
        """
        if self.plain:
            return Meant(tuple(named))
        found, replaced, retired = list[str](), list[str](), list[str]()
        said = frozenset(named)
        for family in dict.fromkeys(self._family[plan] for plan in named):
            members = self._members[family]
            own = [plan for plan in members if plan in said]
            able = [plan for plan in members if plan in reached] or self._able(own, members, years)
            finals = self._at(able, years)
            drafts = self._drafts(finals, members) if not set(members) & set(reached) else []
            if drafts and edition_words().draft.search(text):
                if edition_words().final.search(text) or edition_words().beside.search(text):
                    found += [*drafts, *finals]
                elif edition_words().insists.search(text):
                    found += drafts
                else:
                    found += finals
                    replaced += drafts
            elif drafts and edition_words().final.search(text) and edition_words().asks_changes.search(text):
                found += [*drafts, *finals]  # 正式文本改了什么
            else:
                found += finals
            retired += [] if finals else own
        return Meant(tuple(found), tuple(replaced), tuple(retired))

    def _able(self, own: Sequence[str], members: Sequence[str], years: Sequence[int]) -> list[str]:
        """Of a family those that may be meant: one that is named by a title of its own, or all in force."""
        alone = len(own) == 1 and self.plans[own[0]].in_force
        if alone and all(year in self.plans[own[0]].years for year in years):
            return list(own)
        return self._standing_of(members)

    def _drafts(self, finals: Collection[str], members: Iterable[str]) -> list[str]:
        """The drafts that `finals` replaced."""
        drafts = (self.plans[plan] for plan in members)
        return [draft.id for draft in drafts if draft.superseded_by in finals and not draft.retired]

    def unsaid(self, text: str, *, apart: bool) -> str:
        """`text` without the words that only say which edition is meant, or what changed where two are."""
        if self.plain:
            return text
        known = edition_words()
        patterns = [known.draft, known.final, known.year_before_last]
        if self.held(self.year - 1):
            patterns += [known.last_year, known.than_last_year, known.both_years]
        for pattern in (*patterns, known.everywhere, known.changed) if apart else patterns:
            text = pattern.sub(" ", text)
        return text

    def of_talk(
        self, plans: Sequence[str], before: Sequence[str], districts: Collection[str]
    ) -> tuple[str, ...]:
        """Of `plans` the editions of those talked of `before`, or the plans of their places; else all."""
        talked = {sibling for plan in before for sibling in self.siblings(plan)}
        own = [p for p in plans if (p in talked if talked else self.plans[p].district in districts)]
        return tuple(own or plans)

    def drafts_of(self, plan: str) -> list[str]:
        """The drafts that `plan` replaced."""
        return self._drafts((plan,), self.siblings(plan))

    def again(self, plans: Sequence[str], years: Sequence[int]) -> tuple[str, ...]:
        """`plans` of a turn before, in their editions for `years`; one that covers a year of them stays."""
        if self.plain or not years:
            return tuple(plans)
        found: list[str] = []
        for plan in plans:
            kept = any(year in self.plans[plan].years for year in years)
            able = self._able_of[self._family[plan]]
            found += [plan] if kept or not able else self._at(able, years)
        return tuple(dict.fromkeys(found))

    def standing(
        self, plans: Sequence[str], years: Sequence[int], reached: Collection[str], *, whole: bool = False
    ) -> tuple[str, ...] | None:
        """What a question for `years` that means `plans` may rest on; None for everything.

        Of a family without an edition of those years its newest stays, whose text may speak of them; a
        `whole` set (a list, a count) of a year is of that year's plans alone.
        """
        if self.plain:
            return None
        chosen = self._chosen(tuple(years), whole)
        found = frozenset(chosen).union(plans, reached)
        return chosen if len(found) == len(chosen) else tuple(filter(found.__contains__, self.plans))

    def _choice(self, years: tuple[int, ...], whole: bool) -> tuple[str, ...]:
        """What is in force of `years`, in the store's order."""
        covering = self._of_years(years)
        if whole and any(not long_term(self.plans[p]) for p in covering):
            return covering
        newest = {plan for able in self._able_of.values() for plan in self._at(able, years)}
        return tuple(filter(newest.__contains__, self.plans))

    def _covering(self, years: tuple[int, ...]) -> tuple[str, ...]:
        """The plans in force that cover one of `years`."""
        return tuple(p for p in self.in_force if any(year in self.plans[p].years for year in years))

    def _at(self, able: Sequence[str], years: Sequence[int]) -> list[str]:
        """Those of a family's editions that cover a year of `years`; where none does, the newest."""
        covering = [plan for plan in able if any(year in self.plans[plan].years for year in years)]
        if covering or not able:
            return covering
        newest = max((self.plans[plan].last_year, self.plans[plan].first_year) for plan in able)
        return [p for p in able if (self.plans[p].last_year, self.plans[p].first_year) == newest]
