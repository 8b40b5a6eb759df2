"""Pairs of texts that belong together, drawn from the reading order of the documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]

REACH = 3  # sentences on each side of a sentence that may count as what surrounds it
_SHORTEST = 4  # tokens of a part cut out of a sentence


@dataclass(frozen=True, slots=True)
class Bags:
    """Texts as token ids: text i is `ids[starts[i]:starts[i + 1]]` (the last runs to the end)."""

    ids: Ids
    starts: Ids


@dataclass(frozen=True, slots=True)
class Batch:
    """n texts on the left, the n that belong to them on the right, and their documents."""

    left: Bags
    right: Bags
    documents: Ids


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the kinds of pair; what the two leave is a sentence and the next one."""

    around: float
    titles: float


class PairSampler:
    """Draws batches from tokenised documents.

    There are three kinds of pair: a sentence and the next one of its document; a part of a
    sentence and the sentences around it, itself left out (the inverse cloze task of Lee et
    al. 2019, "Latent Retrieval"); the title of a document and a sentence of it.

    Args:
        sentences: token ids of n sentences in reading order.
        documents: which document each stands in, shape (n,), never falling.
        titles: token ids of each document's title.
        mix: how many pairs are of which kind.
        rng: where the draws come from.

    Raises:
        ValueError: no document has two sentences with known tokens.
    """

    def __init__(
        self,
        sentences: Sequence[Sequence[int]],
        documents: Sequence[int],
        titles: Sequence[Sequence[int]],
        mix: Mix,
        rng: np.random.Generator,
    ) -> None:
        filled = [i for i, ids in enumerate(sentences) if ids]
        self._sentences = [np.asarray(sentences[i], dtype=np.int64) for i in filled]
        self._documents = np.asarray([documents[i] for i in filled], dtype=np.int64)
        self._titles = [np.asarray(ids, dtype=np.int64) for ids in titles]
        self._mix, self.rng = mix, rng
        # the sentences of a document run from its first to one before its last
        self._firsts = np.searchsorted(self._documents, self._documents, side="left")
        self._lasts = np.searchsorted(self._documents, self._documents, side="right")
        place = np.arange(len(filled))
        self._followed = np.flatnonzero(place + 1 < self._lasts)
        self._accompanied = np.flatnonzero(self._lasts - self._firsts > 1)
        titled = np.asarray([len(ids) > 0 for ids in titles], dtype=np.bool_)
        self._titled = np.flatnonzero(titled[self._documents])
        if not len(self._followed):
            raise ValueError("训练文本里没有一篇有两句以上，组不成句对。")

    def draw(self, size: int) -> Batch:
        """`size` pairs, drawn with replacement."""
        around = int(size * self._mix.around)
        titles = int(size * self._mix.titles) if len(self._titled) else 0
        nexts = self.rng.choice(self._followed, size - around - titles)
        middles = self.rng.choice(self._accompanied, around)
        owned = self.rng.choice(self._titled, titles) if titles else nexts[:0]
        left = [self._sentences[i] for i in nexts]
        left += [self._part(i) for i in middles]
        left += [self._titles[self._documents[i]] for i in owned]
        right = [self._sentences[i + 1] for i in nexts]
        right += [self._around(i) for i in middles]
        right += [self._sentences[i] for i in owned]
        documents = self._documents[np.concatenate([nexts, middles, owned])]
        return Batch(bags(left), bags(right), documents)

    def _part(self, place: int) -> Ids:
        """A random run of the sentence's tokens; all of a short sentence."""
        ids = self._sentences[place]
        if len(ids) <= _SHORTEST:
            return ids
        length = self.rng.integers(_SHORTEST, len(ids) + 1)
        start = self.rng.integers(0, len(ids) - length + 1)
        return ids[start : start + length]

    def _around(self, place: int) -> Ids:
        """Up to `REACH` sentences before it and after it in its document, at least one in all."""
        room = np.minimum(REACH, [place - self._firsts[place], self._lasts[place] - 1 - place])
        before, after = self.rng.integers(0, room + 1)
        if not before + after:
            before, after = room
        neighbours = [*range(place - before, place), *range(place + 1, place + 1 + after)]
        return np.concatenate([self._sentences[i] for i in neighbours])


def bags(texts: Sequence[Ids]) -> Bags:
    """`texts`, none of them empty, as one."""
    lengths = np.fromiter((len(ids) for ids in texts), dtype=np.int64, count=len(texts))
    return Bags(np.concatenate(texts), np.concatenate([[0], np.cumsum(lengths)[:-1]]))
