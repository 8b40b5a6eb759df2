"""The API's own documentation: complete, and from this host alone."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser

from api.schemas import AnswerOut, AskRequest
from tests.browser import Visit, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_openapi_names_the_endpoints_their_errors_and_an_example(client: httpx.Client) -> None:
    spec = client.get("/openapi.json").json()

    assert {"200", "422", "503"} <= set(spec["paths"]["/v1/ask"]["post"]["responses"])
    schemas = spec["components"]["schemas"]
    AnswerOut.model_validate(schemas["AnswerOut"]["examples"][0])
    AskRequest.model_validate(schemas["AskRequest"]["examples"][0])


def test_the_docs_page_asks_no_other_host(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        visit = Visit(context)
        visit.page.goto(f"{address}/docs")
        visit.page.get_by_text("/v1/ask").click()
        visit.page.get_by_text("Request body").wait_for()
        assert visit.outside(address) == []
        assert visit.errors == []
        assert len(visit.requests) >= 4


def test_the_favicon_is_ours(client: httpx.Client) -> None:
    response = client.get("/favicon.ico")
    assert response.headers["content-type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
