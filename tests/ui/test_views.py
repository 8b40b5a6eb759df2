"""A view of the register and the address that stands for it: one for the other, whatever the address says."""

from __future__ import annotations

import pytest

from api import records
from rag.engine import Engine
from rag.options import Options, listed_by
from ui.views import Read, View, read


def seen(engine: Engine, query: str) -> Read:
    return read(query, engine.store, engine.bodies)


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(Options(district=("延庆区",), text=("水", "PM2.5")), "-deadline", 3),
        View(Options(level=("区",), status=("draft",), role=("lead",), deadline=("2026-06", "未写明"))),
        View(Options(department=("水务局",), together=("延庆区生态环境局", "延庆区水务局")), "department"),
        View(Options(id=("hr-green-2026/11/1", "bj-eco-145/3.1.1/2"))),
    ],
)
def test_an_address_leads_back_to_its_view(engine: Engine, view: View) -> None:
    assert seen(engine, view.query()) == Read(view)
    assert seen(engine, "?" + view.query()) == Read(view)


def test_what_people_write_is_read_as_the_filters_know_it(engine: Engine) -> None:
    told = seen(engine, "level=市级&district=延庆&plan=延庆指标&status=征求意见稿&role=牵头&text=海绵 城市")
    assert told.problem == ""
    assert told.view.options == Options(
        level=("市",), district=("延庆区",), plan=("yq-indicators-2026",), status=("draft",),
        role=("lead",), text=("海绵", "城市"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("district=火星", "不认识“火星”"),
        ("plan=mars&district=延庆", "没有计划“mars”。现有：bj-green-2026（市绿色低碳）"),
        ("department=延庆水务处", "没有部门“延庆水务处”。相近的有：延庆区水务局"),
        ("deadline=改天", "看不懂时限“改天”"),
        ("deadline=2026-13", "“2026-13”不是有效的月份"),
        ("district=火星&plan=mars", "区“火星”、计划“mars”"),
        ("sort=colour", "排序“colour”"),
        ("page=-1", "页“-1”"),
        ("page=²", "页“²”"),
        ("colour=red", "colour“red”"),
        ("id=x/1/1", "没有编号为“x/1/1”"),
        ("role=%00%ff<script>", "没有角色“"),
        ("&".join(f"district=x{n}" for n in range(30)), "等 30 个"),
    ],
)
def test_what_is_not_known_is_left_out_and_named(engine: Engine, query: str, named: str) -> None:
    told = seen(engine, query)
    assert named in told.problem
    assert "已略去" in told.problem
    assert told.problem.endswith("。")
    assert told.view.options.district == (("延庆区",) if "延庆&" in query + "&" else ())
    records.every(engine, told.view.options, told.view.sort)


def test_a_chip_leads_to_the_view_without_it(engine: Engine) -> None:
    view = View(Options(district=("延庆区",), text=("水", "河")), "-plan", 2)
    chips = {chip.words: seen(engine, chip.without).view for chip in view.chips(engine.store)}
    assert chips == {
        "延庆区": View(Options(text=("水", "河")), "-plan"),
        "“水”": View(Options(district=("延庆区",), text=("河",)), "-plan"),
        "“河”": View(Options(district=("延庆区",), text=("水",)), "-plan"),
    }


def test_many_ids_are_one_chip(engine: Engine) -> None:
    view = View(Options(id=engine.store.ids[:200]))
    (chip,) = view.chips(engine.store)
    assert (chip.words, chip.without) == ("选定的 200 条", "")
    assert seen(engine, view.query()) == Read(view)


def test_a_heading_sorts_up_then_down_then_not() -> None:
    orders = [view := View(page=4)]
    orders += [view := view.sorted_by("deadline") for _ in range(3)]
    assert [(one.sort, one.page) for one in orders] == [("", 4), ("deadline", 1), ("-deadline", 1), ("", 1)]


@pytest.mark.parametrize(
    ("typed", "kept", "words"),
    [
        ("6月", "6月底前", "6月底前"),
        ("2026-06-30", "6月底前", "6月底前"),
        ("2026-06-15", "6月15日前", "6月15日前"),
        ("12月", "年底前", "年底前"),
        ("2025年底前", "2025年底前", "2025年底前"),
        ("上半年", "6月底前", "6月底前"),
        ("2026-06", "2026-06", "2026年6月内"),
        ("6-9月", "6-9月", "6-9月"),
        ("长期实施", "长期实施", "长期实施"),
        ("未写明", "未写明", "未写明"),
    ],
)
def test_a_deadline_is_told_as_it_was_understood(engine: Engine, typed: str, kept: str, words: str) -> None:
    view = seen(engine, f"deadline={typed}").view
    assert view.options.deadline == (kept,)
    assert [chip.words for chip in view.chips(engine.store)] == [words]
    as_typed, as_kept = Options(deadline=(typed,)), view.options
    assert listed_by(as_typed, engine.store, engine.bodies) == listed_by(as_kept, engine.store, engine.bodies)
