"""Vectors of texts that the serving version holds already: what is added costs its own size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from index.bank import BankIndex
from index.embedding import Vectors
from index.errors import IndexFolderError
from index.folder import BANK, STORE, VECTORS, IndexFolder
from index.manifest import Inputs, Manifest
from index.store import Store
from index.vectors import VectorIndex

Encode = Callable[[Sequence[str]], Vectors]


class Held:
    """The vectors of a version: of its records by what search reads of them, of its bank by question."""

    def __init__(self, records: dict[str, Vectors], questions: dict[str, Vectors]) -> None:
        self.records = records
        self.questions = questions

    @classmethod
    def of_serving(cls, folder: IndexFolder, inputs: Inputs) -> Held:
        """Those of the serving version; none where there is none, or another model or program made it."""
        try:
            version = folder.current()
            manifest = Manifest.read(version)
        except IndexFolderError:
            return cls({}, {})
        if manifest.inputs.code != inputs.code or not manifest.inputs.same_vectors(inputs):
            return cls({}, {})
        return cls(_of_records(version), BankIndex.vectors_of(version / BANK))


def _of_records(version: Path) -> dict[str, Vectors]:
    store = Store.open(version / STORE)
    try:
        texts = store.printed().split("\n")
    finally:
        store.close()
    return paired(texts, VectorIndex.load(version / VECTORS).rows())


def paired(texts: Iterable[str], rows: Vectors) -> dict[str, Vectors]:
    """Each text's row; nothing where they do not belong together."""
    found = list(texts)
    return dict(zip(found, rows, strict=True)) if len(found) == len(rows) else {}


def encoded(texts: Sequence[str], held: dict[str, Vectors], encode: Encode) -> Vectors:
    """The vectors of `texts`, shape (texts, dimensions); those not in `held` are encoded, each once."""
    fresh = list(dict.fromkeys(text for text in texts if text not in held))
    if not held or len(fresh) == len(texts):
        return encode(texts)
    made = dict(zip(fresh, encode(fresh), strict=True)) if fresh else {}
    return np.stack([made[text] if text in made else held[text] for text in texts])
