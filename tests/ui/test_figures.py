"""The register's figures: what a bar, a cell, a point says is what a click on it lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from api import records
from corpus.types import Measure
from rag.counterparts import THRESHOLD
from rag.engine import Engine
from rag.near import counterparts
from rag.options import Options
from ui import figures
from ui.figures import Drawn
from ui.views import View, read

VIEWS = [
    Options(),
    Options(district=("延庆区",), text=("水",)),
    Options(department=("水务局",), status=("draft",)),
    Options(deadline=("2026-12",), role=("lead",)),
]
Draw = Callable[[Engine, list[Measure], View], Drawn]


def count(engine: Engine) -> Callable[[Options], int]:
    return lambda options: len(records.every(engine, options))


def listed(engine: Engine, query: str) -> list[str]:
    told = read(query, engine.store, engine.bodies)
    assert told.problem == ""
    return [record.id for record in records.every(engine, told.view.options)]


def measures(engine: Engine, options: Options) -> list[Measure]:
    return [record for record in records.every(engine, options) if isinstance(record, Measure)]


DRAWN: dict[str, Draw] = {
    "department": lambda e, found, view: figures.by_department(found, view, count(e)),
    "deadline": lambda e, found, view: figures.by_deadline(found, view, count(e)),
    "together": lambda e, found, view: figures.together(found, view, e.store),
}


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("options", VIEWS)
def test_what_is_said_beside_a_figure_is_what_its_link_lists(
    engine: Engine, kind: str, options: Options
) -> None:
    drawn = DRAWN[kind](engine, measures(engine, options), View(options))
    assert drawn.data
    for datum in drawn.data:
        assert len(listed(engine, datum.query)) == datum.count > 0, datum


def traces(drawn: Drawn) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(drawn.figure.to_json())["data"]
    return made


def test_every_bar_leads_to_its_rows(engine: Engine) -> None:
    for kind in ("department", "deadline"):
        for options in VIEWS:
            drawn = DRAWN[kind](engine, measures(engine, options), View(options))
            for bar in traces(drawn):
                numbers = bar["x"] if kind == "department" else bar["y"]
                for number, query in zip(numbers, bar["customdata"], strict=True):
                    assert len(listed(engine, query)) == number > 0, (kind, options, query)
    bars = traces(DRAWN["department"](engine, measures(engine, Options()), View()))
    assert [bar["name"] for bar in bars] == ["牵头", "牵头/主责", "主责", "协办"]


def test_a_cell_is_what_two_departments_share(engine: Engine) -> None:
    drawn = DRAWN["together"](engine, measures(engine, Options()), View())
    (cells,) = traces(drawn)
    shared = [
        (number, query)
        for numbers, queries in zip(cells["z"], cells["customdata"], strict=True)
        for number, query in zip(numbers, queries, strict=True)
        if number
    ]
    assert len(shared) > 30
    for number, query in shared:
        assert len(listed(engine, query)) == number


def test_every_point_is_a_measure_of_a_district_and_leads_to_both(engine: Engine) -> None:
    found = counterparts(engine)
    own = [found.nearest[m.id] for m in measures(engine, Options(district=("怀柔区",)))]
    drawn = figures.matches(own, engine.store, THRESHOLD)
    (dots,) = traces(drawn)
    assert dots["name"] == "怀柔绿色低碳"
    for pair, (query, *texts) in zip(own, dots["customdata"], strict=True):
        assert set(listed(engine, query)) == {pair.district, pair.city}
        assert engine.store.label(pair.district) in texts[0]
    with_one, without = drawn.data
    assert (with_one.words, without.words) == ("怀柔绿色低碳 有市级对应", "怀柔绿色低碳 没有市级对应")
    assert with_one.count + without.count == 72
    assert len(listed(engine, without.query)) == without.count


def test_the_citys_points_lead_to_both_and_its_counts_to_its_rows(engine: Engine) -> None:
    found = counterparts(engine).nearest_in["怀柔区"]
    own = [found[m.id] for m in measures(engine, Options(plan=("市绿色低碳",)))]
    drawn = figures.matches(own, engine.store, THRESHOLD, "怀柔区")
    (dots,) = traces(drawn)
    for pair, (query, *texts) in zip(own, dots["customdata"], strict=True):
        assert set(listed(engine, query)) == {pair.district, pair.city}
        assert engine.store.label(pair.city) in texts[0]
    assert [datum.words for datum in drawn.data] == ["市绿色低碳 有怀柔区对应", "市绿色低碳 没有怀柔区对应"]
    assert sum(datum.count for datum in drawn.data) == 87
    for datum in drawn.data:
        assert len(listed(engine, datum.query)) == datum.count


def test_no_figure_names_another_host(engine: Engine) -> None:
    for draw in DRAWN.values():
        text = draw(engine, measures(engine, Options()), View()).figure.to_json()
        assert "http" not in text and "map" not in {trace["type"] for trace in json.loads(text)["data"]}
