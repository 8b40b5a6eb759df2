"""What the database tells of a whole store is what reading every record gives."""

from __future__ import annotations

from collections import Counter

import pytest

from corpus.normal import normal
from corpus.types import Measure, Passage, Record, Role
from index.catalogue import headings, held, is_task, labelled, plan_sizes
from index.folder import OpenIndex
from index.store import Store


@pytest.fixture(scope="module")
def store(index: OpenIndex) -> Store:
    return index.store


@pytest.fixture(scope="module")
def records(store: Store) -> list[Record]:
    return store.get(store.ids)


def test_headings_are_those_of_every_record_or_of_some_plans(store: Store, records: list[Record]) -> None:
    every = [(*r.path, r.task) if isinstance(r, Measure) else r.path for r in records]
    assert Counter(headings(store)) == Counter(every)
    few = list(headings(store, sample=200))
    assert 0 < len(few) < len(every)
    assert not Counter(few) - Counter(every)
    assert list(headings(store, sample=200)) == few


def test_a_task_is_known_by_its_whole_name(store: Store, records: list[Record]) -> None:
    tasks = {normal(r.task) for r in records if isinstance(r, Measure)}
    whole = {task for task in tasks if is_task(store, task)}
    assert whole == tasks
    parts = {task[:-1] for task in tasks if len(task) > 1} - tasks
    assert len(parts) > 50
    assert not any(is_task(store, part) for part in sorted(parts)[::5])


def test_a_label_leads_to_its_record(store: Store) -> None:
    by_label = {store.label(record_id): record_id for record_id in store.ids}
    assert labelled(store, [*by_label, "〔市绿色低碳·第999项〕", "〔别的计划·第1项〕", ""]) == by_label
    assert labelled(store, ["〔别的计划·第1项〕"]) == {}


def test_plans_have_their_sizes(store: Store, records: list[Record]) -> None:
    measures = Counter(r.plan for r in records if isinstance(r, Measure))
    passages = Counter(r.plan for r in records if isinstance(r, Passage))
    assert plan_sizes(store) == {plan: (measures[plan], passages[plan]) for plan in store.plans}


@pytest.mark.parametrize("left_out", [0, 2, 6])
def test_departments_hold_what_the_records_say(store: Store, records: list[Record], left_out: int) -> None:
    plans = list(store.plans)[left_out:]
    names: dict[str, dict[str, None]] = {}
    measures: dict[str, set[str]] = {}
    roles: dict[tuple[str, Role], set[str]] = {}
    for record in records:
        for duty in record.duties if isinstance(record, Measure) and record.plan in plans else ():
            names.setdefault(duty.department, {})[duty.printed] = None
            measures.setdefault(duty.department, set()).add(record.id)
            roles.setdefault((duty.department, duty.role), set()).add(record.id)
    found = held(store, plans)
    assert len(found) >= 30
    assert {name: one.printed for name, one in found.items()} == {
        n: [*printed] for n, printed in names.items()
    }
    assert {name: one.measures for name, one in found.items()} == {n: len(ids) for n, ids in measures.items()}
    counts = {
        (name, role): count for name, one in found.items() for role, count in one.roles.items() if count
    }
    assert counts == {key: len(ids) for key, ids in roles.items()}
