"""The store: complete scans, exact filters, records as they were read; in SQLite and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.ingest import Corpus
from corpus.normal import normal
from corpus.types import Measure, Plan, Record, Role
from index.filters import NO_FILTERS, DueWindow, Filters
from index.lru import Lru
from index.plan_table import Ranges
from index.store import Store
from index.store_texts import own_words, searchable

LATE = DueWindow(end=date(2026, 6, 30))


def meets(record: Record, plan: Plan, f: Filters) -> bool:
    """What `Filters` says, in plain words."""
    duties = record.duties if isinstance(record, Measure) else ()
    number = record.number if isinstance(record, Measure) else None
    category = record.category if isinstance(record, Measure) else None
    deadline = record.deadline if isinstance(record, Measure) else None
    kind = "measure" if isinstance(record, Measure) else "passage"
    roles = f.wide_roles or tuple(Role)
    has = [d for d in duties if d.role in roles]
    held = [d for d in has if d.department in f.departments or not f.departments]
    return (
        (not f.plans or plan.id in f.plans)
        and (not f.districts or plan.district in f.districts)
        and (not f.statuses or plan.status in f.statuses)
        and (not f.years or any(year in plan.years for year in f.years))
        and (not f.in_force or (not plan.retired and ("draft" in f.statuses or not plan.superseded_by)))
        and (not f.kinds or kind in f.kinds)
        and (not f.ids or record.id in f.ids)
        and (not f.numbers or number in f.numbers)
        and (not f.items or record.item in f.items)
        and (not (f.departments or f.roles) or bool(held))
        and (not (f.sole and (f.departments or f.roles)) or all(d.department in f.departments for d in has))
        and (not f.due or any(window.holds(due) for window in f.due for due in record.due))
        and all(normal(text) in searchable(record) for text in f.texts)
        and all(normal(text) in own_words(record) for text in f.own_texts)
        and (not f.categories or (category or "") in f.categories)
        and (not f.deadlines or (deadline or "").replace(" ", "") in f.deadlines)
        and all(meets(record, plan, other) for other in f.both)
        and all(any(meets(record, plan, other) for other in group) for group in f.either)
        and not any(meets(record, plan, other) for other in f.excluding)
    )


def expected(corpus: Corpus, filters: Filters) -> list[Record]:
    return [r for entry in corpus.plans for r in entry.records if meets(r, entry.plan, filters)]


@st.composite
def random_filters(draw: st.DrawFn, deep: int = 2) -> Filters:
    corpus = CORPUS[0]
    record = draw(st.sampled_from(corpus.records))
    plans = [entry.plan for entry in corpus.plans]
    bodies = sorted({d.department for r in corpus.records if isinstance(r, Measure) for d in r.duties})

    def some(values: st.SearchStrategy[object]) -> object:
        return tuple(draw(st.lists(values, min_size=1, max_size=3)))

    start = draw(st.integers(0, max(0, len(record.text) - 3)))
    days = st.none() | st.dates(date(2025, 12, 1), date(2027, 1, 31))
    window = st.builds(DueWindow, days, days).filter(lambda window: window.start or window.end) | st.just(
        DueWindow(permanent=True, printed="长期实施")
    )
    inner = random_filters(deep - 1) if deep else st.just(NO_FILTERS)
    kinds: dict[str, object] = {
        "plans": st.sampled_from([plan.id for plan in plans]),
        "districts": st.sampled_from([plan.district for plan in plans]),
        "statuses": st.sampled_from(["final", "draft"]),
        "years": st.integers(2020, 2027),
        "departments": st.sampled_from(bodies),
        "roles": st.sampled_from(list(Role)),
        "due": window | st.just(DueWindow(permanent=True)),
        "texts": st.sampled_from([record.text[start : start + 3], "扬尘", "％", "_", "PM2.5"]),
        "own_texts": st.sampled_from([record.text[start : start + 2], "%", "建设"]),
        "categories": st.sampled_from(["", getattr(record, "category", None) or "x"]),
        "deadlines": st.sampled_from(["", (getattr(record, "deadline", None) or "").replace(" ", "")]),
        "numbers": st.integers(1, 60),
        "items": st.integers(1, 4),
        "kinds": st.sampled_from(["measure", "passage"]),
        "ids": st.sampled_from([record.id, "x/1/1", "x\0/1/1", "x\ud800/1/1"]),
        "both": inner,
        "either": st.lists(inner, min_size=1, max_size=2).map(tuple),
        "excluding": inner,
    }
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), max_size=3, unique=True))
    flags = {name: draw(st.booleans()) for name in ("in_force", "sole")}
    return Filters(**flags, **{name: some(kinds[name]) for name in chosen})  # type: ignore[arg-type]


CORPUS: list[Corpus] = []  # that strategies draw from


@pytest.fixture(autouse=True)
def _drawn_from(corpus: Corpus) -> None:
    CORPUS[:] = [corpus]


def test_records_come_back_as_they_were_read(corpus: Corpus, store: Store) -> None:
    assert store.scan(Filters()) == list(corpus.records)
    assert list(store.plans.values()) == [entry.plan for entry in corpus.plans]
    assert store.count() == len(store.ids) == len(corpus.records)
    for record in corpus.records:
        assert store.searched(record) == store.searched(record) == searchable(record)
    assert store.printed().split("\n") == [searchable(record) for record in corpus.records]
    indicators = [r.category for r in corpus.records if isinstance(r, Measure) and r.category]
    assert store.categories() == tuple(dict.fromkeys(indicators))


def test_names_are_the_same_held_and_read(corpus: Corpus, store: Store) -> None:
    ids = [record.id for record in corpus.records]
    assert list(store.ids) == ids == list(store.places)
    assert [store.ids[0], store.ids[-1], store.ids[np.int64(7)]] == [ids[0], ids[-1], ids[7]]
    assert list(store.ids[600:][3:]) == ids[603:] and list(store.ids[5::-2]) == ids[5::-2]
    assert store.names.at([5, 600, 5]) == [ids[5], ids[600], ids[5]]
    assert [store.places[i] for i in ids[::50]] == list(range(0, len(ids), 50))
    assert store.label("bj-green-2026/8/2") == "〔市绿色低碳·第8项第2条〕"
    assert "bj-green-2026/8/2" in store and ids[3] in store.ids and ids[3] not in store.ids[4:]
    with pytest.raises(IndexError):
        store.ids[len(ids)]
    for unknown in ("bj-green-2026/99/9", "\0", 5):
        assert unknown not in store and unknown not in store.ids
    for ask in (store.label, lambda i: store.places[i], lambda i: store.get([i])):
        with pytest.raises(KeyError):
            ask("bj-green-2026/99/9")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(filters=random_filters(), standing=st.booleans(), scope=random_filters(0))
def test_a_scan_is_exactly_what_the_filters_say(
    store: Store, filters: Filters, standing: bool, scope: Filters
) -> None:
    corpus = CORPUS[0]
    assert store.scan(filters) == expected(corpus, filters)
    plans = tuple(store.plans)[::2] if standing else None
    narrower = store.within(scope, plans)
    whole = replace(filters, both=(*filters.both, scope, Filters(plans=plans or ())))
    assert narrower.scan(filters) == expected(corpus, whole)
    reached = narrower.allowed(filters)
    positions = reached.positions() if isinstance(reached, Ranges) else reached
    assert positions.tolist() == narrower.positions(filters).tolist()
    assert len(reached) == len(positions)


def test_for_every_department_and_role_the_scan_is_exactly_the_rows(corpus: Corpus, store: Store) -> None:
    measures = [m for entry in corpus.plans for m in entry.measures]
    wide = {
        Role.LEAD: {Role.LEAD, Role.LEAD_RESPONSIBLE},
        Role.RESPONSIBLE: {Role.RESPONSIBLE, Role.LEAD_RESPONSIBLE},
        Role.ASSISTING: {Role.ASSISTING},
        Role.LEAD_RESPONSIBLE: {Role.LEAD_RESPONSIBLE},
    }
    assert {d.department for m in measures for d in m.duties} == set(store.departments)
    for name in store.departments:
        for role, included in wide.items():
            held = [
                m.id for m in measures if any(d.department == name and d.role in included for d in m.duties)
            ]
            found = store.positions(Filters(departments=(name,), roles=(role,)))
            assert store.names.at(found.tolist()) == held


def test_plans_alone_are_settled_without_the_database(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "rows", lambda query: pytest.fail("asked"))
    plans = list(store.plans)
    reached = store.within(Filters(in_force=True), tuple(plans)).allowed(
        Filters(excluding=(Filters(plans=(plans[1], "no-plan")),), both=(Filters(years=(2026,)),))
    )
    assert isinstance(reached, Ranges)
    every = np.arange(store.count())
    assert every[reached.holds(every)].tolist() == reached.positions().tolist()
    assert len(reached.rows) < len(plans)  # neighbours are one run
    assert not len(store.allowed(Filters(plans=("no-plan",))))


def test_any_number_of_values_can_be_asked_for(corpus: Corpus, store: Store) -> None:
    many = tuple(f"x-{n}" for n in range(40_000))
    ids = tuple(record.id for record in corpus.records)
    measure = next(r for r in corpus.records if isinstance(r, Measure) and r.duties)
    for name, value in (
        ("plans", measure.plan),
        ("ids", measure.id),
        ("departments", measure.duties[0].department),
    ):
        few = Filters(texts=(measure.text[:4],), **{name: (value,)})  # type: ignore[arg-type]
        assert store.scan(replace(few, **{name: (*many, value)})) == store.scan(few) != []
        apart = replace(few, **{name: ()}, excluding=(Filters(kinds=("passage",), **{name: many}),))
        assert store.scan(apart) == store.scan(replace(few, **{name: ()}))
    assert [r.id for r in store.get(ids * 60)] == list(ids * 60)
    with pytest.raises(KeyError):
        store.get([*ids, *many])


def test_texts_are_compared_in_normal_form_and_taken_literally(store: Store) -> None:
    def ids(*texts: str) -> set[str]:
        return {record.id for record in store.scan(Filters(texts=texts))}

    assert "bj-green-2026/8/2" in ids("80%以上")
    assert ids("%%%") == set()
    assert "bj-green-2026/27/1" in ids("EI")


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (LATE, "yq-pollution-2026/30/2", "yq-pollution-2026/1/1"),
        (DueWindow(end=date(2026, 3, 31)), "bj-governance-2026/11/3", "yq-pollution-2026/30/2"),
        (DueWindow(date(2026, 6, 1), date(2026, 9, 30)), "yq-pollution-2026/5/1", "bj-governance-2026/11/3"),
        (DueWindow(permanent=True, printed="长期实施"), "bj-green-2026/16/1", "bj-green-2026/40/1"),
        (DueWindow(permanent=True), "bj-green-2026/40/1", "bj-green-2026/1/1"),
    ],
)
def test_deadlines_are_compared_as_dates(store: Store, window: DueWindow, inside: str, outside: str) -> None:
    found = {record.id for record in store.scan(Filters(due=(window,)))}
    assert inside in found
    assert outside not in found


def test_an_inherited_duty_keeps_its_mark(store: Store) -> None:
    (record,) = store.get(["bj-governance-2026/11/6"])
    assert isinstance(record, Measure)
    assert all(duty.inferred for duty in record.duties)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 30))))
def test_a_bounded_cache_lets_go_of_what_was_used_least_lately(puts: list[tuple[int, int]]) -> None:
    held: Lru[int, int] = Lru(40, weight=int)
    order: dict[int, int] = {}
    for key, value in puts:
        held.put(key, value)
        order.pop(key, None)
        order[key] = value
        while sum(order.values()) > 40:
            order.pop(next(iter(order)))
        assert {key: held.get(key) for key in sorted(order)} == dict(sorted(order.items()))
        order = dict(sorted(order.items()))
        assert len(held) == len(order)
    held.put(1, 41)
    assert held.get(1) is None
