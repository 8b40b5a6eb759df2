"""台账 in a real browser: filtering, searching, sorting, links, files, figures, by mouse and by keyboard."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, Page, expect

from api import records
from rag.counterparts import THRESHOLD
from rag.engine import Engine
from rag.near import counterparts
from rag.options import Options
from tests.browser import Visit, axe

Open = Callable[..., Page]


@pytest.fixture
def register(visit: Visit, address: str) -> Open:
    """Open the register with a query, once its rows stand there."""

    def opened(query: str = "") -> Page:
        visit.page.goto(f"{address}/register?{query}")
        expect(visit.page.locator("#register-bar .count")).to_be_visible()
        return visit.page

    return opened


def total(page: Page, number: int) -> None:
    expect(page.locator("#register-bar .count")).to_have_text(f"共 {number} 条")


def ids(page: Page) -> list[str | None]:
    return [row.get_attribute("data-id") for row in page.locator("#register-table .entry").all()]


def expected(engine: Engine, sort: str = "", **conditions: list[str]) -> list[str]:
    return [record.id for record in records.every(engine, Options(**conditions), sort)]


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def choose(page: Page, name: str, typed: str) -> None:
    """Choose in a dropdown by keyboard."""
    box = page.locator(f"#register-{name} input")
    box.fill(typed)
    box.press("Enter")


KINDS = {"部门和职责": "department", "完成时限": "deadline", "部门协作": "together", "市区对应": "match"}


def figures(page: Page, kind: str = "部门和职责") -> Locator:
    """Open the figures, at one of them; it, drawn and ready to be clicked."""
    fold = page.get_by_role("button", name="图表")
    if not page.locator("#register-kind").is_visible():
        fold.click()
    page.get_by_role("radio", name=kind).check()
    drawn = page.locator("#register-drawn").locator("textarea, input")
    expect(drawn).to_have_value(re.compile(f"^{KINDS[kind]} "))
    expect(page.locator("#register-plot .js-plotly-plot[data-clickable]")).to_be_visible()
    return page.locator("#register-plot")


def test_all_measures_in_print_order_fifty_on_a_page(register: Open, engine: Engine) -> None:
    page, every = register(), expected(engine)
    total(page, 454)
    assert ids(page) == every[:50]
    page.get_by_role("button", name="下一页").click()
    expect(page.locator(".pager")).to_contain_text("第 51–100 条，共 454 条（第 2/10 页）")
    assert ids(page) == every[50:100]
    assert asked(page) == {"page": ["2"]}
    page.get_by_role("button", name="上一页").click()
    expect(page.locator(".pager")).to_contain_text("第 1–50 条")
    assert asked(page) == {}


def test_filters_narrow_and_chips_take_them_away(register: Open, engine: Engine) -> None:
    page = register()
    choose(page, "district", "延庆区")
    total(page, 234)
    choose(page, "department", "水务局")  # as people call it
    wanted = {"district": ["延庆区"], "department": ["水务局"]}
    total(page, len(expected(engine, **wanted)))
    choose(page, "role", "牵头")
    leads = expected(engine, **wanted, role=["lead"])
    total(page, len(leads))
    assert ids(page) == leads[:50]
    assert asked(page) == wanted | {"role": ["lead"]}
    page.get_by_role("button", name=re.compile("部门 水务局")).click()
    total(page, len(expected(engine, district=["延庆区"], role=["lead"])))
    expect(page.locator("#register-department")).not_to_contain_text("水务局")
    page.get_by_role("button", name="全部清除").click()
    total(page, 454)


def test_searched_words_are_lit(register: Open, engine: Engine) -> None:
    page = register()
    page.keyboard.press("/")
    page.keyboard.type("海绵 达标")
    page.keyboard.press("Enter")
    found = expected(engine, text=["海绵", "达标"])
    total(page, len(found))
    assert ids(page) == found
    assert set(page.locator("#register-table mark").all_inner_texts()) == {"海绵", "达标"}


def test_a_heading_sorts_by_keyboard_and_says_so(register: Open, engine: Engine) -> None:
    page = register("district=%E5%BB%B6%E5%BA%86")
    heading = page.get_by_role("button", name=re.compile("完成时限"))
    for sort, order in (("deadline", "ascending"), ("-deadline", "descending"), ("", "none")):
        heading.press("Enter")
        expect(page.get_by_role("columnheader", name="完成时限")).to_have_attribute("aria-sort", order)
        expect(heading).to_be_focused()  # though the table was made anew
        assert ids(page) == expected(engine, sort, district=["延庆区"])[:50]


def test_back_leads_to_the_view_before(register: Open, engine: Engine) -> None:
    page = register("district=延庆区")
    own = len(expected(engine, district=["延庆区"]))
    total(page, own)
    choose(page, "role", "牵头")
    page.wait_for_url("**role=lead**")
    page.go_back()
    total(page, own)
    assert asked(page) == {"district": ["延庆区"]}
    page.go_forward()
    page.wait_for_url("**role=lead**")


def test_a_link_shows_a_colleague_the_same(register: Open, visit: Visit, engine: Engine) -> None:
    page = register("district=怀柔&text=水&sort=-number&page=1")
    before = ids(page)
    assert before == expected(engine, "-number", district=["怀柔"], text=["水"])[:50]
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    other = visit.page.context.new_page()
    other.goto(link)
    expect(other.locator("#register-bar .count")).to_have_text(
        page.locator("#register-bar .count").inner_text()
    )
    assert ids(other) == before
    expect(other.locator("#register-district")).to_contain_text("怀柔区")
    assert other.locator("#register-text textarea, #register-text input").input_value() == "水"


def test_a_link_that_is_partly_wrong_shows_the_rest_and_says_what(register: Open) -> None:
    page = register("district=延庆&plan=<b>mars</b>&sort=x")
    expect(page.get_by_role("alert")).to_have_text("有的条件认不出，已略去：计划“<b>mars</b>”、排序“x”。")
    total(page, 234)


def test_nothing_found_is_said(register: Open) -> None:
    page = register("text=%3Cscript%3Ealert(1)%3C/script%3E")
    total(page, 0)
    expect(page.locator("#register-table")).to_contain_text("没有同时符合这些条件的措施")


def test_a_row_opens_in_full_with_its_source_and_its_counterpart(register: Open) -> None:
    page = register("id=hr-green-2026/11/1")
    more = page.locator(".entry .more")
    expect(more).to_be_hidden()
    page.get_by_role("button", name="〔怀柔绿色低碳·第11项〕").press("Enter")
    expect(more).to_contain_text("hr-green-2026.txt 第190行")
    expect(more).to_contain_text("（四）加强城市气候适应性建设")
    expect(more).to_contain_text("相似度 0.98")
    more.get_by_role("link", name="〔市绿色低碳·第13项〕").click()
    total(page, 2)
    assert ids(page) == ["bj-green-2026/13/1", "hr-green-2026/11/1"]


def test_inferred_parts_are_told(register: Open) -> None:
    page = register("id=bj-governance-2026/11/6")
    page.locator(".entry .open").click()
    expect(page.locator(".entry .more")).to_contain_text("部门各格与上一行合并，沿用上一行")


def taken(page: Page, name: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_files_hold_exactly_the_rows_of_the_view(register: Open, engine: Engine) -> None:
    page = register("district=延庆&department=水务局&sort=-deadline")
    wanted = expected(engine, "-deadline", district=["延庆"], department=["水务局"])
    assert len(wanted) > 50  # more than a page shows
    name, content = taken(page, "导出 Excel")
    assert re.fullmatch(r"台账-延庆区-水务局-\d{8}\.xlsx", name)
    heading, *rows = load_workbook(io.BytesIO(content))["措施"].values
    assert [row[heading.index("编号")] for row in rows] == wanted
    name, content = taken(page, "导出 CSV")
    assert name.endswith(".csv")
    read = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert [row["编号"] for row in read] == wanted


def test_the_file_of_two_hundred_chosen_rows(register: Open, engine: Engine) -> None:
    chosen = expected(engine)[100:340]
    page = register("&".join(f"id={quote(one)}" for one in chosen))
    total(page, 240)
    _, content = taken(page, "导出 CSV")
    read = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert [row["编号"] for row in read] == chosen


def test_a_click_on_a_bar_lists_just_its_measures_again_and_again(register: Open) -> None:
    page = register("district=延庆")
    plot = figures(page)
    plot.locator(".trace.bars").first.locator(".point path").first.click(force=True)
    first = asked_after(page, "id")
    total(page, len(first["id"]))
    assert first["district"] == ["延庆区"]
    # The figure was drawn anew for these rows: a click still leads on.
    before = page.url
    figures(page, "完成时限").locator(".trace.bars .point path").last.click(force=True)
    page.wait_for_url(lambda url: url != before)
    then = asked(page)
    total(page, len(then["id"]))
    assert set(then["id"]) < set(first["id"])


def asked_after(page: Page, name: str) -> dict[str, Any]:
    """What the address asks for as soon as it names `name`."""
    page.wait_for_url(re.compile(f"[?&]{name}="))
    return asked(page)


def test_a_cell_of_the_map_lists_what_two_departments_share(register: Open, engine: Engine) -> None:
    page = register("level=区")
    plot = figures(page, "部门协作")
    cell = plot.locator(".heatmap-label text").filter(has_text=re.compile(r"^\d+$")).first
    expect(cell).to_be_visible()
    number = int(cell.text_content() or "")
    cell.click(force=True)
    both = asked_after(page, "together")
    assert len(both["together"]) == 2
    total(page, number)
    assert len(expected(engine, **both)) == number


def test_the_threshold_says_how_many_have_a_counterpart(register: Open) -> None:
    page = register("district=怀柔")
    figures(page, "市区对应")
    words = page.locator("#register-words")
    expect(words).to_contain_text(
        "阈值 0.55 时，参与比较的 72 项区级措施中 71 项（列出）有对应的市级措施，1 项（列出）没有。"
    )
    assert words.locator(".pairs tbody tr").count() == 71
    slider = page.locator("#register-threshold input[type=number]")
    slider.fill("0.95")
    slider.press("Tab")
    expect(words).to_contain_text("阈值 0.95 时")
    words.locator("summary").click()
    words.get_by_role("link", name="怀柔绿色低碳 没有市级对应").click()
    expect(page.locator("#register-bar .chips")).to_contain_text("选定的")


def test_what_has_no_plan_at_the_other_level_is_not_compared_and_told(register: Open) -> None:
    page = register("district=延庆")
    figures(page, "市区对应")
    words = page.locator("#register-words")
    expect(words).to_contain_text("本库没有收市级污染防治计划，延庆污染防治不参与比较。")
    expect(words).to_contain_text("本库没有收市级指标计划，延庆指标不参与比较。")
    expect(words).to_contain_text("参与比较的 110 项区级措施")
    expect(page.locator("#register-plot .ytick")).to_have_text(["延庆绿色低碳", "延庆多元共治"])


def test_which_measures_of_the_city_a_district_has_not_taken_up(register: Open, engine: Engine) -> None:
    page = register("district=怀柔")
    figures(page, "市区对应")
    page.get_by_role("radio", name=re.compile("^市对区")).check()
    words = page.locator("#register-words")
    expect(words).to_contain_text("本库没有收怀柔区多元共治计划，市多元共治不参与比较。")
    expect(words).to_contain_text(
        re.compile("参与比较的 87 项市级措施中 75 项（列出）在怀柔区的计划中有对应的措施")
    )
    page.get_by_role("radio", name="延庆区").check()
    expect(words).to_contain_text("148 项市级措施中")
    page.get_by_role("radio", name="怀柔区").check()
    expect(words).to_contain_text("12 项（列出）没有")
    words.locator(".matched").get_by_role("link", name="列出").last.click()
    total(page, 12)
    nearest = counterparts(engine).nearest_in["怀柔区"]
    far = [one for one in expected(engine, plan=["bj-green-2026"]) if nearest[one].similarity < THRESHOLD]
    assert ids(page) == far
    _, content = taken(page, "导出 CSV")
    assert [row["编号"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))] == far


def test_a_figure_of_nothing_says_so_without_an_empty_frame(register: Open) -> None:
    page = register("level=市")
    page.get_by_role("button", name="图表").click()
    page.get_by_role("radio", name="市区对应").check()
    expect(page.locator("#register-words")).to_contain_text("当前条件下没有区级措施。")
    expect(page.locator("#register-plot")).to_be_hidden()
    page.get_by_role("radio", name=re.compile("^市对区")).check()
    expect(page.locator("#register-plot .js-plotly-plot")).to_be_visible()


def test_a_deadline_is_shown_as_it_was_understood(register: Open, engine: Engine) -> None:
    page = register()
    choose(page, "deadline", "6月")
    total(page, len(expected(engine, deadline=["6月底前"])))
    expect(page.locator("#register-bar .chip")).to_contain_text("完成时限 6月底前")
    expect(page.locator("#register-deadline .token")).to_have_text(re.compile("6月底前"))
    assert asked(page) == {"deadline": ["6月底前"]}


def test_enlarged_twice_the_filters_are_folded(browser: Browser, address: str) -> None:
    with browser.new_context(viewport={"width": 640, "height": 400}) as context:
        page = Visit(context).page
        page.goto(f"{address}/register?district=延庆")
        row = page.locator("#register-table .entry").first
        expect(row).to_be_in_viewport()
        expect(page.locator("#register-bar .chip")).to_contain_text("延庆区")
        expect(page.locator("#register-plan")).to_be_hidden()
        page.get_by_role("button", name="筛选条件").press("Enter")
        expect(page.locator("#register-plan")).to_be_visible()


def test_tab_goes_from_filter_to_filter(register: Open) -> None:
    page = register("department=水务局")
    page.locator("#register-text").locator("textarea, input").focus()
    for name in ("level", "district", "plan", "status", "department", "role", "together", "deadline"):
        while not page.evaluate(f"!!document.activeElement.closest('#register-{name}')"):
            before = page.evaluate("document.activeElement.closest('#register-filters') !== null")
            assert before, name
            page.keyboard.press("Tab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_in_light_and_dark(browser: Browser, address: str, scheme: Any) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme) as context:
        visit = Visit(context)
        visit.page.goto(f"{address}/register?district=怀柔&text=水")
        visit.page.locator(".entry .open").first.click()
        figures(visit.page, "市区对应")
        expect(visit.page.locator(".pairs")).to_be_visible()
        assert axe(visit.page) == []
        assert visit.outside(address) == []
        assert visit.errors == []


def test_on_a_telephone_nothing_is_wider_than_the_screen(browser: Browser, address: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True) as context:
        visit = Visit(context)
        page = visit.page
        page.goto(f"{address}/register?district=延庆")
        page.locator(".entry .open").first.click()
        figures(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert axe(page) == []
        assert visit.errors == []
