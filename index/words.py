"""Words: BM25 over character bigrams (bm25s).

Chinese has no blanks; bigrams measured better than jieba words on every set tried
(shared data notes), and need no dictionary. A query that shares no token with any record
scores zero everywhere and finds nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from corpus.normal import normal
from index.expansion import Expansion

_TOKENS = re.compile(r"[a-z][a-z0-9.\-]*|\d+(?:\.\d+)?%?|[\u3400-\u9fff]+")


def tokens(text: str) -> list[str]:
    """Bigrams of Chinese runs (a lone character stays one), Latin words and figures whole.

    >>> tokens("PM2.5降到26微克")
    ['pm2.5', '降到', '26', '微克']
    """
    found: list[str] = []
    for run in _TOKENS.findall(normal(text)):
        if run[0] < "\u3400" or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


class WordIndex:
    """BM25 scores of all records for a query."""

    def __init__(self, engine: bm25s.BM25, vocabulary: dict[str, int], size: int) -> None:
        self._engine = engine
        self._vocabulary = vocabulary
        self.size = size

    @classmethod
    def build(cls, texts: Sequence[str]) -> WordIndex:
        """Index `texts`; the n-th text is record n."""
        engine = bm25s.BM25(k1=1.2, b=0.6, backend="numpy")
        token_lists = [tokens(text) for text in texts]
        engine.index(token_lists, show_progress=False)
        return cls(engine, engine.vocab_dict, len(texts))

    def save(self, folder: Path) -> None:
        """Write the index into `folder` (made here)."""
        folder.mkdir()
        self._engine.save(folder, show_progress=False)
        (folder / "size.json").write_text(json.dumps(self.size), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> WordIndex:
        """Open what `save` wrote, mapped: processes share it."""
        engine = bm25s.BM25.load(folder, show_progress=False, mmap=True)
        for name in ("data", "indices", "indptr"):  # numpy.memmap costs at each slice; still mapped
            engine.scores[name] = np.asarray(engine.scores[name])
        return cls(engine, engine.vocab_dict, json.loads((folder / "size.json").read_text()))

    def scores(self, query: str, expansions: Sequence[Expansion] = ()) -> NDArray[np.float32]:
        """BM25 of every record, shape (size,); all zero where no token is known.

        Of an expansion the term that a record holds best is added with the expansion's weight, once.
        """
        scores = self._bm25(query)
        for terms, weight in dict.fromkeys((e.terms, e.weight) for e in expansions):
            best = np.maximum.reduce([self._bm25(term) for term in terms])
            scores = scores + np.float32(weight) * best
        return scores

    def _bm25(self, text: str) -> NDArray[np.float32]:
        known = [self._vocabulary[t] for t in tokens(text) if t in self._vocabulary]
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        scores: NDArray[np.float32] = self._engine.get_scores_from_ids(known)
        return scores
