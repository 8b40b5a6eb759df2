"""The real plans as forms: rows, clauses and duties with gaps for a county, its towns, figures and a year.

A form is read once from the bundled district plans; filling one costs a string operation or two.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from corpus.departments import DepartmentLexicon, departments, unknown
from corpus.ingest import PlanRecords, read_corpus
from corpus.places import places
from corpus.types import Duty, Role

LEXICON = Path(__file__).parent / "synthetic.toml"
SKELETONS = ("yq-pollution-2026", "yq-green-2026", "hr-green-2026", "yq-governance-2026")
YEAR = 2026  # of the real plans
FIGURE = "\0"  # stands in a text for a figure that is still to be chosen
_LEAST = 10  # characters of a clause that can stand anywhere
_BRANCHES = ("公安分局", "公路分局")
_CLAUSE = re.compile(r"[^。；]*[。；]?")
_UNITS = "%|万|亿|家|个|公里|吨|台|辆|平方米|处|座|项|亩|立方米|条|次|户|所|块|公顷"
_FIGURE = re.compile(rf"(?<![\dA-Za-z.{{—\-~〔])\d{{1,5}}(?:\.\d+)?(?= ?(?:{_UNITS}))")
_YEAR = re.compile(r"(?<!\d)20[23]\d(?= ?年)")
_GAP = re.compile(r"\{(?:full|short|town|river|year)")
_PLACE = re.compile(r"\{(?:full|short|town|river)")
_PLACES = 2  # a clause that lists more districts is the city's alone
_PAIRS = ("“”", "（）", "《》", "()")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause whose figures are `FIGURE`; `gaps` says that it has gaps too, for `str.format_map`."""

    text: str
    gaps: bool


@dataclass(frozen=True, slots=True)
class DutyForm:
    """A duty whose `printed` and `department` have gaps for the county."""

    printed: str
    department: str
    role: Role
    collective: bool
    known: bool
    open_ended: bool

    def filled(self, full: str, short: str) -> Duty:
        """The duty in one county."""
        printed, department = (_filled(text, full, short) for text in (self.printed, self.department))
        return Duty(printed, department, self.role, self.collective, self.known, self.open_ended)


@dataclass(frozen=True, slots=True)
class RowForm:
    """A measure's place in its plan, with the clauses (their numbers) that the real one is made of."""

    number: int
    item: int
    clauses: tuple[int, ...]
    duties: tuple[DutyForm, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TaskForm:
    """A task; `title` has gaps for the county."""

    number: int
    title: str
    path: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PlanForm:
    """A plan: its theme in ids and labels, its title with gaps, its rows and tasks.

    `pool` holds numbers of clauses to mix in: three in four are of this theme.
    """

    theme: str
    short: str
    title: str
    rows: tuple[RowForm, ...]
    tasks: tuple[TaskForm, ...]
    pool: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Forms:
    """All of them: plans in the order of `SKELETONS`, and the clauses that they share by number."""

    plans: tuple[PlanForm, ...]
    clauses: tuple[Clause, ...]


@lru_cache(maxsize=1)
def lexicon() -> dict[str, Any]:
    """The lexicon beside this module, read once."""
    return tomllib.loads(LEXICON.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def forms() -> Forms:
    """The bundled district plans as forms, with the city plans' clauses in the pools; read once."""
    corpus = read_corpus()
    maker = _Maker(departments())
    by_theme: dict[str, list[int]] = {}
    of_row: dict[str, tuple[int, ...]] = {}
    for entry in corpus.plans:
        for measure in entry.measures if measure_plan(entry) else ():
            of_row[measure.id] = maker.clauses_of(measure.text)
            by_theme.setdefault(theme_of(entry.plan.id), []).extend(of_row[measure.id])
    everything = [number for numbers in by_theme.values() for number in numbers]
    entries = {entry.plan.id: entry for entry in corpus.plans}
    plans = []
    for skeleton in SKELETONS:
        own = by_theme[theme_of(skeleton)]
        times = max(1, round(3 * len(everything) / len(own)))
        plans.append(maker.plan(entries[skeleton], of_row, (*own * times, *everything)))
    return Forms(tuple(plans), tuple(maker.clauses))


def measure_plan(entry: PlanRecords) -> bool:
    """Whether a plan's measures are sentences: indicators read alike in every county and are left out."""
    return any(measure.target is None for measure in entry.measures)


def theme_of(plan_id: str) -> str:
    """yq-green-2026 → green."""
    return plan_id.split("-")[1]


class _Maker:
    """Makes forms of the texts of real plans."""

    def __init__(self, lexicon_of_departments: DepartmentLexicon) -> None:
        self.clauses: list[Clause] = []
        self._numbers: dict[str, int] = {}
        self._departments = lexicon_of_departments
        named = lexicon()["places"]
        others = [name for name in places().district_names if name not in ("延庆区", "怀柔区")]
        self._gaps = (
            (re.compile("延庆区|怀柔区|北京市"), lambda n: "{full}"),
            (re.compile("延庆|怀柔|北京"), lambda n: "{short}"),
            (re.compile("|".join([*others, *named["towns"]])), lambda n: f"{{town{n % 4}}}"),
            (re.compile("|".join(named["rivers"])), lambda n: f"{{river{n % 2}}}"),
        )

    def clauses_of(self, text: str) -> tuple[int, ...]:
        """The numbers of its clauses; the whole text is one where none can stand alone."""
        found = [piece.strip() for piece in _CLAUSE.findall(text)]
        forms = [self.with_gaps(piece.rstrip("；。") + "。") for piece in found if _alone(piece)]
        here = [form for form in forms if len(_PLACE.findall(form)) <= _PLACES]
        return tuple(self._number(form) for form in here or [self.with_gaps(text)])

    def _number(self, form: str) -> int:
        if form not in self._numbers:
            self._numbers[form] = len(self.clauses)
            gaps = _GAP.search(form) is not None
            self.clauses.append(Clause(form if gaps else form.format(), gaps))
        return self._numbers[form]

    def with_gaps(self, text: str) -> str:
        """`text` with its places, figures and years as gaps."""
        text = text.replace("{", "{{").replace("}", "}}")
        for pattern, gap in self._gaps:
            number = count()
            text = pattern.sub(lambda _, gap=gap, number=number: gap(next(number)), text)  # type: ignore[misc]
        text = _YEAR.sub(lambda match: f"{{year{int(match.group()) - YEAR}}}", text)
        return _FIGURE.sub(FIGURE, text)

    def plan(
        self, entry: PlanRecords, of_row: Mapping[str, tuple[int, ...]], pool: Sequence[int]
    ) -> PlanForm:
        """The form of one plan."""
        title = entry.plan.title.replace("（征求意见稿）", "").replace(entry.plan.district, "{full}")
        rows = [
            RowForm(
                *(measure.number, measure.item, of_row[measure.id]),
                tuple(self.duty(duty) for duty in measure.duties),
                *(measure.span.first, measure.span.last),
            )
            for measure in entry.measures
        ]
        tasks = [
            TaskForm(task.number, with_place(task.title), task.path, task.span.first, task.span.last)
            for task in entry.tasks
        ]
        short = entry.plan.short.removeprefix(places().short(entry.plan.district))
        theme = theme_of(entry.plan.id)
        title = title.replace(str(YEAR), "{year0}")
        return PlanForm(theme, short, title, tuple(rows), tuple(tasks), tuple(pool))

    def duty(self, duty: Duty) -> DutyForm:
        """The form of a duty: the department is whom the lexicon makes of the name in a county of its own."""
        full, short = "甲乙县", "甲乙"
        printed = with_place(duty.printed)
        if printed in _BRANCHES:  # 公安分局 alone: of whatever district the plan is
            printed = "{short}" + printed
        here = _filled(printed, full, short)
        body = self._departments.resolve(here, full) or unknown(here, full)
        department = body.name.replace(full, "{full}").replace(short, "{short}")
        return DutyForm(printed, department, duty.role, body.collective, body.known, duty.open_ended)


def with_place(text: str) -> str:
    """`text` with gaps for the county in place of 延庆区 and 延庆."""
    for district in ("延庆", "怀柔"):
        text = text.replace(f"{district}区", "{full}").replace(district, "{short}")
    return text


def _filled(text: str, full: str, short: str) -> str:
    return text.replace("{full}", full).replace("{short}", short)


def _alone(text: str) -> bool:
    """Whether a clause can stand without those around it."""
    whole = all(text.count(pair[0]) == text.count(pair[-1]) for pair in _PAIRS)
    return whole and len(text) >= _LEAST and text[0] not in "（("
