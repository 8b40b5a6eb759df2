"""The page as a model writes: evidence first, sentence by sentence, and who wrote what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from index.folder import OpenIndex
from rag.engine import Engine
from rag.writing.local import TransformersModel
from rag.writing.model import ChatModel
from rag.writing.server import OpenAIModel
from rag.writing.writer import ModelWriter
from tests import tiny_llm
from tests.api.serving import PATIENCE_S, served, wait_ready
from tests.browser import Visit
from tests.conftest import LEARNT
from tests.model_server import Say, model_server, user
from ui.house import House
from ui.site import mount

COMPARE, FACT = LEARNT


@contextmanager
def page_over(browser: Browser, index: OpenIndex, model: ChatModel) -> Iterator[Page]:
    engine = Engine(index, writer=ModelWriter(model))
    app = create_app(lambda: engine)
    with (
        served(mount(app, House(app.state.answering, streams=True))) as url,
        browser.new_context(viewport={"width": 1280, "height": 800}) as context,
    ):
        wait_ready(url)
        visit = Visit(context)
        visit.page.goto(url)
        visit.page.locator("#question textarea").wait_for()
        yield visit.page
        assert visit.outside(url) == [] and visit.errors == []


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")


def test_a_local_models_sentences_reach_the_page(
    browser: Browser, index: OpenIndex, trained_llm: Path
) -> None:
    with page_over(browser, index, TransformersModel(trained_llm, tiny_llm.CONTEXT)) as page:
        bot = page.locator("article.turn")
        for n, question in enumerate(LEARNT, start=1):
            ask(page, question)
            expect(bot).to_have_count(n)
            expect(bot.last).to_contain_text("由模型 tiny 撰写", timeout=PATIENCE_S * 1000)
            expect(bot.last).to_contain_text(f"{LEARNT[question].count('。')}句有据")
            expect(bot.last).not_to_contain_text("【原文】")
        expect(bot.first).to_contain_text("要达到52%（征求意见稿）〔延庆绿色低碳·第11项〕")
        expect(page.locator("#question textarea")).to_have_value("")
        expect(page.locator("#question textarea")).to_be_focused()


def test_the_evidence_stands_before_the_first_word(browser: Browser, index: OpenIndex) -> None:
    """What fails is said in the plan's own words, and marked."""
    write = threading.Event()

    def says(body: dict[str, Any]) -> Say:
        assert write.wait(PATIENCE_S)
        if "<原句>" in user(body):
            return Say("")
        return Say("延庆区建成区海绵城市达标面积比例达到58%[1]。怀柔区建成区海绵城市达标面积比例达到44%[2]。")

    with model_server(says) as server, page_over(browser, index, OpenAIModel("qwen", server.url)) as page:
        bot = page.locator("article.turn")
        ask(page, COMPARE)
        expect(bot).to_contain_text("已找到 2 条依据，正在撰写")
        expect(page.locator("#evidence tbody.record")).to_have_count(2)
        write.set()
        expect(bot).to_contain_text("1句有据，1句改用原文")
        expect(bot).to_contain_text("【原文】延庆区（征求意见稿）：")
        expect(bot).not_to_contain_text("58%")


@contextmanager
def being_written(browser: Browser, index: OpenIndex) -> Iterator[tuple[Page, threading.Event]]:
    """A page whose answer a model begins once the event is set; more has been typed meanwhile."""
    write = threading.Event()

    def says(body: dict[str, Any]) -> Say:
        assert write.wait(PATIENCE_S)
        return Say("延庆区建成区海绵城市达标面积比例达到52%[1]。怀柔区建成区海绵城市达标面积比例达到44%[2]。")

    with model_server(says) as server, page_over(browser, index, OpenAIModel("qwen", server.url)) as page:
        ask(page, COMPARE)
        expect(page.locator("article.turn")).to_contain_text("正在撰写")
        page.locator("#question textarea").fill("接着打的字")
        yield page, write


def test_a_conversation_that_is_cleared_while_it_is_written_does_not_come_back(
    browser: Browser, index: OpenIndex
) -> None:
    with being_written(browser, index) as (page, write):
        with page.expect_response("**/gradio_api/cancel") as cancelled:
            page.get_by_role("button", name="清空对话").click()
        assert cancelled.value.ok
        write.set()
        ask(page, "你好")
        expect(page.locator("article.turn")).to_have_count(1)
        expect(page.locator("article.turn h3")).to_have_text("你好")


def test_what_is_typed_while_an_answer_is_written_stays(browser: Browser, index: OpenIndex) -> None:
    with being_written(browser, index) as (page, write):
        write.set()
        expect(page.locator("article.turn")).to_contain_text("由模型 qwen 撰写")
        expect(page.locator("#question textarea")).to_have_value("接着打的字")


def test_escape_stops_what_is_being_written_and_the_page_goes_on(browser: Browser, index: OpenIndex) -> None:
    with being_written(browser, index) as (page, write):
        with page.expect_response("**/gradio_api/cancel") as cancelled:
            page.keyboard.press("Escape")
        assert cancelled.value.ok
        turn = page.locator("article.turn")
        expect(turn).to_contain_text("已按要求停止，没有写完")
        expect(page.locator("#evidence tbody.record")).to_have_count(2)
        write.set()
        ask(page, "你好")
        expect(turn).to_have_count(2)
        expect(turn.first).to_contain_text("已按要求停止，没有写完")
