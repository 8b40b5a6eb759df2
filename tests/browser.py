"""A real browser for the page tests: the system's Chromium, driven by playwright."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

expect.set_options(timeout=20_000)  # the machine is busy with other tests
CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a profile of its own. A machine without Chromium fails, it does not skip."""
    if not CHROMIUM.exists():
        pytest.fail(f"browser tests need {CHROMIUM}: apt-get install chromium fonts-noto-cjk", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Visit:
    """One page in a context of its own that keeps what it asked of whom, and its script errors."""

    def __init__(self, context: BrowserContext) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("console", self._logged)
        self.page: Page = context.new_page()

    def _logged(self, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.errors.append(line.text)

    def outside(self, url: str) -> list[str]:
        """The addresses asked for that are not on the host and port of `url`."""
        own = ("", urlsplit(url).netloc)
        return [asked for asked in self.requests if urlsplit(asked).netloc not in own]


def axe(page: Page) -> list[str]:
    """What axe finds on `page` that hinders people seriously or altogether, a line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
