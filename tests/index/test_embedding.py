"""Embedding models other than the shipped one, from a local folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embedding import SentenceTransformerEncoder, load_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny transformer model made on the spot, in sentence-transformers' layout."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    made = tmp_path_factory.mktemp("model")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"餐饮油烟噪声治理"]
    (made / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab=str(made / "vocab.txt")).save_pretrained(made / "bert")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(made / "bert")
    transformer = Transformer(str(made / "bert"))
    model = SentenceTransformer(modules=[transformer, Pooling(8)], device="cpu")
    model.save(str(made / "model"))
    return made / "model"


def test_any_sentence_transformers_model_loads_from_its_folder(folder: Path) -> None:
    encoder = load_encoder(folder)
    assert isinstance(encoder, SentenceTransformerEncoder)
    vectors = encoder.encode(["餐饮油烟", "噪声治理"])
    assert vectors.shape == (2, 8)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
