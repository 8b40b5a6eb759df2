"""What BM25 knows of all documents: which tokens there are, and how many documents hold each.

The form is Lucene's, as bm25s calculates it: the inverse document frequency
log(1 + (N - df + 0.5) / (df + 0.5)), times tf / (tf + k1 (1 - b + b l / mean l)).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.tokens import Together, decoded, tokens

K1, B = 1.2, 0.6
FILE, FREQUENCIES = "statistics.json", "frequencies.npy"
Ints = NDArray[np.int64]


class Statistics:
    """The vocabulary of some documents; it grows with `add`.

    Args:
        numbers: the number of each token.
        held: how many documents hold the token of each number.
        documents: how many there are.
        length: tokens of all documents together.
    """

    def __init__(
        self,
        numbers: dict[str, int] | None = None,
        held: Ints | None = None,
        documents: int = 0,
        length: int = 0,
    ) -> None:
        self.numbers = {} if numbers is None else numbers
        self.held: Ints = np.zeros(0, dtype=np.int64) if held is None else held
        self.documents = documents
        self.length = length

    @property
    def mean(self) -> float:
        """Tokens of a document, on the average."""
        return self.length / max(self.documents, 1)

    def add(self, texts: Sequence[str]) -> tuple[Ints, Ints, Ints, Ints]:
        """Count `texts` (normalised); what they hold: each token at one place, and there by text.

        Numbers of tokens, places in `texts`, and how often, all of shape (pairs,); then the tokens of
        each text, shape (texts,).
        """
        codes, of_codes, words, of_words = Together.of(texts).tokens()
        lengths = np.bincount(np.concatenate([of_codes, of_words]), minlength=len(texts))
        own, which, times = _counted(codes, of_codes)
        first = begins(own)
        by_code = self._numbered(decoded(code) for code in own[first].tolist())
        others, of_others, more = _counted(self._numbered(words), of_words)
        number = np.concatenate(
            [np.repeat(by_code, np.diff(first, append=len(own))), others.astype(np.int64)]
        )
        place, times = np.concatenate([which, of_others]), np.concatenate([times, more])
        held = np.bincount(number, minlength=len(self.numbers))
        held[: len(self.held)] += self.held
        self.held = held
        self.documents += len(texts)
        self.length += int(lengths.sum())
        self.__dict__.pop("inverse", None)
        return number, place, times, lengths

    def _numbered(self, found: Iterable[str]) -> Ints:
        numbers = self.numbers
        return np.fromiter((numbers.setdefault(token, len(numbers)) for token in found), dtype=np.int64)

    @cached_property
    def inverse(self) -> NDArray[np.float32]:
        """The inverse document frequency of each token, shape (tokens,)."""
        held: NDArray[np.float32] = np.log(1 + (self.documents - self.held + 0.5) / (self.held + 0.5))
        return held.astype(np.float32)

    def weights(self, times: Ints, lengths: Ints | int) -> NDArray[np.float64]:
        """What tokens that stand `times` in texts of `lengths` count there, before their rarity, 0 to 1."""
        often = times.astype(np.float32)
        return often / (K1 * ((1 - B) + B * lengths / self.mean) + often)

    def document(self, text: str) -> tuple[Ints, NDArray[np.float32]]:
        """Numbers and `weights` of the tokens of one text that are known, by number."""
        found = tokens(text)
        known = Counter(self.numbers[token] for token in found if token in self.numbers)
        numbers = np.fromiter(sorted(known), dtype=np.int64, count=len(known))
        times = np.fromiter((known[n] for n in numbers.tolist()), dtype=np.int64, count=len(known))
        return numbers, self.weights(times, len(found)).astype(np.float32)

    def query(self, text: str) -> dict[int, float]:
        """The rarity of each token of `text` that is known, by number, times how often it stands there.

        The BM25 of a document is the inner product of this and of its `document`.
        """
        known = Counter(self.numbers[token] for token in tokens(text) if token in self.numbers)
        return {number: times * float(self.inverse[number]) for number, times in known.items()}

    def save(self, folder: Path) -> None:
        """Write into `folder`, which is there."""
        document = {"tokens": list(self.numbers), "documents": self.documents, "length": self.length}
        (folder / FILE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        np.save(folder / FREQUENCIES, self.held)

    @classmethod
    def load(cls, folder: Path) -> Statistics:
        """Open what `save` wrote."""
        document = json.loads((folder / FILE).read_text(encoding="utf-8"))
        numbers = {token: n for n, token in enumerate(document["tokens"])}
        return cls(numbers, np.load(folder / FREQUENCIES), document["documents"], document["length"])


def begins(values: NDArray[Any]) -> Ints:
    """Where equal values that stand side by side begin."""
    new = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return np.flatnonzero(new)


def _counted(tokens: NDArray[np.uint64] | Ints, texts: Ints) -> tuple[NDArray[np.uint64], Ints, Ints]:
    """Each token (a number below 2^32) with each text that holds it, in order, and how often it does."""
    pairs = np.sort(tokens.astype(np.uint64) << np.uint64(32) | texts.astype(np.uint64))
    first = begins(pairs)
    pairs, times = pairs[first], np.diff(first, append=len(pairs))
    return pairs >> np.uint64(32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64), times
