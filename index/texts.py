"""What a version knows from the texts of its records alone, written here or in a process beside."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import numpy as np

from index.errors import IndexFolderError
from index.reuse import digests
from index.spelling_writing import SpellingWriter
from index.words import WordWriter

WAITING = 3  # batches that wait for the other process, at the most


@dataclass(frozen=True, slots=True)
class Parts:
    """Where what is written of texts goes.

    Args:
        words: the folder of their words.
        asked: that of the words of texts together with their questions, None where nobody wants them.
        spelling: that of spelling.
        hashes: the file of the hashes of texts.
        postings: whether word indexes are written, or only their statistics (see `WordWriter`).
    """

    words: Path
    asked: Path | None
    spelling: Path
    hashes: Path
    postings: bool


class TextWriter:
    """Writes the words, the spelling and the hashes of texts that come one after another."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._words = [WordWriter(parts.words, postings=parts.postings)]
        if parts.asked is not None:
            self._words.append(WordWriter(parts.asked, postings=parts.postings))
        self._spelling = SpellingWriter()
        self._hashes = [digests([])]

    def add(self, texts: Sequence[str], asked: Mapping[int, str]) -> None:
        """Take further texts, normalised; `asked` has, by its place, each that has questions, with those."""
        together = [asked.get(n, text) for n, text in enumerate(texts)] if asked else texts
        for writer, own in zip(self._words, (texts, together), strict=False):
            writer.add(own)
        self._spelling.add(texts)
        self._hashes.append(digests(texts))

    def finish_words(self) -> None:
        """Write what is known of words, and the hashes."""
        np.save(self._parts.hashes, np.concatenate(self._hashes))
        for writer in self._words:
            if self._parts.postings:
                writer.write()
            else:
                writer.count()

    def finish_spelling(self, more: Sequence[str], names: Collection[str], asked: Sequence[str]) -> None:
        """Write what spelling learns, of the texts `more` as well; see `SpellingWriter.finish`."""
        self._spelling.add(more)
        self._spelling.finish(self._parts.spelling, names, asked)


class Doing(Protocol):
    """Has a `TextWriter` do things, one after another."""

    def do(self, method: Callable[..., None], *given: Any) -> None:
        """Have `method` of `TextWriter` called, now or later."""
        ...

    def wait(self) -> None:
        """Come back when all is done."""
        ...


class Here:
    """Does all at once, in this process."""

    def __init__(self, parts: Parts) -> None:
        self._writer = TextWriter(parts)

    def do(self, method: Callable[..., None], *given: Any) -> None:
        """See `Doing`."""
        method(self._writer, *given)

    def wait(self) -> None:
        """See `Doing`."""


class Beside:
    """Has it done in the one process of `pool`, while this one goes on; memory holds `WAITING` batches.

    Both methods raise what the writing raises there, and IndexFolderError where the process was killed.
    """

    def __init__(self, pool: ProcessPoolExecutor, parts: Parts) -> None:
        self._pool = pool
        self._under_way: deque[Future[None]] = deque()
        self._submit(_make, parts)

    def do(self, method: Callable[..., None], *given: Any) -> None:
        """See `Doing`."""
        self._wait(WAITING - 1)
        self._submit(_do, method, *given)

    def wait(self) -> None:
        """See `Doing`."""
        self._wait(0)

    def _submit(self, task: Callable[..., None], *given: Any) -> None:
        with _told():
            self._under_way.append(self._pool.submit(task, *given))

    def _wait(self, left: int) -> None:
        with _told():
            while len(self._under_way) > left:
                self._under_way.popleft().result()


@contextmanager
def writing(parts: Parts, *, beside: bool) -> Iterator[Doing]:
    """Write to `parts`: here, or `beside` in a process that takes half a second to start.

    That process ends with the block, however the block ends, and with this process.
    """
    if not beside:
        yield Here(parts)
        return
    ours_ends, ours = Pipe(duplex=False)
    pool = ProcessPoolExecutor(1, get_context("spawn"), _begin, (ours_ends,))
    try:
        yield Beside(pool, parts)
        pool.shutdown()
    finally:
        ours.close()
        pool.shutdown(cancel_futures=True)
        ours_ends.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool:
        raise IndexFolderError(
            "建索引时，写词索引的进程中途没有了（多半是内存不够，被系统停掉），原有索引不受影响。"
            "请腾出内存，再运行一次 wence build。"
        ) from None


_made: list[TextWriter] = []  # in the process beside


def _begin(ours_ends: Connection) -> None:
    """Begin the process beside: who interrupts a build interrupts the process that waits for this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(ours_ends,), daemon=True).start()


def _end_with(other: Connection) -> None:
    """Wait until the end of the pipe that the other process holds is closed, as a kill does, and end."""
    other.poll(None)
    os._exit(1)


def _make(parts: Parts) -> None:
    _made.append(TextWriter(parts))


def _do(method: Callable[..., None], *given: Any) -> None:
    method(_made[0], *given)
