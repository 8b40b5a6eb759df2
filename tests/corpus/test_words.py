"""Departments, deadlines, places and normal forms."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.deadlines import looks_like_deadline, read_due
from corpus.departments import departments
from corpus.normal import normal, with_origin
from corpus.places import places


@pytest.mark.parametrize(
    ("pieces", "names"),
    [
        (["市规划自然资源委", "延庆分局", "区水务局"], ["市规划自然资源委延庆分局", "区水务局"]),
        (["市规划和自然资源", "委员会延庆分局"], ["市规划和自然资源委员会延庆分局"]),
        (["区城市管理指挥", "中心", "区信访办"], ["区城市管理指挥中心", "区信访办"]),
        (["区住房城乡建设委", "等部门"], ["区住房城乡建设委"]),
        (["区水务局、区财政局"], ["区水务局", "区财政局"]),
        (["——"], []),
        (["永宁镇", "区水务局"], ["永宁镇", "区水务局"]),
        (["区奇怪局", "区水务局"], ["区奇怪局", "区水务局"]),
        (["区水务局、区奇怪局"], ["区水务局", "区奇怪局"]),
        (["区水务局，区财政局"], ["区水务局", "区财政局"]),
        (
            ["区水务局", "区财政局", "区委生态文明委", "成员单位"],
            ["区水务局", "区财政局", "区委生态文明委成员单位"],
        ),
    ],
)
def test_a_cell_is_cut_into_its_names(pieces: list[str], names: list[str]) -> None:
    assert [name.printed for name in departments().split(pieces, "延庆区")] == names


@given(st.lists(st.sampled_from(["区水务局", "市规划自然资源委延庆分局", "各街乡镇", "区教委"]), unique=True))
def test_names_survive_being_broken_anywhere_known(names: list[str]) -> None:
    pieces = [piece for name in names for piece in name.replace("委延庆", "委 延庆").split()]
    assert [name.printed for name in departments().split(pieces, "延庆区")] == names


def test_a_stem_belongs_to_the_district_of_its_plan() -> None:
    lexicon = departments()
    assert [lexicon.resolve("区水务局", d) for d in ("延庆区", "怀柔区")] != [None, None]
    full = [body.name for d in ("延庆区", "密云区") if (body := lexicon.resolve("区水务局", d))]
    assert full == ["延庆区水务局", "密云区水务局"]
    assert lexicon.resolve("区水务局", "") is None


@pytest.mark.parametrize(
    ("printed", "start", "end"),
    [
        ("年底前", None, date(2026, 12, 31)),
        ("6月底前", None, date(2026, 6, 30)),
        ("10 月底", None, date(2026, 10, 31)),
        ("6-9月", date(2026, 6, 1), date(2026, 9, 30)),
        ("6—9月", date(2026, 6, 1), date(2026, 9, 30)),
        ("长期实施", date(2026, 1, 1), None),
        ("上半年", None, date(2026, 6, 30)),
        ("3月15日前", None, date(2026, 3, 15)),
        ("到2025年", None, date(2025, 12, 31)),
        ("2027年2月底前", None, date(2027, 2, 28)),
        ("6月30日", None, date(2026, 6, 30)),
        ("十月底前", None, date(2026, 10, 31)),
        ("6月中旬前", None, date(2026, 6, 20)),
        ("下半年", None, date(2026, 12, 31)),
        ("年内", None, date(2026, 12, 31)),
        ("5月1日至9月30日", date(2026, 5, 1), date(2026, 9, 30)),
    ],
)
def test_deadlines_become_dates(printed: str, start: date | None, end: date | None) -> None:
    (due,) = read_due(printed, 2026, "column")
    assert (due.start, due.end, due.printed) == (start, end, printed)


def test_what_is_no_date_in_a_text_gives_none() -> None:
    for text in (
        "2025年度执行报告按时提交率98%",
        "13月底前",
        "以3-5月为重点",
        "次年3月底前",
        "达到2025年水平",
    ):
        assert read_due(text, 2026, "text") == ()
    assert not looks_like_deadline("区水务局")


@given(st.text(max_size=80))
def test_the_way_back_from_a_normal_form_is_exact(printed: str) -> None:
    form = with_origin(printed)
    assert len(form.text) == len(form.origin)
    assert list(form.origin) == sorted(form.origin)
    assert normal(form.text) == normal(normal(form.text))


def test_places_know_districts_by_name_and_by_town() -> None:
    assert places().districts_in("延庆和怀柔区") == ["延庆区", "怀柔区"]
    assert places().districts_in("康庄镇的工地") == ["延庆区"]
    assert places().elsewhere_in("上海市的计划") == ["上海"]
