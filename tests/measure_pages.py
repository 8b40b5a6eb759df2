"""How quick the pages are: `python -m tests.measure_pages`, or `make bench-pages`.

A real `wence serve`, a real Chromium on the same machine; medians and the slowest one of a hundred. No
test: machines are shared, and what it prints is for reading.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from corpus.bank import BUNDLED_BANK
from corpus.manifest import BUNDLED
from index.build import build
from index.embedding import SHIPPED
from tests.browser import chromium
from tests.service import service
from tests.ui.test_many import CLERKS, QUESTIONS, SCOPE, event

ROUNDS = 60
ASKED_EACH = 20
# From the key to the second frame after `version` says something else; Gradio changes nodes in place.
_UNTIL = """([box, holder, version]) => new Promise((done) => {
  const now = new Function(`return ${version}`);
  const old = now();
  const watch = new MutationObserver(() => {
    if (now() === old) return;
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
  });
  watch.observe(document.querySelector(holder), { childList: true, subtree: true, attributes: true });
  const how = { key: "Enter", bubbles: true, cancelable: true };
  const start = performance.now();
  for (const kind of ["keydown", "keypress"])
    document.querySelector(box).dispatchEvent(new KeyboardEvent(kind, how));
})"""
_DESK = ("complaint", "#desk-card", "document.querySelector('[data-request]')?.dataset.request")
_CHAT = ("question", "#log", "document.querySelectorAll('article.turn').length")
_Entered = tuple[str, str, str]


def main() -> None:
    """Print the figures, a line each."""
    complaints = [
        json.loads(line)["complaint"]
        for line in (Path(__file__).parent / "rag/complaints.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        build(Path(folder) / "index", BUNDLED, BUNDLED_BANK, SHIPPED)
        with service(Path(folder) / "index", f"sqlite:///{folder}/state.sqlite", WENCE_RATE="off") as here:
            _opened(browser, here.url)
            _entered(browser, f"{here.url}/desk", _DESK, complaints, "派单：回车到卡片")
            _entered(browser, here.url, _CHAT, QUESTIONS, "问答：回车到答复")
            _clerks(here.url)


def _opened(browser: Browser, url: str) -> None:
    """How long a page takes to open, the first time and again."""
    for path, waits in (("/", ".chip"), ("/desk", "#complaint textarea"), ("/register", "#page-register td")):
        first, again = [], []
        for _ in range(5):
            with browser.new_context() as context:
                page = context.new_page()
                for times in (first, again):
                    began = time.perf_counter()
                    page.goto(url + path)
                    page.locator(waits).first.wait_for()
                    times.append((time.perf_counter() - began) * 1000)
        _say(f"打开 {path}（首次）", first)
        _say(f"打开 {path}（再次）", again)


def _entered(browser: Browser, url: str, where: _Entered, typed: Sequence[str], name: str) -> None:
    """From Enter in a box to what it brings about."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        page.goto(url)
        page.locator(f"#{where[0]} textarea").wait_for()
        page.wait_for_load_state("networkidle")
        times = [_one(page, where, text) for text in typed[:ROUNDS]]
    _say(name, times[1:])  # the first draws the frame


def _one(page: Page, where: _Entered, text: str) -> float:
    box = f"#{where[0]} textarea"
    page.locator(box).fill(text)
    taken: float = page.evaluate(_UNTIL, [box, *where[1:]])
    return taken


def _clerks(url: str) -> None:
    """Thirty clerks who ask one question after the other, without a pause."""
    with httpx.Client(base_url=url, trust_env=False) as client:
        fn = event(client, "question")
    ready = threading.Barrier(CLERKS)

    def ask(n: int) -> list[float]:
        times = []
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
            ready.wait()
            for at in range(ASKED_EACH):
                body: dict[str, Any] = {
                    "data": [QUESTIONS[(n + at) % len(QUESTIONS)], "[]", *SCOPE],
                    "fn_index": fn,
                    "session_hash": str(n),
                }
                began = time.perf_counter()
                client.post("/gradio_api/run/predict", json=body).raise_for_status()
                times.append((time.perf_counter() - began) * 1000)
        return times

    with ThreadPoolExecutor(CLERKS) as pool:
        began = time.perf_counter()
        times = [taken for each in pool.map(ask, range(CLERKS)) for taken in each]
        rate = len(times) / (time.perf_counter() - began)
    _say(f"{CLERKS} 人同时不停地问（每秒 {rate:.0f} 问）", times)


def _say(name: str, times: Iterable[float]) -> None:
    ordered = sorted(times)
    slowest = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    print(f"{name}　p50 {statistics.median(ordered):.0f} ms　p99 {slowest:.0f} ms　{len(ordered)} 次")


if __name__ == "__main__":
    main()
