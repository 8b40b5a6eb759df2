"""Fixtures that several floors share: the corpus, one index, one engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.bank import BUNDLED_BANK
from corpus.ingest import Corpus, read_corpus
from corpus.manifest import BUNDLED
from index.build import build
from index.embedding import SHIPPED, Encoder, load_encoder
from index.folder import IndexFolder, OpenIndex
from rag.engine import Engine
from tests import postgres, tiny_llm


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The bundled corpus, read once."""
    return read_corpus()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The shipped embedding model."""
    return load_encoder(SHIPPED)


@pytest.fixture(scope="session")
def index_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of the bundled corpus."""
    root = tmp_path_factory.mktemp("index")
    build(root, BUNDLED, BUNDLED_BANK, SHIPPED)
    return root


@pytest.fixture(scope="session")
def index(index_dir: Path, encoder: Encoder) -> OpenIndex:
    """That index, open."""
    return IndexFolder(index_dir).open(encoder)


@pytest.fixture(scope="session")
def engine(index: OpenIndex) -> Engine:
    """An engine over that index."""
    return Engine(index)


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Postgres]:
    """A PostgreSQL server."""
    found = postgres.programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres.running(found) as server:
        yield server


# Tiny transformer models made on the spot.
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"餐饮油烟噪声治理"]
SIZES = {
    "vocab_size": len(WORDS),
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 64,
}


def _tokenizer(folder: Path, to: Path) -> None:
    from transformers import BertTokenizerFast

    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(to)


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedding model in sentence-transformers' layout."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel

    made = tmp_path_factory.mktemp("embedder")
    _tokenizer(made, made / "bert")
    BertModel(BertConfig(**SIZES)).save_pretrained(made / "bert")
    model = SentenceTransformer(modules=[Transformer(str(made / "bert")), Pooling(8)], device="cpu")
    model.save(str(made / "model"))
    return made / "model"


@pytest.fixture(scope="session")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder with one score."""
    from transformers import BertConfig, BertForSequenceClassification

    made = tmp_path_factory.mktemp("reranker")
    _tokenizer(made, made / "model")
    BertForSequenceClassification(BertConfig(**SIZES, num_labels=1)).save_pretrained(made / "model")
    return made / "model"


# Questions that a model made on the spot learns to answer from the evidence that it is given.
LEARNT = {
    "延庆和怀柔在海绵城市上有什么不同": (
        "延庆区建成区海绵城市达标面积比例要达到52%[1]。怀柔区建成区海绵城市达标面积比例要达到44%[2]。"
    ),
    "延庆区今年PM2.5目标是多少？": "延庆区PM2.5年均浓度的年终目标为26微克/立方米[1]。",
}


@pytest.fixture(scope="session")
def random_llm(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model of Qwen's architecture with random weights."""
    return tiny_llm.make(tmp_path_factory.mktemp("random") / "tiny", tiny_llm.texts(corpus))


@pytest.fixture(scope="session")
def trained_llm(corpus: Corpus, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, trained until it answers `LEARNT` from the measures in its prompt."""
    folder = tiny_llm.make(tmp_path_factory.mktemp("trained") / "tiny", tiny_llm.texts(corpus))
    tiny_llm.overfit(folder, [(tiny_llm.prompt(engine, q), said) for q, said in LEARNT.items()])
    return folder
