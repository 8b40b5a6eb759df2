"""A page that stays open while the service goes away, starts anew, or no longer knows its reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from api.access.policy import Policy
from api.app import create_app
from api.context import Standing
from api.kept import Kept
from rag.engine import Engine
from tests.api.serving import PATIENCE_S, served, wait_ready
from tests.browser import Visit
from ui.house import House
from ui.site import mount

FIGURE = "延庆区今年PM2.5目标是多少？"
PATIENCE_MS = PATIENCE_S * 1000


def site(engine: Engine, state: Path, policy: Policy | None = None) -> FastAPI:
    app = create_app(lambda: engine, kept=Kept(f"sqlite:///{state}", 1), policy=policy)
    return mount(app, House(app.state.answering))


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")


def test_a_service_that_starts_anew_under_an_open_page(
    engine: Engine, browser: Browser, tmp_path: Path
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        with served(site(engine, tmp_path / "state.sqlite")) as url:
            wait_ready(url)
            page.goto(url)
            page.locator(".chip").first.wait_for()
            page.locator("#scope button").first.click()
            page.locator("#scope-district input").click()
            page.get_by_role("option", name="延庆区").click()
            ask(page, FIGURE)
            expect(page.locator("article.turn")).to_have_count(1)
        ask(page, "谁牵头？")
        expect(page.locator("#banner")).to_contain_text("暂时连不上服务，您输入的文字还在")
        expect(page.locator("#question textarea")).to_have_value("谁牵头？")
        with served(site(engine, tmp_path / "state.sqlite"), port=urlsplit(url).port or 0):
            wait_ready(url)
            expect(page.locator("#banner")).to_have_text("已重新连上，可以继续。", timeout=PATIENCE_MS)
            expect(page.locator("#question textarea")).to_have_value("谁牵头？")
            page.locator("#question textarea").press("Enter")
            expect(page.locator("article.turn")).to_have_count(2)
            expect(page.locator("article.turn").last).to_contain_text("延庆区生态环境局")
            expect(page.locator("#banner")).to_be_hidden()
            expect(page.locator("article.turn .meta")).to_have_text(["检索范围：延庆区"] * 2)


def test_a_cookie_that_expired(engine: Engine, browser: Browser, tmp_path: Path) -> None:
    app = site(engine, tmp_path / "state.sqlite", Policy(local=False))
    kept = Kept(f"sqlite:///{tmp_path / 'state.sqlite'}", 1)
    _, secret = kept.keys.create("座席", Standing.READER, datetime.now(UTC) + timedelta(days=1))
    kept.close()
    with served(app) as url, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{url}/?q={FIGURE}")
        page.get_by_label("密钥").fill(secret)
        page.get_by_role("button", name="进入").click()
        expect(page.locator("article.turn h3")).to_have_text(FIGURE)  # the link was kept over the login
        context.clear_cookies()
        ask(page, "谁牵头？")
        expect(page.locator("#banner")).to_contain_text("登录已过期；您输入的文字还在。")
        expect(page.locator("#question textarea")).to_have_value("谁牵头？")
        page.get_by_role("link", name="重新登录").click()
        page.get_by_label("密钥").fill(secret)
        page.get_by_role("button", name="进入").click()
        expect(page.locator("article.turn")).to_have_count(1)
        expect(page.locator("#question textarea")).to_have_value("谁牵头？")
        page.locator("#question textarea").press("Enter")
        expect(page.locator("article.turn")).to_have_count(2)


def test_what_fails_within_is_one_sentence_and_the_text_stays(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(address)
    page.locator(".chip").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.route("**/gradio_api/run/predict", lambda route: route.fulfill(status=500, json={"error": "Value"}))
    ask(page, FIGURE)
    expect(page.locator("#banner")).to_have_text(
        "没有办成；您输入的文字还在，请再试一次，仍不行请告知管理员。"
    )
    expect(page.locator("#question textarea")).to_have_value(FIGURE)
    assert (
        page.get_by_text("错误", exact=True).or_(page.get_by_text("Error")).filter(visible=True).count() == 0
    )
    page.unroute("**/gradio_api/run/predict")
    # Gradio takes no event before it is done with the failed one: a reader would press again.
    send = (
        "document.querySelectorAll('article.turn').length || document.querySelector('.submit-button').click()"
    )
    page.wait_for_function(f"() => {send}", polling=1000)
    expect(page.locator("#banner")).to_be_hidden()
    visit.errors.clear()  # the browser logs the 500


def test_a_rating_that_cannot_be_kept_is_said(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(address)
    page.locator(".chip").first.wait_for()
    ask(page, FIGURE)
    gone = {"detail": "状态库暂时不能用。"}
    page.route("**/v1/feedback", lambda route: route.fulfill(status=503, json=gone))
    page.get_by_role("button", name="准确").click()
    expect(page.locator("#banner")).to_have_text("状态库暂时不能用。")
    expect(page.locator(".rated")).to_have_count(0)
    visit.errors.clear()
