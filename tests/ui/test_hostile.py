"""A plan whose text holds markup: every page and file shows it as text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from corpus.bank import BUNDLED_BANK
from corpus.manifest import BUNDLED
from index.build import build
from index.embedding import SHIPPED, Encoder
from index.folder import IndexFolder
from rag.engine import Engine
from tests.api.serving import served, wait_ready
from tests.browser import Visit
from ui.house import House
from ui.site import mount

MARKUP = "<img src=x onerror=\"document.title='1'\"><script>alert(1)</script>${7*7}{{7*7}}"
PLACES = ("碳排放强度目标任务。", "市级碳排放预算管理制度。")  # of two measures


@pytest.fixture(scope="module")
def hostile(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages over a corpus with that text in it."""
    sources = tmp_path_factory.mktemp("sources")
    shutil.copytree(BUNDLED.parent, sources, dirs_exist_ok=True)
    plan = sources / "hr-green-2026.txt"
    text = plan.read_text(encoding="utf-8")
    for place in PLACES:
        assert place in text
        text = text.replace(place, MARKUP + place)
    plan.write_text(text, encoding="utf-8")
    root = tmp_path_factory.mktemp("hostile")
    build(root, sources / BUNDLED.name, BUNDLED_BANK, SHIPPED)
    engine = Engine(IndexFolder(root).open(encoder))
    app = create_app(lambda: engine)
    with served(mount(app, House(app.state.answering))) as url:
        wait_ready(url)
        yield url


def ask(page: Page) -> None:
    page.locator(".chip").first.wait_for()
    page.locator("#question textarea").fill("怀柔绿色低碳第1项讲什么？")
    page.locator("#question textarea").press("Enter")
    expect(page.locator("article.turn .answer")).to_contain_text(MARKUP)
    expect(page.locator("#evidence")).to_contain_text(MARKUP)


def dispatch(page: Page) -> None:
    page.locator("#complaint textarea").fill("怀柔区碳排放强度目标任务谁管？<b>")
    page.locator("#complaint textarea").press("Enter")
    expect(page.locator("#page-desk")).to_contain_text(MARKUP)


def look_up(page: Page) -> None:
    expect(page.locator("#page-register")).to_contain_text(MARKUP)


@pytest.mark.parametrize(
    ("path", "use"),
    [("/", ask), ("/desk", dispatch), ("/register?text=碳排放强度目标&district=怀柔区", look_up)],
)
def test_a_plan_with_markup_is_shown_as_text(hostile: str, browser: Browser, path: str, use: object) -> None:
    with browser.new_context() as context:
        visit = Visit(context)
        visit.page.goto(hostile + path)
        assert callable(use)
        use(visit.page)
        assert visit.page.locator("img[src=x]").count() == 0
        assert visit.page.title() != "1"
        assert visit.outside(hostile) == []
        assert visit.errors == []
