"""Words: BM25 over character bigrams (bm25s), from files that are mapped.

A query that shares no token with any record scores zero everywhere and finds nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from index.expansion import Expansion
from index.statistics import K1, B, Ints, Statistics, begins
from index.tokens import tokens

BATCH = 16384  # texts that are counted at a time
RUNS = 32  # runs of records up to which each is looked for by itself
SIZE, SPILL = "size.json", "spill-{}.npy"
_ARRAYS = ("data", "indices", "indptr")
_DATA, _INDICES = "data.csc.index.npy", "indices.csc.index.npy"
Floats = NDArray[np.float32]


class WordWriter:
    """Writes a word index from texts that come one after another; memory holds one batch of them.

    Args:
        folder: where it is written (made here).
        base: statistics of an index that this one continues: what its words count stays, so that the
            scores of both can be compared.
        postings: whether the index is written, or only its statistics, by which another engine scores.
    """

    def __init__(self, folder: Path, base: Statistics | None = None, *, postings: bool = True) -> None:
        folder.mkdir()
        self._postings = postings
        self._folder = folder
        self._base = base
        self.statistics = Statistics(dict(base.numbers)) if base else Statistics()
        self._waiting: list[str] = []
        self._lengths: list[Ints] = []
        self._spilt = 0

    def add(self, texts: Sequence[str]) -> None:
        """Take further texts, normalised; the n-th of all is record n."""
        self._waiting += texts
        while len(self._waiting) >= BATCH:
            self._spill(self._waiting[:BATCH])
            del self._waiting[:BATCH]

    def _spill(self, texts: Sequence[str]) -> None:
        """Count `texts`, and write what they hold beside the index: scores need the count of all."""
        number, place, times, lengths = self.statistics.add(texts)
        if not self._postings:
            return
        place += sum(map(len, self._lengths))
        np.save(self._folder / SPILL.format(self._spilt), np.stack([number, place, times]).astype(np.int32))
        self._lengths.append(lengths)
        self._spilt += 1

    def count(self) -> Statistics:
        """Write the statistics by which everything that was added is scored."""
        if self._waiting:
            self._spill(self._waiting)
            self._waiting = []
        counted = self._counted()
        counted.save(self._folder)
        (self._folder / SIZE).write_text(json.dumps(self.statistics.documents), encoding="utf-8")
        return counted

    def finish(self) -> WordIndex:
        """Write the index and open it; what stands behind `add` is all there is."""
        self.write()
        return WordIndex.load(self._folder)

    def write(self) -> None:
        """Write the index alone."""
        counted, own = self.count(), self.statistics
        starts = np.concatenate([[0], np.cumsum(own.held)])
        shape = (max(int(starts[-1]), 1),)  # an empty file cannot be mapped
        made = np.lib.format.open_memmap
        data = made(self._folder / ("new-" + _DATA), "w+", np.float32, shape)
        indices = made(self._folder / ("new-" + _INDICES), "w+", np.int32, shape)
        free = starts[:-1].copy()
        lengths = np.concatenate(self._lengths) if self._lengths else np.empty(0, dtype=np.int64)
        for n in range(self._spilt):
            path = self._folder / SPILL.format(n)
            number, place, times = np.load(path, mmap_mode="r")
            first = begins(number)
            token, held = number[first], np.diff(first, append=len(number))
            at = np.arange(len(number)) + np.repeat(free[token] - first, held)
            free[token] += held
            data[at] = np.repeat(counted.inverse[token], held) * counted.weights(times, lengths[place])
            indices[at] = place
            path.unlink()
        del data, indices  # what is mapped is written
        self._save(starts, len(lengths))

    def _counted(self) -> Statistics:
        """What scores are calculated with: the own statistics, or the base's with the new words."""
        own, base = self.statistics, self._base
        if base is None:
            return own
        held = own.held.copy()
        held[: len(base.held)] = base.held
        return Statistics(own.numbers, held, base.documents, base.length)

    def _save(self, starts: Ints, size: int) -> None:
        """Write the files as bm25s lays them out, with its parameters, in place of those made here."""
        engine = bm25s.BM25(k1=K1, b=B, backend="numpy")
        nothing = np.empty(0, dtype=np.float32)
        engine.scores = {"data": nothing, "indices": nothing, "indptr": starts, "num_docs": size}
        engine.vocab_dict = {}
        engine.nonoccurrence_array = None
        engine.save(self._folder, show_progress=False)
        for name in (_DATA, _INDICES):
            (self._folder / ("new-" + name)).replace(self._folder / name)


class WordIndex:
    """BM25 scores of all records for a query.

    Args:
        engines: the postings of records that follow one another.
        sizes: of how many records each.
        statistics: the vocabulary of all.
    """

    def __init__(self, engines: Sequence[bm25s.BM25], sizes: Sequence[int], statistics: Statistics) -> None:
        self._engines = list(engines)
        self._sizes = list(sizes)
        self.statistics = statistics
        self.size = sum(sizes)
        self._scratch = threading.local()

    @classmethod
    def build(cls, texts: Sequence[str]) -> WordIndex:
        """Index few `texts`, normalised, in memory; the n-th text is record n."""
        with TemporaryDirectory() as folder:
            writer = WordWriter(Path(folder) / "words")
            writer.add(texts)
            made = writer.finish()
            for engine in made._engines:
                engine.scores |= {name: np.array(engine.scores[name]) for name in _ARRAYS}
            return made

    @classmethod
    def load(cls, folder: Path, *more: Path) -> WordIndex:
        """Open `folder` and `more` that continue it, as written, mapped: processes share it."""
        folders = (folder, *more)
        sizes = [json.loads((part / SIZE).read_text(encoding="utf-8")) for part in folders]
        return cls([_mapped(part) for part in folders], sizes, Statistics.load(folders[-1]))

    def knows(self, query: str) -> bool:
        """Whether a record holds a token of `query`."""
        return bool(self._known(query))

    def scores(self, query: str, expansions: Sequence[Expansion] = (), among: Scope | None = None) -> Floats:
        """BM25 of every record, shape (size,), or of those `among`, shape (len(among),).

        All zero where no token is known. Of an expansion the term that a record holds best is added with
        the expansion's weight, once.
        """
        known = self._known(query)
        parts = [
            engine.get_scores_from_ids(own) if own else np.zeros(size, dtype=np.float32)
            for engine, size in zip(self._engines, self._sizes, strict=True)
            if among is None
            for own in [[n for n in known if n < len(engine.scores["indptr"]) - 1]]
        ]
        scores: Floats = np.concatenate(parts) if len(parts) > 1 else np.zeros(0, dtype=np.float32)
        if len(parts) == 1:
            scores = parts[0]
        if among is not None:
            scores = np.zeros(len(among), dtype=np.float32)
            for number in known:
                for places, held in self._postings(number, among):
                    scores[places] += held
        for terms, weight in dict.fromkeys((e.terms, e.weight) for e in expansions):
            best, touched = self._best(terms, len(scores), among)
            for places in touched:
                scores[places] += np.float32(weight) * best[places]
                best[places] = 0
        return scores

    def _known(self, text: str) -> list[int]:
        numbers = self.statistics.numbers
        return [numbers[token] for token in tokens(text) if token in numbers]

    def _best(
        self, terms: Sequence[str], size: int, among: Scope | None
    ) -> tuple[Floats, list[NDArray[Any]]]:
        """The BM25 of the term that each place holds best, zero elsewhere, and the places that are not zero.

        No place is in two of the arrays. Whoever reads puts the zeros back.
        """
        best, own = self._zeros(size)
        touched: list[NDArray[Any]] = []
        for known in (found for term in terms if (found := self._known(term))):
            postings = [held for number in known for held in self._postings(number, among)]
            for places, scores in postings:
                own[places] += scores
            for places, _ in postings:
                touched.append(places[best[places] == 0])
                best[places] = np.maximum(best[places], own[places])
            for places, _ in postings:
                own[places] = 0
        return best, touched

    def _postings(self, number: int, among: Scope | None) -> Iterator[tuple[NDArray[Any], Floats]]:
        """The places that hold a token, and what it counts there: those of all records, or in `among`."""
        start = 0
        for engine, size in zip(self._engines, self._sizes, strict=True):
            starts = engine.scores["indptr"]
            if number + 1 < len(starts):  # others came later
                span = slice(starts[number], starts[number + 1])
                places, scores = engine.scores["indices"][span], engine.scores["data"][span]
                if among is not None:
                    yield from among.narrowed(places, scores, start)
                else:
                    yield (places + start if start else places), scores
            start += size

    def _zeros(self, size: int) -> tuple[Floats, Floats]:
        """Two arrays of zeros, shape (size,) or longer, of this thread; whoever writes puts zeros back."""
        kept: dict[str, Floats] = self._scratch.__dict__
        if "best" not in kept or len(kept["best"]) < size:
            kept["best"], kept["own"] = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
        return kept["best"], kept["own"]


class Scope:
    """Few records among many, by their positions, in order: only their postings are looked at."""

    def __init__(self, positions: Ints) -> None:
        self.positions = positions
        breaks = np.flatnonzero(np.diff(positions) != 1) + 1
        self._first = np.concatenate([[0], breaks]) if len(positions) else breaks
        self._behind = np.concatenate([breaks, [len(positions)]]) if len(positions) else breaks

    def __len__(self) -> int:
        """How many there are."""
        return len(self.positions)

    def narrowed(
        self, places: NDArray[np.int32], scores: Floats, start: int
    ) -> Iterator[tuple[Ints, Floats]]:
        """Of postings, whose places count from `start`, those that are in here, by their place in here."""
        if len(self._first) <= RUNS:
            for first, behind in zip(self._first.tolist(), self._behind.tolist(), strict=True):
                begins = self.positions[first] - start
                low, high = np.searchsorted(places, [begins, begins + behind - first])
                if low < high:
                    yield places[low:high] + (first - begins), scores[low:high]
            return
        at = np.minimum(np.searchsorted(places, self.positions - start), max(len(places) - 1, 0))
        held = np.flatnonzero(places[at] == self.positions - start) if len(places) else at[:0]
        yield held, scores[at[held]]


def _mapped(folder: Path) -> bm25s.BM25:
    engine = bm25s.BM25.load(folder, show_progress=False, mmap=True, load_vocab=False)
    for name in _ARRAYS:  # numpy.memmap costs at each slice; still mapped
        engine.scores[name] = np.asarray(engine.scores[name])
    return engine
