"""An optional second look at the first records: a cross-encoder by name (none ships)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from index.locate import architectures


class Reranker(Protocol):
    """Says how well texts answer a query."""

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """A score from 0 to 1 for each text, shape (len(texts),), float32."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder from a local folder (torch is imported here)."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import CrossEncoder
        from torch.nn import Sigmoid

        self._model = CrossEncoder(str(folder), local_files_only=True, num_labels=1, activation_fn=Sigmoid())
        self._lock = threading.Lock()

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Reranker`."""
        with self._lock:
            found = self._model.predict([(query, text) for text in texts], show_progress_bar=False)
        return np.asarray(found, dtype=np.float32)


def load_reranker(folder: Path) -> Reranker:
    """The cross-encoder in `folder`.

    Raises:
        ModelError: there is none that can be read.
    """
    try:
        kinds = architectures(folder) or ["没有写明"]
        if not all(kind.endswith("ForSequenceClassification") for kind in kinds):
            raise ValueError(f"它不是打分的模型（{'、'.join(kinds)}）")
        return CrossEncoderReranker(folder)
    except Exception as error:  # whatever a damaged folder makes a library raise
        raise ModelError(f"重排模型 {folder} 读不出来：{error}") from error
