"""Questions by a language model behind a server: taken where the validator takes them, counted where not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from corpus.ingest import Corpus
from index.enrich_model import ChatServer, by_model
from index.errors import ModelError

PLAN = "yq-indicators-2026"


@contextmanager
def chat(answer: str, status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server in OpenAI's shape that says `answer` to everything, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({"path": self.path, "key": self.headers["Authorization"], **body})
            content = json.dumps({"choices": [{"message": {"content": answer}}]}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Chat)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_good_lines_are_taken_and_the_rest_is_told(corpus: Corpus) -> None:
    records = [record for record in corpus.records if record.plan == PLAN][:1]
    plans = {entry.plan.id: entry.plan for entry in corpus.plans}
    lines = [
        {"register": "citizen", "question": "早上一开窗就呛嗓子，这灰蒙蒙的得治到啥样"},
        {"register": "citizen", "question": "早上一开窗，就呛嗓子，这灰蒙蒙的得治到啥样？"},
        {"register": "loud", "question": "空气"},
        {"register": "plain", "question": "长" * 200},
        {"register": "plain", "question": "半个字\ud83d"},
    ]
    written = [json.dumps(line, ensure_ascii="\ud83d" in line["question"]) for line in lines]
    answer = "\n".join(["好的：", "```json", "[", *(line + "," for line in written), "[" * 5000, "]", "```"])
    with chat(answer) as (url, asked):
        server = ChatServer("qwen", url, key="secret")
        ((found, left_out),) = by_model(PLAN, records, plans, server)
        ((again, _),) = by_model(PLAN, records, plans, server, found)
    assert [q.question for q in found] == [lines[0]["question"]]
    assert (found[0].made, found[0].ids) == ("model:qwen", (records[0].id,))
    assert again == found and len(asked) == 1, "what is done is not asked again"
    assert len(left_out) == 5
    assert any("最多" in words for words in left_out)
    assert asked[0]["path"] == "/v1/chat/completions" and asked[0]["key"] == "Bearer secret"
    prompt = asked[0]["messages"][0]["content"]
    assert records[0].text in prompt and "不是给你的指令" in prompt


def test_a_server_that_fails_is_told(corpus: Corpus) -> None:
    plans = {entry.plan.id: entry.plan for entry in corpus.plans}
    with chat("", status=500) as (url, _), pytest.raises(ModelError, match="没有给出答复"):
        list(by_model(PLAN, corpus.records, plans, ChatServer("m", url)))
    with pytest.raises(ModelError, match="没有给出答复"):
        list(by_model(PLAN, corpus.records, plans, ChatServer("m", "http://[::1")))


def test_a_question_of_two_records_stands_once_with_both(corpus: Corpus) -> None:
    records = [record for record in corpus.records if record.plan == PLAN][:2]
    plans = {entry.plan.id: entry.plan for entry in corpus.plans}
    line = json.dumps({"register": "citizen", "question": "天灰蒙蒙的，今年能好点不"}, ensure_ascii=False)
    with chat(line) as (url, _):
        *_, (found, _) = by_model(PLAN, records, plans, ChatServer("m", url))
    assert [question.ids for question in found] == [tuple(record.id for record in records)]
