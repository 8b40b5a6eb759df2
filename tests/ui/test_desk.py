"""派单 in a real browser: a clerk with a citizen on the line, and no mouse."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import create_engine, text

from api.answering import Answering
from api.serving import NotReadyError
from api.state.entries import Asked
from rag.engine import Engine
from tests.browser import Visit, axe
from ui import desk
from ui.failures import failed

SMOKE = "我家楼下康安小区底商那家烧烤店天天冒油烟，昨晚十一点还在烤，电话13800138000"
FAN = "西城区月坛南街，我们单位食堂顶上的抽风机，正对着居民楼，噪音特别大，一天三顿饭的点儿都轰轰响"
WAGES = "老板拖欠我三个月工资不给"


@pytest.fixture
def page(visit: Visit, address: str) -> Iterator[Page]:
    opened(visit.page, address)
    yield visit.page


def opened(page: Page, address: str) -> None:
    page.goto(f"{address}/desk")
    expect(box(page)).to_be_focused()


def box(page: Page) -> Locator:
    return page.locator("#complaint textarea")


def result(page: Page) -> Locator:
    return page.locator("#result")


def dispatched(page: Page, complaint: str) -> Locator:
    """The card after Enter."""
    box(page).fill(complaint)
    box(page).press("Enter")
    expect(result(page)).to_be_focused()
    return result(page)


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_call_is_dispatched_by_keyboard_alone(page: Page) -> None:
    page.keyboard.type(FAN)  # the cursor is in the box
    page.keyboard.press("Enter")
    expect(result(page)).to_be_focused()
    candidate = page.locator(".candidate:visible")
    expect(candidate.locator("h2")).to_contain_text("候选1")
    lead = candidate.locator(".lead_responsible")
    expect(lead).to_contain_text("北京市生态环境局、相关区政府")
    expect(lead.locator(".beyond")).to_contain_text("原表另列北京经济技术开发区管委会")
    page.keyboard.press("2")
    expect(candidate.locator("h2")).to_contain_text("候选2")
    expect(page.locator("#live")).to_contain_text("候选2，共")
    shown = candidate.locator(".paste pre").inner_text()
    page.keyboard.press("c")
    expect(candidate.get_by_role("button", name="已复制")).to_be_visible()
    assert clipboard(page) == shown
    assert "交通噪声" in shown
    page.keyboard.press("Escape")
    expect(box(page)).to_be_focused()
    page.keyboard.type(WAGES)  # the text before was selected
    expect(box(page)).to_have_value(WAGES)
    page.keyboard.press("Enter")
    expect(page.locator(".none")).to_contain_text("没有直接对应的措施，不能据此派单")
    expect(page.locator("#live")).to_contain_text("不能据此派单")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()


def test_the_next_call_begins_at_its_first_candidate(page: Page) -> None:
    dispatched(page, FAN)
    page.keyboard.press("2")
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    box(page).fill(f"{FAN}，昨天又吵了一天")
    box(page).press("Enter")
    expect(page.locator(".candidate:visible pre")).to_contain_text("昨天又吵了一天")
    expect(page.locator(".candidate:visible h2")).to_contain_text("候选1")
    expect(page.locator(".choice[aria-pressed=true]")).to_contain_text("固定设备噪声")
    expect(page.get_by_role("button", name="已复制")).to_have_count(0)


def test_digits_and_letters_are_typed_into_the_box_while_it_has_the_cursor(page: Page) -> None:
    dispatched(page, FAN)
    page.keyboard.press("/")
    page.keyboard.type("2c/号楼")
    expect(box(page)).to_have_value("2c/号楼")
    expect(page.locator(".candidate:visible h2")).to_contain_text("候选1")


def test_numbers_of_persons_are_nowhere_in_the_result(page: Page) -> None:
    card = dispatched(page, SMOKE)
    assert "13800138000" not in card.evaluate("card => card.outerHTML")
    page.keyboard.press("C")
    expect(card.get_by_role("button", name="已复制")).to_be_visible()
    assert "【地点】康安小区底商" in clipboard(page)
    assert "牵头：延庆区生态环境局、延庆区商务局" in clipboard(page)
    expect(box(page)).to_have_value(SMOKE)


def test_where_no_measure_covers_it_there_is_a_text_to_copy_and_nobody_to_dispatch_to(page: Page) -> None:
    card = dispatched(page, WAGES)
    expect(card.locator(".candidate")).to_have_count(0)
    page.keyboard.press("c")
    expect(card.get_by_role("button", name="已复制")).to_be_visible()
    assert "【计划分工】计划中没有直接对应的措施，不能据此派单。" in clipboard(page)
    page.keyboard.press("1")  # nothing to choose
    expect(card).to_be_focused()


def test_copying_works_where_the_page_is_not_on_https(visit: Visit, address: str) -> None:
    visit.page.add_init_script("delete Navigator.prototype.clipboard")
    opened(visit.page, address)
    card = dispatched(visit.page, SMOKE)
    visit.page.keyboard.press("c")
    expect(card.get_by_role("button", name="已复制")).to_be_visible()
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("Control+V")
    assert "【诉求摘要】来电人反映：我家楼下康安小区底商" in box(visit.page).input_value()


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "还没有写诉求"), ("，" * 5000, "诉求有 5000 字，最多 2000 字"), ("😀😀", "没有可以检索的文字")],
)
def test_what_cannot_be_dispatched_is_said_and_stays_in_the_box(page: Page, typed: str, said: str) -> None:
    dispatched(page, SMOKE)
    box(page).fill(typed)
    box(page).press("Enter")
    expect(page.locator("#desk-notice [role=alert]")).to_contain_text(said)
    expect(box(page)).to_have_value(typed)
    expect(box(page)).to_be_focused()
    expect(result(page)).to_have_count(0)


def test_markup_in_a_complaint_is_shown_as_text(page: Page) -> None:
    typed = "延庆楼下<img src=x onerror=alert(1)>饭馆冒<b>油烟</b>，呛得慌</pre><script>alert(2)</script>"
    card = dispatched(page, typed)
    assert card.locator("img, script, b:not(.level):not(.what b):not(.place b)").count() == 0
    expect(card.locator(".paste pre:visible")).to_contain_text(
        "<img src=x onerror=alert(1)>饭馆冒<b>油烟</b>"
    )


def test_a_server_that_is_gone_is_said_and_the_text_stays(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page = Visit(context).page
        opened(page, address)
        dispatched(page, SMOKE)
        context.set_offline(True)
        box(page).fill(WAGES)
        box(page).press("Enter")
        expect(page.locator("#banner")).to_contain_text("暂时连不上服务")
        expect(box(page)).to_have_value(WAGES)
        context.set_offline(False)
        expect(page.locator("#banner")).to_contain_text("已重新连上")
        dispatched(page, WAGES)


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(page: Page) -> None:
    box(page).fill(SMOKE)
    enter = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true})"
    box(page).evaluate(f"box => box.dispatchEvent({enter})")
    box(page).press("End")
    expect(box(page)).to_have_value(SMOKE)
    expect(result(page)).to_have_count(0)


def test_a_rating_says_who_should_have_had_it(page: Page, state_url: str) -> None:
    card = dispatched(page, SMOKE)
    card.get_by_role("button", name="派得不对").click()
    expect(card.get_by_role("textbox", name="应派给哪个部门")).to_be_focused()
    page.keyboard.type("区城管执法局")
    page.keyboard.press("Enter")
    expect(card.get_by_text("已评：派得不对（应派给：区城管执法局）")).to_be_visible()
    expect(card).to_be_focused()
    with create_engine(state_url).connect() as connection:
        row = connection.execute(text("SELECT * FROM feedback ORDER BY id DESC LIMIT 1")).one()
        assert (row.thumb, row.reason) == ("down", "派单候选1不对；应派给：区城管执法局")
        assert row.ids == '["yq-pollution-2026/8/3"]'
        assert "13800138000" not in row.question


def test_a_rating_may_leave_out_why(page: Page, state_url: str) -> None:
    card = dispatched(page, SMOKE)
    card.get_by_role("button", name="派得不对").click()
    expect(card.get_by_role("textbox", name="应派给哪个部门")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.get_by_text("已评：派得不对")).to_be_visible()
    with create_engine(state_url).connect() as connection:
        row = connection.execute(text("SELECT * FROM feedback ORDER BY id DESC LIMIT 1")).one()
        assert (row.thumb, row.reason) == ("down", "派单候选1不对")


def test_a_dispatch_survives_a_reload_and_a_mere_draft_is_not_dispatched(page: Page) -> None:
    dispatched(page, SMOKE)
    page.reload()
    expect(result(page)).to_be_focused()
    expect(box(page)).to_have_value(SMOKE)
    box(page).fill(WAGES)
    page.reload()
    expect(box(page)).to_have_value(WAGES)
    expect(result(page)).to_have_count(0)


def test_what_of_a_person_is_left_out_is_said(page: Page) -> None:
    card = dispatched(page, f"我叫张建国，{SMOKE}")
    expect(card.locator(".candidate:visible .paste")).to_contain_text("来电人的姓名、电话没有写进派单文本。")
    assert "张建国" not in card.evaluate("card => card.outerHTML")


def test_the_row_of_the_plan_is_beside_its_departments(page: Page) -> None:
    card = dispatched(page, SMOKE)
    card.get_by_text("在原表中的整行").first.click()
    expect(card.locator("tbody.record:visible mark")).to_contain_text("餐饮油烟重点点位包案机制")


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
def test_the_page_fits_and_axe_finds_nothing_serious(
    browser: Browser, address: str, width: int, scheme: str
) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = Visit(context).page
        opened(page, address)
        assert axe(page) == []
        for complaint in (FAN, WAGES):
            dispatched(page, complaint)
            page.locator("#result summary").evaluate_all(
                "all => all.forEach(one => one.parentElement.open = true)"
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert axe(page) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [(NotReadyError("正在加载。"), "正在加载。"), (ZeroDivisionError("secret"), failed("派单"))],
)
def test_an_engine_that_is_not_there_is_one_sentence(error: Exception, said: str) -> None:
    def engine() -> Engine:
        raise error

    card, notice = desk.dispatching(Answering(engine))(SMOKE)
    assert said in notice
    assert "secret" not in notice + card


def test_a_dispatch_is_entered_in_the_audit_without_numbers_of_persons(engine: Engine) -> None:
    entries: list[Asked] = []

    class Log:
        def record(self, asked: Asked) -> None:
            entries.append(asked)

    desk.dispatching(Answering(lambda: engine, Log()))(SMOKE)
    (entry,) = entries
    assert (entry.via, entry.route, entry.refused) == ("page", "duty", False)
    assert "yq-pollution-2026/8/3" in entry.ids
    assert "13800138000" not in entry.question
