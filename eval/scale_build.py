"""Building an index of a synthetic corpus with vectors that are there already, and what that takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from corpus.departments import departments
from corpus.ingest import PlanRecords
from eval.memory import watched
from eval.scale_vectors import Given
from eval.synthetic import Synthetic
from index.engines import STORE
from index.folder import VECTORS, WORDS, IndexFolder
from index.manifest import Inputs, Manifest
from index.store_places import Sink
from index.store_sqlite import SqliteFile
from index.store_writing import StoreWriter
from index.texts import Beside, Here
from index.vectors import VectorWriter
from index.version import Making, write_version

OF_FILE = {STORE: "store", WORDS: "words", VECTORS: "vectors"}
_KB = 1024
_WRITERS: tuple[tuple[str, type], ...] = (
    ("store", StoreWriter),
    ("store", Sink),
    ("texts", Here),
    ("texts", Beside),
    ("vectors", VectorWriter),
)


def build(root: Path, size: int, seed: int, vectors: Path) -> dict[str, Any]:
    """Build the index of the first `size` measures in `root`, their vectors taken from the file `vectors`.

    Returns seconds and measures a second, of the whole without the making of the corpus (`parts` has that
    too) and of each part, where `texts` is words and spelling, or the wait for the process that writes them;
    the seconds that processors worked for all of it; the peak of memory in bytes; of that process alone both
    (`beside`, zero where there was none); and bytes on disk, of the whole and of each part.
    """
    folder = IndexFolder(root)
    given, clock, lexicon = Given(vectors), _Clock(), departments()
    with folder.lock(0), watched() as peak:
        version = folder.new_version()
        version.mkdir()
        started, worked, before = time.perf_counter(), time.process_time(), _beside()
        with clock.watching():
            entries = clock.making(Synthetic(seed).plans(size))
            how = Making(lexicon, given.encode, given.encode, given.dimensions)
            written = write_version(version, SqliteFile(version / STORE), entries, how)
        with clock.part("manifest"):
            inputs, store = Inputs({}, {}, {}, {}, ""), f"{version.name}/{STORE}"
            Manifest(inputs, written.records, given.dimensions, "", store=store, kinds=written.kinds).write(
                version
            )
            folder.swap(version)
        worked, beside = time.process_time() - worked, _beside() - before
        # What the process beside did while the corpus was made was not for nothing.
        seconds = max(time.perf_counter() - started - clock.seconds["corpus"], beside)
    parts = clock.seconds | {"rest": seconds + clock.seconds["corpus"] - sum(clock.seconds.values())}
    return {
        "seconds": round(seconds, 3),
        "rate": round(size / seconds),
        "cpu_seconds": round(worked + beside, 3),
        "parts": {name: {"seconds": round(s, 3), "rate": round(size / s)} for name, s in parts.items()},
        "peak": {"rss": peak.rss, "anonymous": peak.anonymous},
        "beside": {"cpu_seconds": round(beside, 3), "rss": _KB * getrusage(RUSAGE_CHILDREN).ru_maxrss},
        "disk": _disk(version),
    }


def _beside() -> float:
    """Seconds that processors worked for processes which this one began and which have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Clock:
    """How long each part of a build takes; what a part has others do is its own time."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {"corpus": 0.0}
        self._running = False

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the block to the part `name`, unless it runs within another's."""
        if self._running:
            yield
            return
        self._running = True
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
            self._running = False

    def making(self, entries: Iterator[PlanRecords]) -> Iterator[PlanRecords]:
        """`entries`, whose making is counted to the corpus."""
        while True:
            with self.part("corpus"):
                entry = next(entries, None)
            if entry is None:
                return
            yield entry

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count what the index's writers do to their parts: a build calls them in turns."""
        with ExitStack() as undone:
            for name, writer in _WRITERS:
                for method in ("add", "finish", "_finish", "make_indexes", "do", "wait"):
                    plain = writer.__dict__.get(method)
                    if plain is not None:
                        setattr(writer, method, self._counted(name, plain))
                        undone.callback(setattr, writer, method, plain)
            yield

    def _counted(self, name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            with self.part(name):
                return plain(*arguments, **named)

        return counted


def _disk(version: Path) -> dict[str, int]:
    """Bytes on disk: of the store, the words, the vectors, of all the rest, and of the whole."""
    sizes = dict.fromkeys((*OF_FILE.values(), "rest"), 0)
    for path in version.rglob("*"):
        if path.is_file():
            sizes[OF_FILE.get(path.relative_to(version).parts[0], "rest")] += path.stat().st_size
    return sizes | {"whole": sum(sizes.values())}
