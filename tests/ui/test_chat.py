"""问答 in a real browser."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import create_engine, text

from rag.engine import Engine
from tests.browser import Visit, axe

FIGURE = "延庆区今年PM2.5目标是多少？"
BOTH = "海绵城市达标面积比例，市里和怀柔各是多少？"
LONG_LIST = "市生态环境局牵头的措施有哪些？"


@pytest.fixture
def page(visit: Visit, address: str) -> Iterator[Page]:
    visit.page.goto(address)
    box(visit.page).wait_for()
    visit.page.locator(".chip").first.wait_for()
    yield visit.page


def box(page: Page) -> Locator:
    return page.locator("#question textarea")


def ask(page: Page, question: str) -> Locator:
    """Ask, and wait for the answer: its turn."""
    turns = page.locator("article.turn")
    before = turns.count()
    box(page).fill(question)
    box(page).press("Enter")
    expect(turns).to_have_count(before + 1)
    return turns.last


def downloaded(page: Page, button: Locator) -> tuple[str, bytes]:
    with page.expect_download() as waited:
        button.click()
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()


def test_a_label_opens_its_row_with_the_quote_lit(page: Page) -> None:
    turn = ask(page, "怀柔区海绵城市达标面积比例是多少？")
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()
    turn.locator("a.cite", has_text="〔怀柔绿色低碳·第11项〕").click()
    row = page.locator("#evidence tbody.lit")
    expect(row.locator("mark")).to_have_text("持续开展海绵城市建设，建成区海绵城市达标面积比例达到44%")
    expect(row).to_contain_text("一、应对气候变化 › （四）加强城市气候适应性建设")
    expect(row).to_contain_text("hr-green-2026.txt 第190行")
    expect(row.locator("[data-column='牵头部门/主责单位']")).to_have_attribute("colspan", "2")
    sheet = page.locator("#evidence .sheet")
    expect(sheet.locator("h3")).to_have_text("怀柔区加快绿色低碳转型2026年行动计划 正式")
    headings = ["序号", "重点任务", "工作措施", "完成时限", "牵头部门", "主责单位", "协办单位"]
    expect(sheet.locator("th")).to_have_text(headings)


def test_an_indicator_is_shown_in_its_own_columns_and_as_a_draft(page: Page) -> None:
    ask(page, FIGURE)
    expect(page.locator("#evidence .status")).to_have_text("征求意见稿")
    expect(page.locator("#evidence [data-column=年终目标] mark")).to_have_text("26微克/立方米")


def test_an_older_answer_gets_its_rows_back(page: Page) -> None:
    first = ask(page, BOTH)
    expect(page.locator("table.compared tbody tr")).to_have_count(2)
    ask(page, "谁牵头？")
    ask(page, FIGURE)
    expect(page.locator("table.compared")).to_have_count(0)
    first = page.locator("article.turn").first
    first.locator("a.cite", has_text="怀柔绿色低碳").first.click()
    expect(page.locator("tbody.lit")).to_contain_text("〔怀柔绿色低碳·第11项〕")
    expect(page.locator("table.compared tbody tr")).to_have_count(2)


def test_earlier_questions_are_understood_with_the_next_and_follow_ups_are_a_click(page: Page) -> None:
    ask(page, "怀柔区海绵城市达标面积比例是多少？")
    expect(ask(page, "谁牵头？")).to_contain_text("〔怀柔绿色低碳·第11项〕")
    chips = page.locator("article.turn").last.locator(".next .chip")
    offered = chips.first.inner_text()
    chips.first.click()
    expect(page.locator("article.turn h3.asked").last).to_have_text(offered)
    expect(page.locator("article.turn").last.locator("a.cite").first).to_be_visible()


def test_a_link_asks_a_question_after_its_earlier_ones(visit: Visit, address: str) -> None:
    visit.page.goto(f"{address}/?h=怀柔区海绵城市达标面积比例是多少？&q=谁牵头？")
    expect(visit.page.locator("article.turn h3")).to_have_text(
        ["怀柔区海绵城市达标面积比例是多少？", "谁牵头？"]
    )
    expect(visit.page.locator("article.turn").last).to_contain_text("〔怀柔绿色低碳·第11项〕")
    assert visit.page.url == f"{address}/"


def test_an_example_is_a_click_and_a_refusal_cites_nothing(page: Page) -> None:
    page.get_by_role("button", name="上海的无废城市谁负责？").click()
    expect(page.locator("article.turn")).to_contain_text("本库没有上海的计划")
    expect(page.locator("#evidence")).to_contain_text("没有引用")
    expect(box(page)).to_be_focused()


def test_markup_in_a_question_is_shown_as_text(page: Page) -> None:
    typed = "<img src=x onerror='document.title=1'><b>谁</b>牵头**秸秆**焚烧？"
    typed += "&lt;<script>alert(2)</script>${1+1}{{7}}"
    turn = ask(page, typed)
    expect(turn.locator("h3")).to_have_text(typed)
    assert page.locator("#log").locator("img, b, script").count() == 0
    assert page.title() == "问答 · 问策"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "问题是空的"), ("字" * 5_000, "问题有 5000 字"), ("😀😀", "没有可以检索的文字")],
)
def test_what_cannot_be_asked_is_said_and_stays_in_the_box(page: Page, typed: str, said: str) -> None:
    box(page).fill(typed)
    box(page).press("Enter")
    expect(page.locator("#notice")).to_contain_text(said)
    expect(box(page)).to_have_value(typed)
    expect(page.locator("article.turn")).to_have_count(0)
    ask(page, FIGURE)
    expect(page.locator("#notice [role=alert]")).to_have_count(0)


def test_a_scope_narrows_the_answer_and_is_said_with_it(page: Page) -> None:
    page.locator("#scope button").first.click()
    page.locator("#scope-district input").click()
    page.get_by_role("option", name="怀柔区").click()
    expect(page.locator("#scope")).to_contain_text("检索范围：怀柔区")
    turn = ask(page, "海绵城市达标面积比例是多少？")
    expect(turn).to_contain_text("检索范围：怀柔区")
    expect(page.locator("#evidence .sheet h3")).to_have_text("怀柔区加快绿色低碳转型2026年行动计划 正式")


def test_the_conversation_and_a_draft_outlive_a_reload_until_they_are_cleared(page: Page) -> None:
    ask(page, FIGURE)
    box(page).fill("接着想问的")
    page.reload()
    expect(page.locator("article.turn")).to_contain_text("26微克/立方米")
    expect(page.locator("#evidence tbody.record")).to_have_count(1)
    expect(box(page)).to_have_value("接着想问的")
    page.get_by_role("button", name="清空对话").click()
    expect(page.locator("article.turn")).to_have_count(0)
    page.reload()
    page.locator(".chip").first.wait_for()
    expect(page.locator("article.turn")).to_have_count(0)


def test_a_second_tab_takes_up_what_was_asked_in_the_first(page: Page, address: str) -> None:
    second = page.context.new_page()
    second.goto(address)
    second.locator(".chip").first.wait_for()
    ask(page, FIGURE)
    second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it is looked at again
    expect(second.locator("article.turn")).to_contain_text("26微克/立方米")
    ask(second, "谁牵头？")


def test_a_count_says_where_its_measures_are_and_claims_no_list(page: Page, engine: Engine) -> None:
    whole = len(engine.ask("全市有多少项措施？").citations)
    turn = ask(page, "全市有多少项措施？")
    expect(turn.locator(".answer .meta")).to_have_text(f"全部 {whole} 条见右侧表格，可导出。")


def test_a_rating_with_its_reasons_is_in_the_state_database(page: Page, state_url: str) -> None:
    turn = ask(page, "怀柔区海绵城市达标面积比例是多少？我的电话13800138000")
    turn.get_by_role("button", name="有误……").click()
    turn.get_by_role("checkbox", name="不完整").check()
    turn.get_by_role("textbox", name="说明").fill("没有写明由谁牵头")
    turn.get_by_role("button", name="提交").click()
    expect(page.locator("article.turn .rated")).to_have_text("已评：有误（不完整；没有写明由谁牵头）")
    page.reload()
    expect(page.locator("article.turn .rated")).to_have_count(1)
    second = ask(page, FIGURE)
    second.get_by_role("button", name="准确").click()
    expect(page.locator("article.turn .rated")).to_have_count(2)
    with create_engine(state_url).connect() as connection:
        rows = connection.execute(text("SELECT * FROM feedback ORDER BY id DESC LIMIT 2")).all()
        assert [row.thumb for row in rows] == ["up", "down"]
        assert rows[1].reason == "不完整；没有写明由谁牵头"
        assert "13800138000" not in rows[1].question
        assert rows[1].ids == '["hr-green-2026/11/1"]'
        assert len(rows[1].request) == 32  # the one under which the audit has the question


def test_a_rating_can_be_taken_back(page: Page, state_url: str) -> None:
    turn = ask(page, "延庆区森林覆盖率要达到多少？")
    turn.get_by_role("button", name="准确").click()
    turn.get_by_role("button", name="撤回").click()
    expect(turn.get_by_role("button", name="准确")).to_be_visible()
    with create_engine(state_url).connect() as connection:
        left = "SELECT count(*) FROM feedback WHERE question = '延庆区森林覆盖率要达到多少？'"
        assert connection.execute(text(left)).scalar_one() == 0


def test_an_answer_is_copied_with_its_sources_in_official_style(page: Page) -> None:
    ask(page, BOTH).get_by_role("button", name="复制").click()
    expect(page.get_by_role("button", name="已复制，含依据")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "均为44%［1］［2］。" in copied
    assert "［2］《怀柔区加快绿色低碳转型2026年行动计划》第11项" in copied


def test_copying_works_where_the_page_is_not_on_https(visit: Visit, address: str) -> None:
    visit.page.add_init_script("delete Navigator.prototype.clipboard")
    visit.page.goto(address)
    box(visit.page).wait_for()
    ask(visit.page, BOTH).get_by_role("button", name="复制").click()
    box(visit.page).focus()
    visit.page.keyboard.press("Control+V")
    assert "［2］《怀柔区加快绿色低碳转型2026年行动计划》第11项" in box(visit.page).input_value()


def test_the_conversation_is_taken_away_as_docx(page: Page) -> None:
    ask(page, BOTH)
    name, content = downloaded(page, page.get_by_role("button", name="导出对话（docx）"))
    assert name.endswith(".docx")
    said = "\n".join(paragraph.text for paragraph in Document(BytesIO(content)).paragraphs)
    assert BOTH in said
    assert "《怀柔区加快绿色低碳转型2026年行动计划》第11项" in said


def test_a_long_list_shows_counts_the_first_rows_and_the_whole(page: Page, engine: Engine) -> None:
    whole = [citation.label for citation in engine.ask(LONG_LIST).citations]
    assert len(whole) > 20
    turn = ask(page, LONG_LIST)
    expect(turn.locator(".answer a.cite")).to_have_count(20)
    expect(turn.locator(".answer .meta")).to_contain_text(f"全部 {len(whole)} 条")
    expect(page.locator("#evidence tbody.record")).to_have_count(len(whole))
    expect(page.locator("#evidence details.rest tbody.record").first).not_to_be_visible()
    page.locator("#evidence details.rest summary").click()
    expect(page.locator("#evidence details.rest tbody.record").last).to_be_visible()
    _, content = downloaded(page, page.get_by_role("button", name="导出全部（xlsx）"))
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert sorted(row[rows[0].index("标签")] for row in rows[1:]) == sorted(whole)


def test_everything_is_there_by_keyboard(page: Page) -> None:
    page.keyboard.type(FIGURE)  # the cursor is in the box
    page.keyboard.press("Enter")
    expect(page.locator("article.turn")).to_have_count(1)
    page.keyboard.press("ArrowUp")
    expect(box(page)).to_have_value(FIGURE)
    box(page).fill("")
    box(page).blur()
    page.keyboard.press("1")
    expect(page.locator("#row-1.lit")).to_be_focused()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    box(page).blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("打开最近答复的第几条依据")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(page: Page) -> None:
    box(page).fill("延庆")
    enter = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true})"
    box(page).evaluate(f"box => box.dispatchEvent({enter})")
    box(page).press("End")
    expect(box(page)).to_have_value("延庆")
    expect(page.locator("article.turn")).to_have_count(0)


def test_the_page_is_chinese_whatever_the_browser_speaks(page: Page) -> None:
    ask(page, FIGURE)
    page.locator("#scope button").first.click()
    words = page.evaluate("document.body.innerText")
    for english in ("Gradio", "Submit", "Clear", "Settings", "Home", "Chatbot", "Drop"):
        assert english not in words


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
def test_the_page_fits_and_axe_finds_nothing_serious(
    browser: Browser, address: str, width: int, scheme: str
) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = Visit(context).page
        page.goto(address)
        box(page).wait_for()
        page.locator(".chip").first.wait_for()
        assert axe(page) == []
        ask(page, BOTH).get_by_role("button", name="有误……").click()
        page.locator("#scope button").first.click()
        page.locator("#scope-department input").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe(page) == []
