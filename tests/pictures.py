"""The pictures of the pages in docs/img, taken anew: `python -m tests.pictures`, or `make pictures`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from corpus.bank import BUNDLED_BANK
from corpus.manifest import BUNDLED
from index.build import build
from index.embedding import SHIPPED
from tests.browser import chromium
from tests.haidian import HAIDIAN
from tests.model_server import honest, model_server
from tests.published import SOFFICE, as_pdf, write_plan
from tests.service import service

IMAGES = Path(__file__).parents[1] / "docs" / "img"
COMPLAINT = (
    "我住延庆香水园街道，楼下新开的小饭馆排烟口正冲着我家窗户，昨晚十点多还呛得睡不着，"
    "跟老板说过三回了不管，我电话13812345678"
)


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        index, state = Path(folder) / "index", f"sqlite:///{folder}/state.sqlite"
        build(index, BUNDLED, BUNDLED_BANK, SHIPPED)
        with service(index, state, WENCE_REPORTS=_measured(index, folder)) as here:
            for shot in SHOTS:
                _take(browser, here.url, shot)
        with (
            model_server(honest) as model,  # a stand-in: what a real model writes is not ours to show
            service(index, state, WENCE_WRITER=f"openai:stand-in@{model.url}") as here,
        ):
            _take(browser, here.url, WRITTEN)


def _measured(index: Path, folder: str) -> str:
    """A folder with the record of the development questions, made by the benchmark itself."""
    reports = f"{folder}/reports"
    command = [sys.executable, "-m", "wence", "eval", "run", "--out", reports]
    subprocess.run(command, check=True, env=os.environ | {"WENCE_INDEX_DIR": str(index)}, capture_output=True)
    return reports


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the page's address, what is done there, and the window."""

    name: str
    path: str
    use: Callable[[Page], None]
    width: int = 1280
    height: int = 800
    dark: bool = False


def _take(browser: Browser, url: str, shot: Shot) -> None:
    scheme = "dark" if shot.dark else "light"
    window = {"width": shot.width, "height": shot.height}
    with browser.new_context(viewport=window, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(url + shot.path)
        page.locator(".page").wait_for()
        shot.use(page)
        page.screenshot(path=IMAGES / f"{shot.name}.png", animations="disabled")
    print(IMAGES / f"{shot.name}.png")


def _asked(*questions: str) -> Callable[[Page], None]:
    def use(page: Page) -> None:
        page.locator(".chip").first.wait_for()
        for n, question in enumerate(questions, start=1):
            page.locator("#question textarea").fill(question)
            page.locator("#question textarea").press("Enter")
            expect(page.locator("article.turn")).to_have_count(n)
        expect(page.locator("article.turn").last.locator(".actions")).to_be_visible()

    return use


def _scoped(page: Page) -> None:
    page.locator(".chip").first.wait_for()
    page.locator("#scope button").first.click()
    page.locator("#scope-district input").click()
    page.get_by_role("option", name="怀柔区").click()
    page.keyboard.press("Escape")
    expect(page.locator("#scope")).to_contain_text("检索范围：怀柔区")
    _asked("海绵城市达标面积比例是多少？")(page)


def _opened(page: Page) -> None:
    _asked("怀柔区海绵城市达标面积比例是多少？", "谁牵头？")(page)
    page.locator("article.turn").first.locator("a.cite").first.click()
    page.locator("tbody.lit").wait_for()


def _dispatched(page: Page) -> None:
    page.locator("#complaint textarea").fill(COMPLAINT)
    page.locator("#complaint textarea").press("Enter")
    page.locator("[data-request]").wait_for()


def _listed(page: Page) -> None:
    page.locator("#register-table table").wait_for()


def _drawn(page: Page) -> None:
    _listed(page)
    page.locator("#register-figures button").first.click()
    page.get_by_label("部门协作").check()
    page.locator("#register-plot .heatmaplayer image").first.wait_for(state="attached")
    page.locator("#register-words").get_by_text("共同承担").wait_for()


def _reported(page: Page) -> None:
    page.locator("#latest h2").first.wait_for()
    page.locator("#category input").click()
    page.get_by_role("option", name="概述").click()
    page.locator("#start").click()
    page.locator("#results").get_by_text("答错的题").wait_for()


def _uploaded(page: Page) -> None:
    """A plan of a new district, as a PDF where LibreOffice is: a row, marked on its page."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_plan(Path(folder) / "海淀区绿色低碳2026年行动计划.docx", HAIDIAN)
        path = as_pdf([path], Path(folder))[0] if SOFFICE else path
        with page.expect_file_chooser() as choosing:
            page.get_by_role("button", name="选择文件").click()
        choosing.value.set_files(path)
        card = page.locator(".upload").first
        card.get_by_role("button", name="确认加入").wait_for()
        card.locator(".parsed tr", has_text=HAIDIAN.measures[5].text[:12]).click()
        card.locator(".source img, .source tr.marked").first.wait_for()
        page.wait_for_function("[...document.images].every(image => image.complete)")
        card.scroll_into_view_if_needed()


SHOTS = (
    Shot("page", "/", _opened),
    Shot("compare", "/", _asked("海绵城市达标面积比例，延庆和怀柔各是多少？")),
    Shot("scope", "/", _scoped),
    Shot("phone", "/", _asked("延庆区今年PM2.5目标是多少？"), 390, 844, dark=True),
    Shot("desk", "/desk", _dispatched),
    Shot("register", "/register?department=延庆区水务局&role=牵头", _listed),
    Shot("figures", "/register", _drawn, 1280, 900),
    Shot("evaluation", "/evaluation", _reported),
    Shot("plans", "/plans", _uploaded, 1280, 1500),
)
WRITTEN = Shot("writer", "/", _asked("延庆和怀柔在海绵城市上有什么不同"))


if __name__ == "__main__":
    main()
