"""What can be benchmarked: an engine here, a server by URL, a file of answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Protocol, Self

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from eval.lines import QuestionFileError, read_lines
from eval.questions import Question
from rag.engine import Engine
from rag.errors import QuestionError

DEPTH = 10


class System(Protocol):
    """Answers questions in the contract's shape and ranks records for them."""

    def answer(self, question: Question) -> tuple[dict[str, Any], float | None]:
        """The answer object (empty where there is none) and its latency in milliseconds if known."""
        ...

    def hits(self, question: Question) -> tuple[str, ...]:
        """Ids ranked for the question, best first; empty where the system does not say."""
        ...


class EngineSystem:
    """An engine in this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answer(self, question: Question) -> tuple[dict[str, Any], float]:
        """See `System`."""
        started = time.perf_counter()
        try:
            answer = self._engine.ask(question.question, question.history, question.id).as_json()
        except QuestionError as error:
            answer = {"refused": True, "answer": str(error), "citations": [], "statements": []}
        return answer, (time.perf_counter() - started) * 1000

    def hits(self, question: Question) -> tuple[str, ...]:
        """See `System`."""
        try:
            found = self._engine.search(question.question, DEPTH, history=question.history)
        except QuestionError:
            return ()
        return tuple(citation.record.id for citation in found)


class ServerSystem:
    """A live server at `url` (POST /v1/ask), as a context that closes its connections."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def answer(self, question: Question) -> tuple[dict[str, Any], float]:
        """See `System`; an error of the server, or no answer's shape, is an empty answer.

        Raises:
            QuestionFileError: nothing answers at the address.
        """
        body = {"question": question.question, "history": list(question.history), "id": question.id}
        started = time.perf_counter()
        try:
            response = self._client.post("/v1/ask", json=body)
        except httpx.TransportError as error:
            raise QuestionFileError(f"连不上 {self._client.base_url}：{error}") from None
        elapsed = (time.perf_counter() - started) * 1000
        try:
            answer = response.raise_for_status().json()
            _Answer.model_validate(answer)
        except (httpx.HTTPStatusError, ValueError):
            return {}, elapsed
        return answer, elapsed

    def hits(self, question: Question) -> tuple[str, ...]:
        """A server does not say what it ranked."""
        return ()


class FileSystem:
    """The answers of any system, in the contract's shape, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._answers = _read_answers(path)

    @property
    def ids(self) -> set[str]:
        """The questions that the file answers."""
        return set(self._answers)

    def answer(self, question: Question) -> tuple[dict[str, Any], float | None]:
        """See `System`; a question that the file lacks has the empty answer."""
        answer = self._answers.get(question.id, {})
        total = (answer.get("timings_ms") or {}).get("total")
        return answer, total

    def hits(self, question: Question) -> tuple[str, ...]:
        """The ids that the answer cites, in its order."""
        return tuple(c["id"] for c in self._answers.get(question.id, {}).get("citations", []))


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Citation(_Shape):
    id: str


class _Statement(_Shape):
    text: str
    kind: str
    citations: list[str]


class _Department(_Shape):
    role: str
    as_printed: str


class _Answer(_Shape):
    """What the metrics read of an answer."""

    answer: str
    refused: bool = False
    clarify: bool = False
    citations: list[_Citation] = []
    statements: list[_Statement] = []
    departments: list[_Department] = []
    timings_ms: dict[str, float] | None = None


def _read_answers(path: Path) -> dict[str, dict[str, Any]]:
    """Answers by id.

    Raises:
        QuestionFileError: the file cannot be read or a line is no answer.
    """
    return read_lines(path, _answer, "答复")


def _answer(entry: dict[str, Any], where: str) -> tuple[str, dict[str, Any]]:
    if "id" not in entry:
        raise QuestionFileError(f"{where}：应是带 id 的答复对象")
    try:
        _Answer.model_validate(entry)
    except ValidationError as error:
        field = ".".join(map(str, error.errors()[0]["loc"]))
        raise QuestionFileError(f"{where}：{field} 与答复的约定不符") from None
    return str(entry["id"]), entry
