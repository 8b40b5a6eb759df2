"""Words: BM25 over character bigrams (bm25s), from files that are mapped.

A query that shares no token with any record scores zero everywhere and finds nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import bm25s
import numpy as np
from numpy.typing import NDArray

from index.expansion import Expansion
from index.statistics import K1, B, Ints, Statistics
from index.tokens import tokens

BATCH = 16384  # texts that are counted at a time
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
        place += len(self._lengths) and sum(map(len, self._lengths))
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
        """Write the index; what stands behind `add` is all there is."""
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
            number, place, times = np.load(path).astype(np.int64)
            token, first, held = np.unique(number, return_index=True, return_counts=True)
            at = np.arange(len(number)) + np.repeat(free[token] - first, held)
            free[token] += held
            data[at] = counted.inverse[number] * counted.weights(times, lengths[place])
            indices[at] = place
            path.unlink()
        del data, indices  # what is mapped is written
        self._save(starts, len(lengths))
        return WordIndex.load(self._folder)

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

    def scores(self, query: str, expansions: Sequence[Expansion] = ()) -> Floats:
        """BM25 of every record, shape (size,); all zero where no token is known.

        Of an expansion the term that a record holds best is added with the expansion's weight, once.
        """
        known = self._known(query)
        parts = [
            engine.get_scores_from_ids(own) if own else np.zeros(size, dtype=np.float32)
            for engine, size in zip(self._engines, self._sizes, strict=True)
            for own in [[n for n in known if n < len(engine.scores["indptr"]) - 1]]
        ]
        scores: Floats = parts[0] if len(parts) == 1 else np.concatenate(parts)
        for terms, weight in dict.fromkeys((e.terms, e.weight) for e in expansions):
            for start, places, best in self._best(terms):
                scores[start + places] += np.float32(weight) * best
        return scores

    def _known(self, text: str) -> list[int]:
        numbers = self.statistics.numbers
        return [numbers[token] for token in tokens(text) if token in numbers]

    def _best(self, terms: Sequence[str]) -> list[tuple[int, NDArray[np.int32], Floats]]:
        """For each part: where it starts, the records (some twice) that hold a term, the BM25 of the best."""
        meant = [known for term in terms if (known := self._known(term))]
        found, start = [], 0
        for n, (engine, size) in enumerate(zip(self._engines, self._sizes, strict=True)):
            best, own = self._zeros(n, size)
            touched: list[NDArray[np.int32]] = []
            for known in meant:
                postings = [_postings(engine, number) for number in known]
                for places, scores in postings:
                    np.add.at(own, places, scores)
                for places, _ in postings:
                    best[places] = np.maximum(best[places], own[places])
                for places, _ in postings:
                    own[places] = 0
                    touched.append(places)
            if touched:
                places = np.concatenate(touched)
                found.append((start, places, best[places]))
                best[places] = 0
            start += size
        return found

    def _zeros(self, part: int, size: int) -> tuple[Floats, Floats]:
        """Two arrays of zeros, shape (size,), of this thread; whoever writes into them puts zeros back."""
        kept: dict[str, tuple[Floats, Floats]] = self._scratch.__dict__
        if (name := f"part {part}") not in kept:
            kept[name] = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
        return kept[name]


def _mapped(folder: Path) -> bm25s.BM25:
    engine = bm25s.BM25.load(folder, show_progress=False, mmap=True, load_vocab=False)
    for name in _ARRAYS:  # numpy.memmap costs at each slice; still mapped
        engine.scores[name] = np.asarray(engine.scores[name])
    return engine


def _postings(engine: bm25s.BM25, number: int) -> tuple[NDArray[np.int32], Floats]:
    """The records that hold a token and what it counts there; none of a token that came later."""
    starts = engine.scores["indptr"]
    start, end = (starts[number], starts[number + 1]) if number + 1 < len(starts) else (0, 0)
    return engine.scores["indices"][start:end], engine.scores["data"][start:end]
