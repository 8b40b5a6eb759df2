"""A corpus of any size, made by recombining the real plans over made-up counties and years.

Each plan is a county × a year × a theme of the real district plans. Its rows have the tasks and departments
of a real one; its texts are clauses of the real row with clauses of others, and say something of the county's
own towns and rivers. Every plan is made by its place alone: the corpus of a size is the beginning of any
larger one, nothing is ever held, and what should be found is known without reading it
(`eval.synthetic_questions`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

import numpy as np

from corpus.deadlines import read_due
from corpus.ingest import PlanRecords
from corpus.types import Due, Measure, Plan, Span, Task
from eval.synthetic_county import County, thing_name
from eval.synthetic_forms import FIGURE, PlanForm, RowForm, forms, lexicon

YEARS = range(2017, 2027)
BLOCK = 8  # counties whose plans of one year follow one another: a small corpus has several of both
THEMES = 3  # plans of a county in a year
_DRAWS = 12  # random numbers for a measure
_LOCAL = 17  # measures in twenty that say something of their own county
_EXTRA = (0,) * 7 + (1,) * 9 + (2,) * 4  # clauses of others in a measure
_FIGURES = [str(n) for n in range(2, 99)]


@dataclass(frozen=True, slots=True)
class Group:
    """A county in a year; its plans are the `THEMES` from the plan at `first` on."""

    district: str
    year: int
    first: int


class Synthetic:
    """The corpus of a `seed`. Plans are counted from 0 on; equal seeds give equal plans."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._forms = forms()
        self._texts = [clause.text for clause in self._forms.clauses]
        self._gapped = [n for n, clause in enumerate(self._forms.clauses) if clause.gaps]
        self._deadlines = [word for word, share in lexicon()["deadlines"].items() for _ in range(share)]
        self._county = lru_cache(maxsize=2 * BLOCK)(lambda at: County(at, seed))
        self._said = lru_cache(maxsize=2)(self._filled)
        self._due = lru_cache(maxsize=None)(lambda words, year: read_due(words, year, "column"))
        self._dated = lru_cache(maxsize=len(YEARS))(self._dates)

    def plans(self, size: int, of_year: int | None = None) -> Iterator[PlanRecords]:
        """The plans of the first `size` measures; the last one is cut to make the number exact.

        With `of_year` the plans of that year alone are made.

        Raises:
            ValueError: there are not as many counties.
        """
        left = size
        for number in count():
            if left <= 0:
                return
            _, year, form = self._place(number)
            if of_year in (None, year):
                yield self.plan(number, left)
            left -= len(form.rows)

    def whole(self, size: int) -> int:
        """How many plans stand in full among the first `size` measures."""
        left = size
        for number in count():
            left -= len(self._place(number)[2].rows)
            if left < 0:
                return number
        raise AssertionError

    def groups(self, size: int) -> list[Group]:
        """The counties and years all of whose plans stand in full among the first `size` measures."""
        firsts = range(0, self.whole(size) - THEMES + 1, THEMES)
        return [Group(self._county(at).full, year, n) for n in firsts for at, year, _ in (self._place(n),)]

    def plan(self, number: int, most: int | None = None) -> PlanRecords:
        """The plan at that place, or its first `most` measures.

        Raises:
            ValueError: there are not as many counties.
        """
        at, year, form = self._place(number)
        county, clauses, dated = self._county(at), self._said(at, year), self._dated(year)
        plan = _plan(county, year, form, number)
        draws = np.random.default_rng((self.seed, 0, number)).integers(0, 1 << 30, (len(form.rows), _DRAWS))
        special, naming = self.naming(number)
        tasks = _tasks(form, plan, county)
        title_of = {task.number: (task.title, task.path) for task in tasks}
        measures = []
        rows = zip(form.rows[:most], county.duties(form), draws.tolist(), strict=False)
        for place, (row, duties, draw) in enumerate(rows):
            held = _chosen(row, form.pool, draw)
            text = "".join([clauses[n] for n in held])
            if len(held) == 1 or draw[5] % 20 < _LOCAL:
                text += county.said[draw[6] % len(county.said)]
            if place == special:
                text += naming
            if FIGURE in text:
                text = _with_figures(text, draw)
            deadline = self._deadlines[draw[7] % len(self._deadlines)]
            due = self._due(deadline, year)
            for n in held:
                if n in dated:
                    due += dated[n]
            title, path = title_of[row.number]
            measures.append(
                Measure(
                    f"{plan.id}/{row.number}/{row.item}",
                    plan.id,
                    row.number,
                    row.item,
                    title,
                    text,
                    deadline,
                    None,
                    None,
                    path,
                    duties,
                    due,
                    Span(plan.file, row.first, row.last),
                )
            )
        if most is not None:
            tasks = [task for task in tasks if task.number <= measures[-1].number]
        return PlanRecords(plan, tuple(tasks), tuple(measures))

    def naming(self, number: int) -> tuple[int, str]:
        """Which measure (0-based) of the plan at that place names the thing of its own, and what it says."""
        said: list[str] = lexicon()["said"]
        text = said[number % len(said)].format(thing=thing_name(number), n=FIGURE)
        return number * 31 % len(self._place(number)[2].rows), text

    def _place(self, number: int) -> tuple[int, int, PlanForm]:
        """The county (its place), the year and the form of the plan at that place."""
        group, theme = divmod(number, THEMES)
        block, within = divmod(group, BLOCK * len(YEARS))
        year, county = divmod(within, BLOCK)
        at = BLOCK * block + county
        pollution, green, other_green, governance = self._forms.plans
        return at, YEARS[year], (pollution, (green, other_green)[at % 2], governance)[theme]

    def _filled(self, at: int, year: int) -> list[str]:
        """All clauses as a county says them in a year; their figures are still to be chosen."""
        texts, values = self._texts.copy(), self._county(at).gaps(year)
        for n in self._gapped:
            texts[n] = texts[n].format_map(values)
        return texts

    def _dates(self, year: int) -> dict[int, tuple[Due, ...]]:
        """The dates that clauses state in a year, by the clause's number."""
        texts = (text.replace(FIGURE, "7") for text in self._filled(0, year))
        return {n: due for n, text in enumerate(texts) if (due := read_due(text, year, "text"))}


def _plan(county: County, year: int, form: PlanForm, number: int) -> Plan:
    plan_id = f"{county.letters}-{form.theme}-{year}"
    title = form.title.format(full=county.full, year0=year)
    short = f"{county.short}{form.short}{year}"
    return Plan(plan_id, short, title, "区", county.full, year, "final", f"{plan_id}.txt", number, year, year)


def _tasks(form: PlanForm, plan: Plan, county: County) -> list[Task]:
    gaps = {"full": county.full, "short": county.short}
    return [
        Task(
            plan.id,
            task.number,
            task.title.format_map(gaps) if "{" in task.title else task.title,
            task.path,
            Span(plan.file, task.first, task.last),
        )
        for task in form.tasks
    ]


def _chosen(row: RowForm, pool: Sequence[int], draw: Sequence[int]) -> list[int]:
    """The clauses of a measure: one of the real row, and up to two others, none twice."""
    held = [row.clauses[draw[0] % len(row.clauses)]]
    for n in draw[2 : 2 + _EXTRA[draw[1] % len(_EXTRA)]]:
        other = pool[n % len(pool)]
        if other not in held:
            held.append(other)
    return held


def _with_figures(text: str, draw: Sequence[int]) -> str:
    """`text` with its figures chosen."""
    first, *rest = text.split(FIGURE)
    for n, piece in enumerate(rest):
        first += _FIGURES[draw[8 + n % 4] % len(_FIGURES)] + piece
    return first
