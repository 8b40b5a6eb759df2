"""The store: complete scans, exact filters, records as they were read."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.ingest import Corpus
from corpus.types import Measure, Role
from index.filters import DueWindow, Filters
from index.folder import OpenIndex
from index.store import searchable


def ids(index: OpenIndex, **conditions: object) -> set[str]:
    return {record.id for record in index.store.scan(Filters(**conditions))}  # type: ignore[arg-type]


def test_records_come_back_as_they_were_read(corpus: Corpus, index: OpenIndex) -> None:
    assert index.store.scan(Filters()) == list(corpus.records)
    assert list(index.store.plans.values()) == [entry.plan for entry in corpus.plans]
    for record in corpus.records:
        assert index.store.searched(record) == index.store.searched(record) == searchable(record)


def test_for_every_department_and_role_the_scan_is_exactly_the_rows(corpus: Corpus, index: OpenIndex) -> None:
    measures = [m for entry in corpus.plans for m in entry.measures]
    wide = {
        Role.LEAD: {Role.LEAD, Role.LEAD_RESPONSIBLE},
        Role.RESPONSIBLE: {Role.RESPONSIBLE, Role.LEAD_RESPONSIBLE},
        Role.ASSISTING: {Role.ASSISTING},
        Role.LEAD_RESPONSIBLE: {Role.LEAD_RESPONSIBLE},
    }
    for name in {d.department for m in measures for d in m.duties}:
        for role, included in wide.items():
            held = {m.id for m in measures for d in m.duties if d.department == name and d.role in included}
            assert ids(index, departments=(name,), roles=(role,)) == held


def test_filters_of_different_kinds_must_all_hold(corpus: Corpus, index: OpenIndex) -> None:
    expected = {
        m.id
        for entry in corpus.plans
        if entry.plan.district == "延庆区"
        for m in entry.measures
        if "扬尘" in m.text + m.task and any(d.department == "延庆区水务局" for d in m.duties)
    }
    assert expected
    found = ids(index, districts=("延庆区",), departments=("延庆区水务局",), texts=("扬尘",))
    assert found == expected


def test_texts_are_compared_in_normal_form_and_taken_literally(index: OpenIndex) -> None:
    assert "bj-green-2026/8/2" in ids(index, texts=("80%以上",))
    assert ids(index, texts=("%%%",)) == set()
    assert "bj-green-2026/27/1" in ids(index, texts=("EI",))


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (DueWindow(end=date(2026, 6, 30)), "yq-pollution-2026/30/2", "yq-pollution-2026/1/1"),
        (DueWindow(end=date(2026, 3, 31)), "bj-governance-2026/11/3", "yq-pollution-2026/30/2"),
        (DueWindow(date(2026, 6, 1), date(2026, 9, 30)), "yq-pollution-2026/5/1", "bj-governance-2026/11/3"),
        (DueWindow(permanent=True, printed="长期实施"), "bj-green-2026/16/1", "bj-green-2026/40/1"),
        (DueWindow(permanent=True), "bj-green-2026/40/1", "bj-green-2026/1/1"),
    ],
)
def test_deadlines_are_compared_as_dates(
    index: OpenIndex, window: DueWindow, inside: str, outside: str
) -> None:
    found = ids(index, due=(window,))
    assert inside in found
    assert outside not in found


def test_an_unknown_id_is_an_error_not_nothing(index: OpenIndex) -> None:
    with pytest.raises(KeyError):
        index.store.get(["bj-green-2026/99/9"])
    assert "bj-green-2026/99/9" not in index.store


def test_an_inherited_duty_keeps_its_mark(index: OpenIndex) -> None:
    (record,) = index.store.get(["bj-governance-2026/11/6"])
    assert isinstance(record, Measure)
    assert all(duty.inferred for duty in record.duties)
