"""The seam to a language model: messages in, text out piece by piece, from a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from index.errors import ModelError

log = logging.getLogger("wence.writing")
POLL_S = 0.2  # how often a reader, or who stands in line, looks whether it is still wanted


class BusyError(ModelError):
    """Too many generations wait already."""


class SlowError(ModelError):
    """Nothing came in time."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation with a model."""

    role: Literal["system", "user"]
    content: str


@dataclass(slots=True)
class Run:
    """One generation as it goes on; `stop` ends it, and so does `cancelled`, which many may share.

    `tokens` counts what was written, `seconds` how long that has taken; `cut` says that it did not
    end by itself. `close`, where the model sets it, breaks off what it waits for;
    `entered` is when it had its turn, by the performance counter.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    tokens: int = 0
    seconds: float = 0.0
    cut: bool = False
    close: Callable[[], None] = lambda: None
    entered: float | None = None

    @property
    def over(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.stop.is_set() or self.cancelled.is_set()


class ChatModel(Protocol):
    """An instruct model, here or behind a server.

    `name` is `transformers:…` or `openai:…`; `context` how many tokens prompt and answer may have.
    """

    name: str
    context: int

    def tokens(self, text: str) -> int:
        """How many tokens `text` has, or a number that it cannot exceed."""
        ...

    def stream(self, messages: Sequence[Message], most: int, run: Run) -> Iterator[str]:
        """What the model says, piece by piece, at most `most` tokens; blocks between pieces.

        Raises:
            ModelError: it cannot be had; BusyError where too many wait already.
        """
        ...


class Gate:
    """Lets `running` in at a time and `waiting` stand in line, first come first served."""

    def __init__(self, running: int, waiting: int) -> None:
        self._running, self._waiting = running, waiting
        self._inside = 0
        self._line: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, run: Run) -> Iterator[bool]:
        """Wait for a turn and hold it; False where `run` was stopped while it stood in line.

        Raises:
            BusyError: the line is full.
        """
        entered = self._enter(run)
        try:
            yield entered
        finally:
            if entered:
                with self._changed:
                    self._inside -= 1
                    self._changed.notify_all()

    def _enter(self, run: Run) -> bool:
        ticket = object()
        with self._changed:
            if self._inside >= self._running and len(self._line) >= self._waiting:
                raise BusyError(f"模型正忙，已有 {len(self._line)} 个问题在排队")
            self._line.append(ticket)
            while not run.over:
                if self._line[0] is ticket and self._inside < self._running:
                    self._line.popleft()
                    self._inside += 1
                    self._changed.notify_all()
                    run.entered = time.perf_counter()
                    return True
                self._changed.wait(POLL_S)
            self._line.remove(ticket)
            self._changed.notify_all()
            return False


def timely(pieces: Iterator[str], run: Run, left: Callable[[], float]) -> Iterator[str]:
    """`pieces`, read in a thread of its own; waits for each at most the `left()` seconds.

    Where the reader goes away or time runs out, `run` is stopped and the thread ends by itself.

    Raises:
        SlowError: nothing came in time. Also what `pieces` raises.
    """
    arrived: _Arrived = queue.SimpleQueue()

    def read() -> None:
        started = time.perf_counter()
        try:
            for piece in pieces:
                run.seconds = time.perf_counter() - (run.entered or started)
                arrived.put(piece)
                if run.over:
                    break
            arrived.put(None)
        except Exception as error:  # whatever it is, the reader must not wait for it
            arrived.put(error)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    threading.Thread(target=read, name="wence-model", daemon=True).start()
    try:
        while (piece := _next(arrived, run, left)) is not None:
            if isinstance(piece, ModelError):
                raise piece
            if isinstance(piece, Exception):
                log.error("model failed", exc_info=piece)
                raise ModelError(f"模型出错（{type(piece).__name__}）") from piece
            yield piece
    finally:
        run.stop.set()
        run.close()


_Arrived = queue.SimpleQueue[str | Exception | None]


def _next(arrived: _Arrived, run: Run, left: Callable[[], float]) -> str | Exception | None:
    """What arrives next.

    Raises:
        SlowError: nothing in time.
        ModelError: nobody waits for it any more.
    """
    while True:
        try:
            return arrived.get(timeout=max(min(left(), POLL_S), 0.001))
        except queue.Empty:
            if run.cancelled.is_set():
                raise ModelError("提问的人已经离开") from None
            if left() <= 0:
                raise SlowError("模型没有在限定的时间内写出") from None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a model may take and how much it may write.

    `first_s` seconds until its first sentence stands, `total_s` for all that it says to one
    question (queue and repairs included), `tokens` at most in an answer.
    """

    first_s: float = 30.0
    total_s: float = 120.0
    tokens: int = 600


class Clock:
    """The seconds that are left to one answer.

    It was `started` at that moment of the monotonic clock, and its `first` sentence has stood since
    so many seconds after that, if it does.
    """

    def __init__(self, limits: Limits, started: float | None = None, first: float | None = None) -> None:
        self._started = time.monotonic() if started is None else started
        self._limits = limits
        self.first = first

    def left(self) -> float:
        """Seconds left: until the first sentence at first, then until the end."""
        limit = self._limits.first_s if self.first is None else self._limits.total_s
        return self._started + min(limit, self._limits.total_s) - time.monotonic()

    def elapsed(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    def sentence(self) -> None:
        """A sentence of the model stands."""
        if self.first is None:
            self.first = self.elapsed()


def complete(
    model: ChatModel,
    messages: Sequence[Message],
    most: int,
    seconds: float,
    cancelled: threading.Event | None = None,
) -> str:
    """All that `model` says to `messages`, at most `most` tokens, within `seconds`.

    Raises:
        ModelError: it does not; SlowError where time runs out.
    """
    run, clock = Run(cancelled=cancelled or threading.Event()), Clock(Limits(seconds, seconds))
    return "".join(timely(model.stream(messages, most, run), run, clock.left))
