"""计划 in a real browser: an admin adds the plan of a new district, and asks about it in the same minute."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.access.policy import Policy
from api.context import Standing
from index.embedding import Encoder
from tests.browser import Visit, axe
from tests.haidian import HAIDIAN, TITLE
from tests.held import Office, office
from tests.published import write_plan


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, index_dir: Path, encoder: Encoder) -> Iterator[Office]:
    """A service for one module, its pages with it."""
    with office(tmp_path_factory.mktemp("office"), index_dir, encoder, pages=True) as running:
        yield running


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan as a Word document."""
    return write_plan(tmp_path_factory.mktemp("published") / "海淀区2026年行动计划.docx", HAIDIAN)


@pytest.fixture
def page(browser: Browser, running: Office) -> Iterator[Page]:
    """The page in the hands of an admin, who asked no other host."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        visit = Visit(context)
        opened(visit.page, running)
        yield visit.page
        assert visit.outside(running.url) == []
    with running.client() as client:
        for upload in client.get("/v1/plans/uploads").json()["items"]:
            client.delete(f"/v1/plans/uploads/{upload['token']}")


def opened(page: Page, running: Office) -> None:
    page.goto(f"{running.url}/plans")
    expect(page.locator("table.held")).to_be_visible()


def chosen(page: Page, *files: Path) -> None:
    """Choose files as through the button."""
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="选择文件").click()
    choosing.value.set_files([*files])


def card(page: Page, name: str) -> Locator:
    return page.locator(".upload", has=page.get_by_role("heading", name=name))


def silent(published: Path) -> Path:
    """The plan as a page that says no year, with a column and a department that nobody knows."""
    path = write_plan(published.with_name("无年.html"), HAIDIAN)
    text = path.read_text(encoding="utf-8").replace("2026年", "").replace("牵头部门", "承办处室")
    text = text.replace("各街镇", "区试验工作专班")
    path.write_text(text, encoding="utf-8")
    return path


def archive(published: Path) -> Path:
    """A zip that somebody called a Word document."""
    path = published.with_name("假的.docx")
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.txt", "x")
    return path


def test_files_that_cannot_be_read_stop_no_others_and_what_is_silent_is_asked(
    page: Page, published: Path
) -> None:
    chosen(page, archive(published), silent(published), published)
    expect(card(page, "假的.docx").get_by_role("alert")).to_contain_text("内容却是普通压缩包")
    card(page, "假的.docx").get_by_role("button", name="知道了").click()
    expect(card(page, "假的.docx")).to_have_count(0)
    expect(card(page, published.name).get_by_role("button", name="确认加入")).to_be_enabled()
    asking = card(page, "无年.html")
    expect(asking.get_by_role("button", name="确认加入")).to_be_disabled()
    asking.get_by_label("“承办处室”是什么").select_option("牵头部门")
    asking.get_by_role("button", name="提交回答").click()
    expect(asking.get_by_text("这是哪一年的计划")).to_be_visible()
    asking.get_by_label("年度（首年）").fill("2025")
    asking.get_by_role("button", name="提交回答").click()
    expect(asking.get_by_label("编号")).to_have_value("hd-green-2025")
    expect(asking.locator(".report")).to_contain_text("区试验工作专班")
    together = page.get_by_role("button", name="2 份全部确认")
    expect(together).to_be_visible()
    expect(asking.get_by_role("button", name="确认加入")).to_be_enabled()
    asking.get_by_label("简称").fill("海淀去年")
    asking.get_by_role("button", name="确认加入").click()  # what nobody has seen is not added
    expect(asking.get_by_text("请再看一遍，然后确认")).to_be_visible()
    expect(asking.get_by_label("简称")).to_have_value("海淀去年")
    page.reload()
    expect(asking.get_by_label("简称")).to_have_value("海淀去年")
    expect(together).to_be_visible()
    asking.get_by_role("button", name="放弃").click()
    expect(asking).to_have_count(0)
    expect(together).to_be_hidden()


def test_a_row_is_shown_beside_the_place_it_came_from(page: Page, published: Path) -> None:
    chosen(page, published)
    found = card(page, published.name)
    expect(found.locator(".report")).to_contain_text("任务 6 项、措施 10 条")
    expect(found.locator(".parsed tbody tr")).to_have_count(10)
    measure = HAIDIAN.measures[5].text
    found.locator(".parsed tr", has_text=measure).click()
    source = found.locator(".source")
    expect(source.locator("tr.marked")).to_contain_text(measure)
    expect(source.locator("th").first).to_have_text("序号")
    page.keyboard.press("Tab")
    found.get_by_role("button", name="第1项第1条").focus()
    page.keyboard.press("ArrowDown")
    expect(found.get_by_role("button", name="第1项第2条")).to_be_focused()
    expect(source.locator("tr.marked")).to_contain_text(HAIDIAN.measures[1].text)


def test_a_plan_is_added_and_asked_about_in_the_same_minute(
    page: Page, running: Office, published: Path
) -> None:
    started = time.monotonic()
    chosen(page, published)
    card(page, published.name).get_by_role("button", name="确认加入").click()
    done = page.locator(".upload.done")
    expect(done).to_contain_text(f"已加入《{TITLE}》")
    row = page.locator("tr[data-plan=hd-green-2026]")
    expect(row).to_contain_text("10 条")
    assert axe(page) == []
    with page.expect_download() as taken:
        row.get_by_role("link", name="下载海淀绿色低碳的原件").click()
    assert Path(taken.value.path()).read_bytes() == published.read_bytes()
    done.get_by_role("link", name="问一问").click()
    expect(page.locator("article.turn .answer")).to_contain_text("海淀绿色低碳")
    page.locator("#question textarea").fill("海淀区新增屋顶光伏装机容量的目标是多少？")
    page.keyboard.press("Enter")
    answer = page.locator("article.turn .answer").nth(1)
    expect(answer).to_contain_text("1.5万千瓦")
    expect(page.locator("#evidence tbody.record")).to_contain_text("新增屋顶光伏装机容量")
    expect(page.locator("#evidence")).to_contain_text(published.name)
    assert time.monotonic() - started < 60

    opened(page, running)
    row.get_by_role("button", name="停用").click()
    page.get_by_role("button", name="取消").click()
    expect(row).to_contain_text("现行")
    row.get_by_role("button", name="停用").click()
    page.get_by_role("button", name="确定").click()
    expect(row.get_by_role("button", name="恢复")).to_be_focused()
    expect(row).to_contain_text("停用")
    with page.expect_file_chooser() as choosing:
        row.get_by_role("button", name="替换").click()
    choosing.value.set_files(published)
    expect(card(page, published.name)).to_contain_text("编号不变")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_page_fits_and_axe_finds_nothing_serious(
    browser: Browser, running: Office, published: Path, width: int, scheme: str
) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = Visit(context).page
        opened(page, running)
        chosen(page, archive(published), silent(published))
        expect(card(page, "无年.html").locator(".asked")).to_be_visible()
        assert axe(page) == []
        asking = card(page, "无年.html")
        asking.get_by_label("“承办处室”是什么").select_option("牵头部门")
        asking.get_by_role("button", name="提交回答").click()
        asking.get_by_label("年度（首年）").fill("2024")
        asking.get_by_role("button", name="提交回答").click()
        expect(asking.locator("tr.marked")).to_be_visible()
        page.locator(".upload summary").evaluate_all(
            "all => all.forEach(one => one.parentElement.open = true)"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe(page) == []
        asking.get_by_role("button", name="放弃").click()
        expect(asking).to_have_count(0)


def test_readers_neither_see_the_page_in_the_head_nor_get_anything_from_it(
    browser: Browser, tmp_path: Path, index_dir: Path, encoder: Encoder
) -> None:
    with office(tmp_path, index_dir, encoder, policy=Policy(local=False), pages=True) as closed:
        soon = datetime.now(UTC) + timedelta(days=1)
        keys = {s: closed.kept.keys.create("钥匙", s, soon)[1] for s in Standing}
        for standing, shown in ((Standing.READER, False), (Standing.ADMIN, True)):
            with browser.new_context() as context:
                page = context.new_page()
                page.goto(f"{closed.url}/login")
                page.locator("[name=key]").fill(keys[standing])
                page.keyboard.press("Enter")
                expect(page.locator("#question textarea")).to_be_visible()
                expect(page.locator("#top nav").get_by_role("link", name="计划")).to_be_visible(visible=shown)
                page.goto(f"{closed.url}/plans")
                expect(page.locator("#plans-open")).to_be_visible(visible=shown)
                if not shown:
                    expect(page.locator("#plans-closed")).to_contain_text("这一页只对管理员开放")
                    expect(page.get_by_role("link", name="用管理员的密钥登录")).to_be_visible()


def test_a_second_confirmation_while_the_first_runs(page: Page, published: Path, running: Office) -> None:
    """Each of two cards says of its own that it was added, whichever is first."""
    files = []
    for district in ("密云", "通州"):
        measures = tuple(replace(m, roles={"lead": (f"{district}公安分局",)}) for m in HAIDIAN.measures[:3])
        plan = replace(HAIDIAN, title=TITLE.replace("海淀", district), measures=measures)
        files.append(write_plan(published.with_name(f"{district}区.docx"), plan))
    chosen(page, *files)
    confirms = [card(page, file.name).get_by_role("button", name="确认加入") for file in files]
    for confirm in confirms:
        expect(confirm).to_be_enabled(timeout=10_000)
    for confirm in confirms:
        confirm.click()
    expect(page.locator(".upload.done")).to_have_count(2, timeout=60_000)
    expect(page.locator(".upload:not(.done)")).to_have_count(0)
