"""Questions on a synthetic corpus with the records that answer them, known from how it is made.

Only the plans that are asked about are made again; the corpus is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np

from corpus.normal import any_of, normal
from corpus.types import Measure, Role
from eval.synthetic import THEMES, Group, Synthetic
from eval.synthetic_county import thing_name
from eval.synthetic_forms import lexicon
from index.expansion import everyday
from index.filters import NO_FILTERS, DueWindow, Filters

Kind = Literal["scoped", "named", "lead", "due", "due everywhere"]
JUNE = (6, 30)
_PIECE = re.compile(r"[^，。；、：“”《》（）()\n,;:.!?\d]{5,12}")
_TRIES = 20  # for each question that is wanted


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the filters that its scope sets, and the ids of all records that answer it.

    `words` stand in each of those records; the question says them, or everyday words for them.
    """

    kind: Kind
    question: str
    filters: Filters
    gold: tuple[str, ...]
    words: tuple[str, ...] = ()


def scoped(corpus: Synthetic, size: int, count: int, seed: int = 0) -> list[Asked]:
    """At most `count` questions that name a county and a year, and ask for a measure by some of its words."""
    rng = np.random.default_rng((seed, 2))
    groups = corpus.groups(size)
    made: dict[str, Asked] = {}
    for _ in range(_TRIES * count if groups else 0):
        if len(made) == count:
            break
        asked = _scoped(corpus, groups[rng.integers(len(groups))], rng)
        if asked is not None:
            made.setdefault(asked.question, asked)
    return list(made.values())


def named(corpus: Synthetic, size: int, count: int, seed: int = 0) -> list[Asked]:
    """At most `count` questions without a scope, on a thing that one measure of the corpus names."""
    rng = np.random.default_rng((seed, 3))
    openings, asking, plans = lexicon()["openings"], lexicon()["asked"], corpus.whole(size)
    ways = [
        (number, opening, form)
        for form in asking
        for opening in openings
        for number in _few(rng, plans, count)
    ]
    chosen = rng.permutation(len(ways))[:count] if len(ways) > count else range(len(ways))
    made: dict[str, Asked] = {}
    for number, opening, form in (ways[n] for n in chosen):
        thing, entry = thing_name(number), corpus.plan(number)
        gold = entry.measures[corpus.naming(number)[0]].id
        question = opening + form.format(thing=thing)
        made[question] = Asked("named", question, NO_FILTERS, (gold,), (thing,))
    return list(made.values())


def lists(corpus: Synthetic, size: int, count: int, seed: int = 0) -> list[Asked]:
    """At most `count` of either kind: what a department leads, what is due by June, in a county's year.

    One more asks of a year what is due by June in every county.
    """
    rng = np.random.default_rng((seed, 4))
    groups = corpus.groups(size)
    made = []
    for n in rng.permutation(len(groups))[:count].tolist():
        measures = list(_measures(corpus, groups[n]))
        made += [_leading(groups[n], measures, rng), _due(groups[n], measures)]
    years = sorted({group.year for group in groups})
    return [*made, _due_everywhere(corpus, size, years[rng.integers(len(years))])] if years else []


def _few(rng: np.random.Generator, plans: int, count: int) -> list[int]:
    """At most `count` of the plans, by their places."""
    return rng.choice(plans, min(plans, count), replace=False).tolist() if plans else []


def _measures(corpus: Synthetic, group: Group) -> Iterator[Measure]:
    for number in range(group.first, group.first + THEMES):
        yield from corpus.plan(number).measures


def _scoped(corpus: Synthetic, group: Group, rng: np.random.Generator) -> Asked | None:
    """A question on one measure of a group; None where its words stand in another one too."""
    measures = list(_measures(corpus, group))
    measure = measures[rng.integers(len(measures))]
    pieces = list(dict.fromkeys(_PIECE.findall(measure.text)))
    if len(pieces) < 2:
        return None
    first, last = sorted(rng.choice(len(pieces), 2, replace=False).tolist())
    words = (pieces[first], pieces[last])
    if sum(all(word in other.text for word in words) for other in measures) > 1:
        return None
    forms = lexicon()["scoped"]
    question = forms[rng.integers(len(forms))].format(
        district=group.district, year=group.year, words="、".join(_as_said(word) for word in words)
    )
    filters = Filters(districts=(group.district,), years=(group.year,))
    return Asked("scoped", question, filters, (measure.id,), words)


@lru_cache(maxsize=1)
def _plainly() -> tuple[re.Pattern[str], dict[str, str]]:
    """The plans' terms, and what people say for each."""
    says = {term: entry.says[0] for entry in everyday().entries for term in entry.means}
    return any_of(says), says


def _as_said(word: str) -> str:
    """`word` with the plans' terms in it as people say them."""
    terms, says = _plainly()
    return terms.sub(lambda match: says[match.group()], normal(word))


def _leading(group: Group, measures: list[Measure], rng: np.random.Generator) -> Asked:
    """What a department leads; a merged cell of 牵头 and 主责 counts, as everywhere."""
    leads: dict[str, list[str]] = {}
    for measure in measures:
        for name in dict.fromkeys(duty.department for duty in measure.duties if duty.role in _LEAD):
            leads.setdefault(name, []).append(measure.id)
    name = sorted(leads)[rng.integers(len(leads))]
    question = f"{group.district}{group.year}年{name}牵头的措施有哪些？"
    scope = Filters(districts=(group.district,), years=(group.year,))
    filters = scope.narrowed(Filters(departments=(name,), roles=(Role.LEAD,)))
    return Asked("lead", question, filters, tuple(leads[name]))


_LEAD = (Role.LEAD, Role.LEAD_RESPONSIBLE)


def _due(group: Group, measures: list[Measure]) -> Asked:
    question = f"{group.district}{group.year}年6月底前要完成哪些措施？"
    scope = Filters(districts=(group.district,), years=(group.year,))
    filters = scope.narrowed(Filters(due=(DueWindow(end=date(group.year, *JUNE)),)))
    return Asked("due", question, filters, tuple(m.id for m in measures if _by_june(m, group.year)))


def _due_everywhere(corpus: Synthetic, size: int, year: int) -> Asked:
    entries = corpus.plans(size, of_year=year)
    gold = [measure.id for entry in entries for measure in entry.measures if _by_june(measure, year)]
    filters = Filters(years=(year,), due=(DueWindow(end=date(year, *JUNE)),))
    return Asked("due everywhere", f"{year}年6月底前全国要完成哪些措施？", filters, tuple(gold))


def _by_june(measure: Measure, year: int) -> bool:
    return any(due.end is not None and due.end <= date(year, *JUNE) for due in measure.due)
