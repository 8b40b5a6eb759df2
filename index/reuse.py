"""Vectors of texts that the serving version holds already: what is added costs its own size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors
from index.vectors import VectorSearch

Encode = Callable[[Sequence[str]], Vectors]
Digests = NDArray[np.uint64]


def digests(texts: Sequence[str]) -> Digests:
    """A hash of 128 bits for each text, shape (texts, 2)."""
    hashed = b"".join(hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts)
    return np.frombuffer(hashed, dtype=np.uint64).reshape(-1, 2)


class Held:
    """Vectors that are held, by the text that each is of.

    Args:
        known: `digests` of the texts.
        vectors: the vector of each.
    """

    def __init__(self, known: Digests, vectors: VectorSearch) -> None:
        if len(known) != vectors.size:
            raise ValueError(f"{len(known)} 个文本，{vectors.size} 个向量")
        self._order = np.argsort(known[:, 0])
        self._known = known[self._order]
        self._vectors = vectors

    def encoded(self, texts: Sequence[str], encode: Encode) -> Vectors:
        """The vectors of `texts`, shape (texts, dimensions); those not held are encoded, each once."""
        wanted = digests(texts)
        at = np.minimum(np.searchsorted(self._known[:, 0], wanted[:, 0]), len(self._known) - 1)
        there = (self._known[at] == wanted).all(axis=1)
        if not there.any():
            return encode(texts)
        found = np.empty((len(texts), self._vectors.dimensions), dtype=np.float32)
        found[there] = self._vectors.rows(self._order[at[there]])
        new = np.flatnonzero(~there).tolist()
        fresh = list(dict.fromkeys(texts[n] for n in new))
        if fresh:
            made = dict(zip(fresh, encode(fresh), strict=True))
            found[new] = np.stack([made[texts[n]] for n in new])
        return found
