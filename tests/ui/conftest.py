"""The pages, served over the shared engine, and a browser to look at them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from api.app import create_app
from api.kept import Kept
from rag.engine import Engine
from tests.api.serving import served, wait_ready
from tests.browser import Visit, chromium
from ui.house import House
from ui.site import mount


@pytest.fixture(scope="session")
def state_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database in which the served pages keep feedback."""
    return f"sqlite:///{tmp_path_factory.mktemp('state') / 'state.sqlite'}"


@pytest.fixture(scope="session")
def address(engine: Engine, state_url: str) -> Iterator[str]:
    app = create_app(lambda: engine, kept=Kept(state_url, 1))
    with served(mount(app, House(app.state.answering))) as url:
        wait_ready(url)
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """A new visitor at an office's screen, who asked no other host and met no script error."""
    with browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US") as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit = Visit(context)
        yield visit
        assert visit.outside(address) == []
        assert visit.errors == []
