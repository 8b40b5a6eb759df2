"""The page 评测 in a real browser: the newest report, and a run of one's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from eval.questions import BUNDLED, read_questions
from eval.records import write_record
from eval.runner import record, run_system
from eval.systems import EngineSystem
from rag.engine import Engine
from tests.api.serving import served, wait_ready
from tests.browser import Visit, axe
from ui.benchmark_runs import RunError, Runs, chosen
from ui.house import House
from ui.site import mount


@pytest.fixture(scope="module")
def measured(engine: Engine) -> dict[str, Any]:
    """A record of some forty questions: every thirtieth, and those that are known to be hard."""
    dev = read_questions(BUNDLED / "dev.jsonl")
    ran = run_system("default", EngineSystem(engine), dev, engine.grounding, {})
    wrong = {result["id"] for result in ran["results"] if not result["right"]}
    few = [question for n, question in enumerate(dev) if n % 30 == 0 or question.id in wrong]
    config = run_system("default", EngineSystem(engine), few, engine.grounding, {})
    manifest = engine.index.manifest
    about = {"built_at": manifest.built_at, "records": manifest.records}
    return record([config], "dev", None, about)


@pytest.fixture(scope="module")
def reports(measured: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    write_record(measured, folder)
    return folder


@contextmanager
def serving(engine: Engine, reports: Path, *, queued: bool = True) -> Iterator[str]:
    app = create_app(lambda: engine)
    with served(mount(app, House(app.state.answering, queued=queued, reports=reports))) as url:
        wait_ready(url)
        yield url


@pytest.fixture(scope="module")
def house(engine: Engine, reports: Path) -> Iterator[str]:
    with serving(engine, reports) as url:
        yield url


# Keeps each value that the progress bar is seen with.
SEEN = """() => {
  window.seen = new Set();
  const look = () => {
    const bar = document.querySelector("[role=progressbar]");
    if (bar) window.seen.add(bar.getAttribute("aria-valuenow"));
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
}"""
Opens = Callable[..., Page]


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opens]:
    """Opens the page at an address; what it asked of others, and its script errors, are none at the end."""
    visits: list[tuple[Visit, str]] = []

    def opened(url: str, width: int = 1280, scheme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        visits.append((Visit(context), url))
        page = visits[-1][0].page
        page.goto(f"{url}/evaluation")
        expect(page.locator("#latest")).to_contain_text("最近一次")
        return page

    yield opened
    for visit, url in visits:
        assert visit.outside(url) == []
        assert visit.errors == []
        visit.page.context.close()


def choose(page: Page, box: str, option: str) -> None:
    page.locator(f"#{box} input").click()
    page.get_by_role("option", name=re.compile(option)).click()


def test_the_newest_report_stands_on_the_page(opens: Opens, house: str, measured: dict[str, Any]) -> None:
    page = opens(house)
    results = measured["configs"][0]["results"]
    right = sum(result["right"] for result in results)
    latest = page.locator("#latest")
    expect(latest.locator(".big")).to_contain_text(f"{100 * right / len(results):.1f}%")
    expect(latest.locator(".big")).to_contain_text(f"{len(results)} 题中 {right} 题；95% 区间")
    expect(latest.locator("dl")).to_contain_text(f"开发集，{len(results)} 题")
    expect(latest.locator("dl")).to_contain_text("索引624 条")
    categories = {result["category"] for result in results}
    expect(latest.locator("table.bars tbody tr")).to_have_count(len(categories))
    expect(latest.locator("table.metrics")).to_contain_text("数字、期限、部门都在所引原文里找得到的句子")
    wrong = next(r for r in results if not r["right"] and r["gold"])
    expect(latest.locator("li.asked")).to_have_count(min(10, len(results) - right))
    expect(latest.locator("li.asked .missing").first).to_contain_text("漏引")
    assert wrong["gold"][0] not in latest.inner_text()  # labels, not ids


def test_the_whole_report_opens_and_its_own_script_runs(opens: Opens, house: str) -> None:
    page = opens(house)
    with page.expect_popup() as opening:
        page.get_by_role("link", name="查看完整报告").click()
    report = opening.value
    expect(report.locator("h1")).to_have_text("问策评测报告")
    report.locator("#filter [name=verdict]").select_option("0")  # shown by the script alone
    expect(report.locator("#filter output")).to_have_text(re.compile(r"^\d+ / \d+ 题$"))
    policy = httpx.get(f"{house}/evaluation/report", trust_env=False).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox allow-scripts" in policy


def test_a_category_runs_with_its_progress_and_its_results(opens: Opens, house: str) -> None:
    page = opens(house)
    page.evaluate(SEEN)
    choose(page, "category", "全部类别")
    page.locator("#start").click()
    expect(page.locator("#stop")).to_be_enabled()
    expect(page.locator("#results li.asked").first).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("评测完成", timeout=60_000)
    assert len(page.evaluate("[...window.seen]")) > 2
    expect(page.locator("#progress")).to_contain_text("716 / 716 题")
    expect(page.locator("#start")).to_be_enabled()
    expect(page.locator("#results")).to_contain_text("答错的题")
    first = page.locator("#results li.asked").first
    expect(first).to_contain_text("ms")
    asked = first.get_by_role("link")
    assert asked.get_attribute("href", timeout=1000).startswith("./?q=%")  # type: ignore[union-attr]
    expect(page.locator("#trial [role=alert]")).to_have_count(0)


def test_a_run_is_stopped_and_another_may_begin(opens: Opens, house: str) -> None:
    page = opens(house)
    choose(page, "category", "全部类别")
    page.locator("#start").click()
    page.locator("#stop").click()
    expect(page.locator("#progress")).to_contain_text("已停止")
    choose(page, "category", "指标表")
    choose(page, "count", "10 题")
    page.locator("#start").click()
    expect(page.locator("#progress")).to_contain_text("评测完成 指标表 10 / 10 题")


def test_it_runs_whole_where_nothing_can_stream(opens: Opens, engine: Engine, reports: Path) -> None:
    with serving(engine, reports, queued=False) as url:
        page = opens(url)
        choose(page, "category", "是否")
        page.locator("#start").click()
        expect(page.locator("#progress")).to_contain_text("评测完成 是否 19 / 19 题")
        expect(page.locator("#start")).to_be_enabled()


def test_without_a_report_the_page_says_how_to_make_one(opens: Opens, engine: Engine, tmp_path: Path) -> None:
    with serving(engine, tmp_path) as url:
        page = opens(url)
        expect(page.locator("#latest")).to_contain_text(f"wence eval run --out {tmp_path}")
        missing = httpx.get(f"{url}/evaluation/report", trust_env=False)
        assert missing.status_code == 404
        assert "还没有评测报告" in missing.text
        (tmp_path / "record.json").write_text("{}", encoding="utf-8")
        page.reload()
        expect(page.get_by_role("alert")).to_contain_text("读不出来")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_fits_and_axe_finds_nothing_serious(
    opens: Opens, house: str, width: int, scheme: str
) -> None:
    page = opens(house, width, scheme)
    choose(page, "category", "有歧义")
    page.locator("#start").click()
    expect(page.locator("#progress")).to_contain_text("评测完成")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


def test_only_one_run_goes_on_at_a_time(engine: Engine) -> None:
    runs = Runs()
    run = runs.start(engine, "", 0)
    with pytest.raises(RunError, match="另一次评测正在进行"):
        runs.start(engine, "fact", 1)
    runs.stop("another's")
    assert run.going
    runs.stop(run.id)
    *_, last = run.watch()
    assert last.state == "stopped"
    assert last.done < last.total
    *_, last = runs.start(engine, "fact", 5).watch()
    assert (last.state, last.done, last.metrics["headline"]["n"]) == ("finished", 5, 5)


def test_a_run_takes_no_longer_than_it_may(engine: Engine) -> None:
    *_, last = Runs().start(engine, "", 0, within_s=0.0).watch()
    assert (last.state, last.done) == ("stopped", 1)


def test_questions_are_of_the_category_and_spread_over_the_file() -> None:
    facts = [question for question in read_questions(BUNDLED / "dev.jsonl") if question.category == "fact"]
    few = chosen("fact", 10)
    assert len(few) == len({question.id for question in few}) == 10
    assert few[0] == facts[0]
    assert facts.index(few[-1]) > len(facts) * 0.8
    assert chosen("fact", 0) == facts
    with pytest.raises(RunError, match="没有这个类别"):
        chosen("nothing", 5)
