"""Vectors of a build that is under way, kept so that one which was killed goes on where it stopped.

INDEX/partial/MODEL/   MODEL names the embedding model and the program, by hash
    model.json         the model as the manifest describes it
    BATCH.vectors      BATCH names the texts of a batch, by hash; within, a checksum and an array of numpy's
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from index.embedding import Vectors
from index.embedding_server import same_model, without_probe
from index.manifest import Inputs

PARTIAL = "partial"
BATCH = 4096  # texts
Kind = Literal["records", "questions"]
Encode = Callable[[Sequence[str]], Vectors]
Counted = Callable[[int, int], None]


class Kept:
    """The vectors that `inputs`' model and program have made so far for the index folder `root`.

    Whoever uses it holds the folder's lock. `progress` is told how many texts of how many are done.
    """

    def __init__(self, root: Path, inputs: Inputs, progress: Counted = lambda done, of: None) -> None:
        self._partial = root / PARTIAL
        made_by = {"model": without_probe(inputs.model), "code": inputs.code}
        self._folder = self._partial / _digest(json.dumps(made_by, sort_keys=True).encode())[:32]
        self._progress = progress
        known = self._folder / "model.json"
        before = _described(known)
        if before is None or not same_model(before, inputs.model):  # another behind the same name
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            _write(known, json.dumps(inputs.model).encode())

    def encoded(self, texts: Sequence[str], encode: Encode, kind: Kind) -> Vectors:
        """The vectors of `texts`, shape (texts, dimensions), batch by batch; `encode` makes those not kept.

        `kind` parts what is encoded in different ways: a question may have words in front of it.

        Raises:
            OSError: they cannot be written. Whatever `encode` raises; the batches before stay.
        """
        if not texts:
            return encode(texts)
        parts = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        vectors = self._batch(parts[0], encode, kind)
        self._progress(len(parts[0]), len(texts))
        if len(parts) == 1:
            return vectors
        made = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
        made[: len(vectors)] = vectors
        for at, part in enumerate(parts[1:], start=1):
            start = at * BATCH
            made[start : start + len(part)] = self._batch(part, encode, kind)
            self._progress(start + len(part), len(texts))
        return made

    def clear(self) -> None:
        """Drop all that is kept, of any model: the index has been built."""
        shutil.rmtree(self._partial, ignore_errors=True)

    def _batch(self, texts: Sequence[str], encode: Encode, kind: Kind) -> Vectors:
        path = self._folder / f"{_named(texts, kind)}.vectors"
        if (kept := _read(path, len(texts))) is not None:
            return kept
        vectors = encode(texts)
        content = io.BytesIO()
        np.save(content, vectors, allow_pickle=False)
        array = content.getvalue()
        _write(path, hashlib.sha256(array).digest() + array)
        return vectors


_CHECKSUM = hashlib.sha256().digest_size


def _read(path: Path, rows: int) -> Vectors | None:
    """The vectors in `path`; None where there is no such file or it is not whole."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    checksum, array = content[:_CHECKSUM], content[_CHECKSUM:]
    if hashlib.sha256(array).digest() != checksum:
        return None
    vectors: Vectors = np.load(io.BytesIO(array), allow_pickle=False)
    return vectors if len(vectors) == rows else None


def _write(path: Path, content: bytes) -> None:
    """Write `path` whole or not at all, whatever ends the program."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _described(path: Path) -> dict[str, str] | None:
    """The model that `path` describes; None where there is none or it is not whole."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _named(texts: Sequence[str], kind: Kind) -> str:
    hashed = hashlib.sha256(kind.encode())
    for text in texts:
        encoded = text.encode()
        hashed.update(f" {len(encoded)}:".encode() + encoded)
    return hashed.hexdigest()[:40]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
