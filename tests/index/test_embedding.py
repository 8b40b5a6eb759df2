"""Embedding models other than the shipped one, from a local folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.embedding import SentenceTransformerEncoder, load_encoder


def test_any_sentence_transformers_model_loads_from_its_folder(embedder: Path) -> None:
    encoder = load_encoder(embedder)
    assert isinstance(encoder, SentenceTransformerEncoder)
    vectors = encoder.encode(["餐饮油烟", "噪声治理"])
    assert vectors.shape == (2, 8)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
