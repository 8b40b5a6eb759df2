"""Thirty clerks at once: nobody waits in line behind another's question."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api.app import create_app
from index.folder import OpenIndex
from rag.engine import Engine
from rag.writing.server import OpenAIModel
from rag.writing.writer import ModelWriter
from tests.api.serving import PATIENCE_S, served, wait_ready
from tests.model_server import Say, model_server
from ui.house import House
from ui.site import mount

CLERKS = 30
SCOPE: list[list[str]] = [[], [], [], []]
QUESTIONS = [
    f"{place}{asked}"
    for place in ("延庆区", "怀柔区", "市里")
    for asked in (
        "海绵城市达标面积比例是多少？",
        "秸秆焚烧谁牵头？",
        "餐饮油烟归谁管？",
        "PM2.5目标是多少？",
        "垃圾分类谁负责？",
        "新能源车的目标是多少？",
        "施工扬尘谁管？",
        "污水处理率目标是多少？",
        "绿色建筑谁牵头？",
        "噪声扰民归谁管？",
    )
]


def event(client: httpx.Client, box: str) -> int:
    """The number of the event that Enter in the box of that id sets off."""
    config = client.get("/config", params={"page": ""}).json()
    found = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == box)
    return next(int(d["id"]) for d in config["dependencies"] if [found, "submit"] in d["targets"])


def streamed(address: str, fn: int, question: str, session: str) -> list[Any]:
    """What the page gets in the end, through Gradio's queue."""
    with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client:
        sent = {"data": [question, "[]", *SCOPE], "fn_index": fn, "session_hash": session}
        assert client.post("/gradio_api/queue/join", json=sent).status_code == 200
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
            for line in events.iter_lines():
                told = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if told.get("msg") == "process_completed":
                    assert told["success"], told
                    data: list[Any] = told["output"]["data"]
                    return data
    raise AssertionError(f"no answer to {question}")


@pytest.fixture
def slow(index: OpenIndex) -> Iterator[str]:
    """Pages over a model that says nothing before all thirty have asked it."""
    together = threading.Barrier(CLERKS)

    def says(body: dict[str, Any]) -> Say:
        together.wait(PATIENCE_S)
        return Say("")

    with model_server(says) as server:
        model = OpenAIModel("qwen", server.url, running=CLERKS)
        engine = Engine(index, writer=ModelWriter(model))
        app = create_app(lambda: engine, threads=40 + CLERKS)
        with served(mount(app, House(app.state.answering, streams=True))) as url:
            wait_ready(url)
            yield url


def test_thirty_answers_are_written_at_the_same_time(slow: str) -> None:
    with httpx.Client(base_url=slow, trust_env=False) as client:
        fn = event(client, "question")
    with ThreadPoolExecutor(CLERKS) as clerks:
        asked = [
            clerks.submit(streamed, slow, fn, "延庆区今年PM2.5目标是多少？", f"s{n}") for n in range(CLERKS)
        ]
        for done in asked:
            assert "26微克/立方米" in done.result()[1]


def test_thirty_different_questions_at_once_get_each_its_own_answer(address: str, engine: Engine) -> None:
    ready = threading.Barrier(CLERKS)

    def ask(question: str) -> str:
        with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client:
            sent = {"data": [question, "[]", *SCOPE], "fn_index": fn, "session_hash": question}
            ready.wait(PATIENCE_S)
            response = client.post("/gradio_api/run/predict", json=sent)
            assert response.status_code == 200
            told: str = response.json()["data"][4]
            return str(json.loads(told)[0]["text"])

    with httpx.Client(base_url=address, trust_env=False) as client:
        fn = event(client, "question")
    assert len(set(QUESTIONS)) == CLERKS
    with ThreadPoolExecutor(CLERKS) as clerks:
        for question, said in zip(QUESTIONS, clerks.map(ask, QUESTIONS), strict=True):
            assert said == engine.ask(question).text
