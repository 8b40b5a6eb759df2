"""Fixtures that several floors share: the corpus, one index, one engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.bank import BUNDLED_BANK
from corpus.ingest import Corpus, read_corpus
from corpus.manifest import BUNDLED
from index.build import build
from index.embedding import SHIPPED, Encoder, load_encoder
from index.folder import IndexFolder, OpenIndex
from rag.engine import Engine


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
