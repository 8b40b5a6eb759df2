"""The page, served over the shared engine."""

from collections.abc import Iterator

import pytest

from api.app import create_app
from rag.engine import Engine
from tests.api.serving import served, wait_ready
from ui.page import mount


@pytest.fixture(scope="session")
def address(engine: Engine) -> Iterator[str]:
    app = create_app(lambda: engine)
    with served(mount(app, app.state.answering)) as url:
        wait_ready(url)
        yield url
