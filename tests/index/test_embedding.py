"""Embedding models other than the shipped one, from a local folder."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest

from index.embedding import MANY, SentenceTransformerEncoder, bulk_encoder, load_encoder
from index.errors import ModelError


def test_any_sentence_transformers_model_loads_from_its_folder(embedder: Path) -> None:
    encoder = load_encoder(embedder)
    assert isinstance(encoder, SentenceTransformerEncoder)
    vectors = encoder.encode(["餐饮油烟", "噪声治理"])
    assert vectors.shape == (2, 8)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_build_encodes_many_texts_in_processes(embedder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same vectors in the same order; few texts start none; processes that are killed are an error."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    words = "餐饮油烟噪声治理"
    texts = [words[n % 8] + words[n // 8 % 8] + words[n // 64 % 8] for n in range(MANY)]
    with bulk_encoder(embedder, workers=2) as encoder:
        few = encoder.encode(texts[:9])
        assert not multiprocessing.active_children()
        vectors = encoder.encode(texts)
        processes = multiprocessing.active_children()
        assert len(processes) == 2
        np.testing.assert_allclose(vectors[:9], few, atol=1e-5)
        np.testing.assert_allclose(vectors, load_encoder(embedder).encode(texts), atol=1e-5)
        for process in processes:
            process.kill()
            process.join()
        with pytest.raises(ModelError, match="请把 WENCE_EMBEDDING_WORKERS 设小些"):
            encoder.encode(texts)
    assert not multiprocessing.active_children()
    assert "OMP_NUM_THREADS" not in os.environ
    np.testing.assert_allclose(encoder.encode(texts), vectors, atol=1e-5)  # in this process from now on
