"""Questions on their way to the engine: each answer is entered in the audit, whichever way it was asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Literal, Protocol

from api.context import Caller, caller
from api.state.entries import Asked
from index.filters import NO_FILTERS, Filters
from rag.answer import EXTRACTIVE, Answer
from rag.dispatch import Dispatch, Dispatcher
from rag.engine import Engine

Via = Literal["ask", "chat", "mcp", "page"]


class Log(Protocol):
    """Takes what was asked; never waits and never fails."""

    def record(self, asked: Asked) -> None:
        """Keep it."""
        ...


class Answering:
    """Answers questions with the engine that serves now, and enters them in `log`."""

    def __init__(self, engine: Callable[[], Engine], log: Log | None = None) -> None:
        self.engine = engine
        """Hands out the engine; raises NotReadyError where there is none yet."""
        self._log = log

    def stream(
        self,
        question: str,
        history: Sequence[str] = (),
        question_id: str = "",
        *,
        via: Via = "ask",
        explain: bool = False,
        cancelled: Event | None = None,
        engine: Engine | None = None,
        scope: Filters = NO_FILTERS,
    ) -> Generator[Answer]:
        """See `Engine.stream`; the entry is made at the end.

        `engine` is the one that the caller holds, where it looks up more for the same answer.
        """
        begun, started, someone = datetime.now(UTC), time.perf_counter(), caller()
        serves = engine or self.engine()
        answers = serves.stream(
            question, history, question_id, explain=explain, cancelled=cancelled, scope=scope
        )
        answer: Answer | None = None
        try:
            for answer in answers:
                yield answer
        finally:  # a reader who leaves has asked all the same
            answers.close()
            if answer is not None and self._log is not None:
                elapsed = (time.perf_counter() - started) * 1000
                self._log.record(_entry(answer, someone, via, begun, elapsed))

    def dispatch(self, complaint: str, *, via: Via = "page", engine: Engine | None = None) -> Dispatch:
        """Where a complaint goes by the plans (see `Dispatcher.dispatch`); it is entered as a question is."""
        begun, someone = datetime.now(UTC), caller()
        found = Dispatcher(engine or self.engine()).dispatch(complaint)
        if self._log is not None:
            shown = [basis.record.id for candidate in found.candidates for basis in candidate.bases]
            asked = Asked(
                at=begun,
                request=someone.request,
                who=someone.who,
                via=via,
                question=found.complaint.text,
                route="duty" if found.covered else "refuse",
                ids=tuple(shown),
                refused=not found.covered,
                writer=EXTRACTIVE,
                ms=found.ms,
            )
            self._log.record(asked)
        return found


def _entry(answer: Answer, someone: Caller, via: Via, begun: datetime, elapsed: float) -> Asked:
    return Asked(
        at=begun,
        request=someone.request,
        who=someone.who,
        via=via,
        question=answer.question,
        route=answer.route,
        ids=tuple(citation.record.id for citation in answer.citations),
        refused=answer.refused,
        writer=answer.writer,
        ms=round(elapsed, 3),
    )


def last(answers: Iterable[Answer]) -> Answer:
    """The whole answer, which is the last of a stream."""
    *_, answer = answers
    return answer
