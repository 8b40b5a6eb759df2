"""Records found are read as they are looked at."""

from __future__ import annotations

import pytest

from index.filters import Filters
from index.folder import OpenIndex
from rag import found
from rag.found import Found


def test_it_is_the_list_that_a_scan_gives(index: OpenIndex) -> None:
    wanted = Filters(districts=("延庆区",))
    made, expected = Found(index.store, index.store.positions(wanted)), index.store.scan(wanted)
    assert len(made) == len(expected) > 100
    assert list(made) == expected
    assert made[3:9] == expected[3:9]
    assert made[0] == expected[0] and made[-1] == expected[-1]
    assert made[len(expected) :] == []
    assert expected[7] in made


def test_going_through_it_reads_parts(index: OpenIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "PART", 7)
    wanted = Filters(plans=("bj-green-2026",))
    assert list(Found(index.store, index.store.positions(wanted))) == index.store.scan(wanted)
