"""The chat page in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import Visit, chromium

FIGURE = "延庆区今年PM2.5目标是多少？"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US") as context:
        visit = Visit(context)
        visit.page.goto(address)
        box(visit.page).wait_for()
        yield visit
        assert visit.outside(address) == []
        assert visit.errors == []


def box(page: Page) -> Locator:
    return page.locator("#question textarea")


def ask(page: Page, question: str) -> None:
    box(page).fill(question)
    box(page).press("Enter")


def bubbles(page: Page, who: str) -> Locator:
    return page.locator(f"#chat [data-testid={who}]")


def test_a_question_gets_its_answer_its_label_and_the_cited_measure(visit: Visit) -> None:
    page = visit.page
    ask(page, FIGURE)
    expect(bubbles(page, "bot")).to_contain_text("26微克/立方米〔延庆指标·第1项〕")
    rows = page.locator("table.cited tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("征求意见稿")
    expect(rows).to_contain_text("年终目标：26微克/立方米")
    expect(rows).to_contain_text("yq-2026-draft.txt 第2431行")
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()


def test_earlier_questions_are_understood_with_the_next(visit: Visit) -> None:
    page = visit.page
    ask(page, "怀柔区海绵城市达标面积比例是多少？")
    expect(bubbles(page, "bot")).to_contain_text("44%")
    ask(page, "谁牵头？")
    expect(bubbles(page, "bot")).to_have_count(2)
    expect(bubbles(page, "bot").last).to_contain_text("〔怀柔绿色低碳·第11项〕")


def test_an_example_is_asked_by_a_click_and_a_refusal_cites_nothing(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="上海的无废城市谁负责？").click()
    expect(bubbles(page, "user")).to_have_text("上海的无废城市谁负责？")
    expect(bubbles(page, "bot")).to_contain_text("本库没有上海的计划")
    expect(page.locator("#evidence")).to_contain_text("没有引用")
    expect(box(page)).to_be_focused()


def test_markup_in_a_question_is_shown_as_text(visit: Visit) -> None:
    page = visit.page
    typed = "<img src=x onerror='document.title=1'><b>谁</b>牵头**秸秆**焚烧？&lt;<script>alert(2)</script>"
    ask(page, typed)
    expect(bubbles(page, "user")).to_have_text(typed)
    expect(bubbles(page, "bot")).to_have_count(1)
    assert page.locator("#chat .message-content").locator("img, b, script").count() == 0
    assert page.title() == "问策"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "问题是空的"), ("字" * 10_000, "问题有 10000 字"), ("😀😀", "没有可以检索的文字")],
)
def test_what_cannot_be_asked_is_said_and_stays_in_the_box(visit: Visit, typed: str, said: str) -> None:
    page = visit.page
    ask(page, typed)
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(box(page)).to_have_value(typed)
    expect(bubbles(page, "user")).to_have_count(0)
    ask(page, FIGURE)
    expect(bubbles(page, "bot")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_page_is_chinese_whatever_the_browser_speaks(visit: Visit) -> None:
    page = visit.page
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    ask(page, FIGURE)
    expect(bubbles(page, "bot")).to_have_count(1)
    words = page.evaluate("document.body.innerText")
    for english in ("Gradio", "Submit", "Clear", "Settings", "API", "Chatbot"):
        assert english not in words
    assert page.locator("footer").count() == 0
    page.get_by_title("清空对话").click()
    expect(bubbles(page, "bot")).to_have_count(0)
    expect(page.locator("#evidence")).to_contain_text("提问后")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int, scheme: str) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:  # type: ignore[arg-type]
        visit = Visit(context)
        visit.page.goto(address)
        ask(visit.page, "海绵城市达标面积比例，市里和怀柔各是多少？")
        expect(visit.page.locator("table.compared tbody tr")).to_have_count(2)
        expect(visit.page.locator("table.cited:not(.compared) tbody tr")).to_have_count(2)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_example_is_a_question_of_its_own(visit: Visit) -> None:
    ask(visit.page, "那怀柔区有哪些计划？")
    expect(bubbles(visit.page, "bot")).to_have_count(1)
    visit.page.get_by_role("button", name="楼下饭馆天天冒油烟，归谁管？").click()
    expect(bubbles(visit.page, "bot").last).to_contain_text("延庆区生态环境局")
