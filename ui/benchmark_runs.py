"""The benchmark, run from a page over its development questions: one run at a time, seen as it goes.

The held-out questions are not among them, and the record on the disk stays as it is.
"""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Condition, Lock, Thread
from typing import Any, Literal

from eval.questions import BUNDLED, Question, read_questions
from eval.runner import judged, summarise
from eval.systems import EngineSystem
from eval.words import CATEGORIES
from rag.engine import Engine

log = logging.getLogger("wence.ui")
EVERY_S = 0.2  # seconds between two looks at a run
STILL_S = 1.0  # seconds after which a run is shown again that has not moved
ABANDONED_S = 20.0  # seconds after which a run that nobody looks at ends
BUSY = "现在有另一次评测正在进行（{about}，已完成 {done}/{total} 题），请等它结束后再开始。"
NO_CATEGORY = "没有这个类别，请重新选择。"

State = Literal["running", "finished", "stopped", "failed"]


class RunError(ValueError):
    """A run that cannot begin; the message says why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come, and what it has found so far."""

    about: str
    state: State
    total: int
    seconds: float
    results: tuple[dict[str, Any], ...]

    @property
    def done(self) -> int:
        """How many questions have been asked."""
        return len(self.results)

    @property
    def right(self) -> int:
        """How many of them were answered right."""
        return sum(result["right"] for result in self.results)

    @property
    def metrics(self) -> dict[str, Any]:
        """The benchmark's metrics over them."""
        return summarise(self.results)


@lru_cache(maxsize=1)
def _questions() -> tuple[Question, ...]:
    return read_questions(BUNDLED / "dev.jsonl")


def categories() -> list[tuple[str, str, int]]:
    """The categories that can be run, in words, by name, with how many questions each has."""
    counts: dict[str, int] = {}
    for question in _questions():
        counts[question.category] = counts.get(question.category, 0) + 1
    return [(words, name, counts[name]) for name, words in CATEGORIES.items() if name in counts]


def chosen(category: str, most: int) -> list[Question]:
    """At most `most` questions of `category` ("" for all; 0 for no bound), spread evenly over the file.

    Raises:
        RunError: there is no such category.
    """
    found = [q for q in _questions() if category in ("", q.category)]
    if not found:
        raise RunError(NO_CATEGORY)
    count = min(most, len(found)) if most > 0 else len(found)
    return [found[n * len(found) // count] for n in range(count)]


class Run:
    """One run in a thread of its own; it ends when it is done, stopped, looked at no more, or too long."""

    def __init__(self, engine: Engine, questions: Sequence[Question], about: str, within_s: float) -> None:
        self.id = uuid.uuid4().hex
        self._engine = engine
        self._questions = questions
        self._about = about
        self._state: State = "running"
        self._within_s = within_s
        self._asked_to_stop = False
        self._results: list[dict[str, Any]] = []
        self._begun = self._looked = time.monotonic()
        self._ended = 0.0
        self._changed = Condition()
        Thread(target=self._work, name="wence-evaluation", daemon=True).start()

    @property
    def going(self) -> bool:
        """Whether it still runs."""
        return self._state == "running"

    def stop(self) -> None:
        """End it behind the question that is being answered."""
        self._asked_to_stop = True

    def now(self) -> Progress:
        """How far it has come."""
        with self._changed:
            seconds = (self._ended or time.monotonic()) - self._begun
            return Progress(self._about, self._state, len(self._questions), seconds, tuple(self._results))

    def watch(self) -> Iterator[Progress]:
        """How far it has come: at each step, and now and then, until it has ended."""
        told, when = -1, -math.inf
        while True:
            self._looked = time.monotonic()
            with self._changed:
                self._changed.wait_for(lambda: not self.going, timeout=EVERY_S)
            progress = self.now()
            ended = progress.state != "running"
            if ended or progress.done > told or self._looked - when > STILL_S:
                told, when = progress.done, self._looked
                yield progress
            if ended:
                return

    def _work(self) -> None:
        state: State = "finished"
        try:
            for result in judged(EngineSystem(self._engine), self._questions, self._engine.grounding):
                with self._changed:
                    self._results.append(result)
                if self._has_to_end():
                    state = "finished" if len(self._results) == len(self._questions) else "stopped"
                    break
        except Exception:
            log.exception("evaluation failed")
            state = "failed"
        with self._changed:
            self._state, self._ended = state, time.monotonic()
            self._changed.notify_all()

    def _has_to_end(self) -> bool:
        now = time.monotonic()
        late = now - self._looked > ABANDONED_S or now - self._begun > self._within_s
        return late or self._asked_to_stop


class Runs:
    """The runs of this process: there is one at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: Run | None = None

    def start(self, engine: Engine, category: str, most: int, within_s: float = math.inf) -> Run:
        """Begin a run of `chosen` questions, which takes no longer than `within_s` seconds.

        Raises:
            RunError: another one runs, or there is no such category.
        """
        questions = chosen(category, most)
        with self._lock:
            if self._last and self._last.going:
                now = self._last.now()
                raise RunError(BUSY.format(about=now.about, done=now.done, total=now.total))
            self._last = Run(engine, questions, CATEGORIES.get(category, "全部类别"), within_s)
            return self._last

    def stop(self, run_id: str) -> None:
        """Stop the run of that id; nobody stops that of another."""
        if self._last and self._last.id == run_id:
            self._last.stop()
