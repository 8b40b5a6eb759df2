"""The synthetic corpus: the same each time, of the size asked for, and what should be found is known."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import chain

import pytest

from corpus.deadlines import read_due
from corpus.departments import departments, unknown
from corpus.normal import normal
from corpus.places import places
from corpus.types import Measure, Role
from eval.synthetic import THEMES, YEARS, Synthetic
from eval.synthetic_county import county_names, thing_name
from eval.synthetic_questions import Asked, lists, named, scoped
from index.expansion import everyday

SIZE = 3000


@pytest.fixture(scope="module")
def corpus() -> Synthetic:
    return Synthetic(seed=5)


@pytest.fixture(scope="module")
def measures(corpus: Synthetic) -> list[Measure]:
    return [measure for entry in corpus.plans(SIZE) for measure in entry.measures]


def test_a_seed_gives_one_corpus_and_a_smaller_one_is_its_beginning(measures: list[Measure]) -> None:
    again = chain.from_iterable(entry.measures for entry in Synthetic(seed=5).plans(777))
    assert list(again) == measures[:777]
    other = chain.from_iterable(entry.measures for entry in Synthetic(seed=6).plans(777))
    assert sum(one.text != two.text for one, two in zip(other, measures, strict=False)) > 700


def test_it_has_the_size_asked_for_and_nothing_comes_twice(
    corpus: Synthetic, measures: list[Measure]
) -> None:
    plans = [entry.plan for entry in corpus.plans(SIZE)]
    assert len(measures) == SIZE == len({measure.id for measure in measures})
    for name in ("id", "short", "title"):
        assert len({getattr(plan, name) for plan in plans}) == len(plans)
    assert len({measure.text for measure in measures}) > 0.99 * SIZE
    assert [len(e.measures) for e in corpus.plans(SIZE)][:-1] == [
        len(corpus.plan(n).measures) for n in range(corpus.whole(SIZE))
    ]


def test_there_are_counties_and_names_for_ten_million() -> None:
    names = county_names()
    a_year = 10_000_000 / len(YEARS) / sum(len(Synthetic().plan(n).measures) for n in range(THEMES))
    assert len(names) > a_year
    for each in zip(*names, strict=True):
        assert len(set(each)) == len(names)
    assert not {name for name, _ in names} & set(places().districts)
    things = [thing_name(number) for number in range(0, 10**6, 7)]
    assert len(set(things)) == len(things)


def test_a_record_is_as_a_reader_would_have_read_it(corpus: Synthetic) -> None:
    lexicon, gaps = departments(), ("\0", "{", "}", "延庆", "怀柔")
    for entry in corpus.plans(SIZE):
        plan, numbers = entry.plan, {task.number: task.title for task in entry.tasks}
        for measure in entry.measures:
            assert measure.id == f"{plan.id}/{measure.number}/{measure.item}"
            assert measure.task == numbers[measure.number]
            assert not any(mark in measure.text.replace("{2.5}", "") for mark in gaps), measure.text
            assert measure.deadline is not None
            said = read_due(measure.text, plan.year, "text")
            assert {due.end for due in measure.due if due.basis == "text"} == {due.end for due in said}
            assert measure.due[:1] == read_due(measure.deadline, plan.year, "column")
    last = corpus.plan(4)
    for duty in chain.from_iterable(measure.duties for measure in last.measures):
        body = lexicon.resolve(duty.printed, last.plan.district) or unknown(duty.printed, last.plan.district)
        assert (duty.department, duty.known, duty.collective) == (body.name, body.known, body.collective)


def _by_scan(asked: Asked, measures: list[Measure], of_group: set[str]) -> list[str]:
    """What a plain look at every record finds."""
    year = asked.filters.years[0]
    end = date(year, 6, 30)
    found = []
    for measure in measures:
        if measure.plan not in of_group:
            continue
        leads = {d.department for d in measure.duties if d.role in (Role.LEAD, Role.LEAD_RESPONSIBLE)}
        due = any(one.end is not None and one.end <= end for one in measure.due)
        if asked.filters.departments[0] in leads if asked.filters.departments else due:
            found.append(measure.id)
    return found


def test_the_gold_of_a_list_is_what_a_look_at_every_record_finds(
    corpus: Synthetic, measures: list[Measure]
) -> None:
    plans = [entry.plan for entry in corpus.plans(SIZE)]
    made = lists(corpus, SIZE, 6)
    assert Counter(one.kind for one in made) == {"lead": 6, "due": 6, "due everywhere": 1}
    for one in made:
        of_group = {
            plan.id
            for plan in plans
            if plan.year in one.filters.years and plan.district in (one.filters.districts or [plan.district])
        }
        assert list(one.gold) == _by_scan(one, measures, of_group)
        assert one.gold or one.kind == "due"


def test_what_a_question_says_stands_in_its_record_alone(corpus: Synthetic, measures: list[Measure]) -> None:
    of_id = {measure.id: measure for measure in measures}
    plan_of = {entry.plan.id: entry.plan for entry in corpus.plans(SIZE)}
    says = {word for entry in everyday().entries for word in entry.says}
    plainly = 0
    for one in (*scoped(corpus, SIZE, 60), *named(corpus, SIZE, 60)):
        gold = of_id[one.gold[0]]
        plan = plan_of[gold.plan]
        assert all(word in gold.text for word in one.words)
        own = [word for word in one.words if normal(word) in one.question]
        plainly += len(own) < len(one.words)
        assert len(own) == len(one.words) or any(word in one.question for word in says)
        if one.kind == "scoped":
            assert one.filters.districts == (plan.district,) and one.filters.years == (plan.year,)
            assert plan.district in one.question and str(plan.year) in one.question
            others = [m for m in measures if plan_of[m.plan].district == plan.district]
            others = [m for m in others if plan_of[m.plan].year == plan.year]
        else:
            others = measures
        assert [m.id for m in others if all(word in m.text for word in one.words)] == [gold.id]
    assert plainly > 5
