"""POST /v1/ask as server-sent events: with a model that does its work, and with none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from api.app import create_app
from api.schemas import AnswerOut, StatementOut
from index.errors import EngineUnreachableError
from index.folder import OpenIndex
from rag.answer import Answer
from rag.engine import Engine
from rag.writing.local import TransformersModel
from rag.writing.model import Limits
from rag.writing.server import OpenAIModel
from rag.writing.writer import ModelWriter
from tests import tiny_llm
from tests.api.serving import PATIENCE_S, served, wait_ready
from tests.conftest import LEARNT
from tests.model_server import Say, model_server

COMPARE = next(iter(LEARNT))


def events(response: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def asked(url: str, question: str, **headers: str) -> list[tuple[str, dict[str, Any]]]:
    body = {"question": question, "stream": not headers}
    with (
        httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as client,
        client.stream("POST", "/v1/ask", json=body, headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(events(response))


def test_without_a_model_the_stream_is_the_answer_in_pieces(address: str, engine: Engine) -> None:
    found = asked(address, COMPARE, accept="text/event-stream")
    plain = engine.ask(COMPARE).as_json()
    assert [name for name, _ in found] == ["evidence", "statement", "statement", "statement", "answer"]
    assert found[0][1]["citations"] == plain["citations"]
    assert [data for name, data in found if name == "statement"] == plain["statements"]
    assert found[-1][1]["answer"] == plain["answer"]


@pytest.mark.parametrize("question", LEARNT)
def test_a_models_sentences_are_streamed_and_kept(trained_llm: Path, index: OpenIndex, question: str) -> None:
    writer = ModelWriter(TransformersModel(trained_llm, tiny_llm.CONTEXT))
    with served(create_app(lambda: Engine(index, writer=writer))) as url:
        wait_ready(url)
        found = asked(url, question)
    answer = found[-1][1]
    AnswerOut.model_validate(answer)
    said = [data for name, data in found if name == "statement"]
    assert said == answer["statements"]
    assert all(StatementOut.model_validate(statement) for statement in said)
    assert said[0]["writer"] == answer["writer"] == "transformers:tiny"
    assert answer["writing"]["replaced"] == 0 and answer["writing"]["supported"] == LEARNT[question].count(
        "。"
    )
    assert found[0][0] == "evidence" and found[0][1]["citations"]


def test_a_server_of_the_index_that_dies_within_a_stream_is_told_without_its_address(engine: Engine) -> None:
    def dies(*arguments: Any, **keywords: Any) -> Iterator[Answer]:
        yield next(engine.stream(COMPARE))
        raise EngineUnreachableError("Milvus（http://db.inside:19530）没有应答")

    breaks = SimpleNamespace(index=engine.index, ask=engine.ask, stream=dies, writer=engine.writer)
    with served(create_app(lambda: cast("Engine", breaks))) as url:
        wait_ready(url)
        found = asked(url, COMPARE)
        body = {"model": "wence", "messages": [{"role": "user", "content": COMPARE}], "stream": True}
        chat = httpx.post(f"{url}/v1/chat/completions", json=body, trust_env=False).text.splitlines()
    assert found[-1] == ("error", {"detail": EngineUnreachableError.to_readers})
    error = json.loads([line for line in chat if line][-1].removeprefix("data: "))["error"]
    assert error["message"] == EngineUnreachableError.to_readers


def test_a_question_that_cannot_be_asked_is_told_before_the_stream(client: httpx.Client) -> None:
    response = client.post("/v1/ask", json={"question": " ", "stream": True})
    assert response.status_code == 422 and "空" in response.json()["detail"]


def test_a_client_that_leaves_ends_the_generation(index: OpenIndex) -> None:
    """The server that the model runs on sees its connection closed, though it would never end."""
    first = "延庆区建成区海绵城市达标面积比例达到52%[1]。"
    with model_server(lambda body: Say(first + "怀", "ping")) as model:
        writer = ModelWriter(OpenAIModel("m", model.url, running=1, waiting=0), Limits(60, 60))
        engine = Engine(index, writer=writer)
        gate = writer.model._gate  # type: ignore[attr-defined]
        with served(create_app(lambda: engine)) as url:
            wait_ready(url)
            with (
                httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as client,
                client.stream("POST", "/v1/ask", json={"question": COMPARE, "stream": True}) as response,
            ):
                for name, _ in events(response):
                    if name == "statement":
                        break
            with gate._changed:
                assert gate._changed.wait_for(lambda: gate._inside == 0, PATIENCE_S)
