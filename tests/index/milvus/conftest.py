"""A server, and the bundled corpus in process and in batches for Milvus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from corpus.bank import BUNDLED_BANK, BankQuestion, read_bank
from corpus.departments import departments
from corpus.ingest import Corpus
from index.bank import BankIndex, BankWriter
from index.batch import Batch
from index.embedding import Encoder
from index.expansion import everyday
from index.milvus.address import Address
from index.milvus.connection import Server
from index.milvus.retriever import MilvusRetriever
from index.milvus.schema import Rows
from index.milvus.serving import MilvusIndex
from index.milvus.writing import MilvusWriter
from index.retriever import Hit, HybridRetriever, Weights
from index.statistics import Statistics
from index.store import Store, searchable
from index.store_sqlite import SqliteFile
from index.store_writing import StoreWriter
from index.vectors import VectorWriter
from index.words import WordWriter
from tests import milvus_server
from tests.milvus_server import Milvus

BUILD = "0123456789abcdef"
OWNER = "here:/var/lib/wence/index 1"


@dataclass(frozen=True, slots=True)
class Parts:
    """The bundled corpus: its store, its index in process, and what Milvus is given."""

    store: Store
    hybrid: HybridRetriever
    words: Statistics
    asked: Statistics
    batches: Sequence[Batch]
    encoder: Encoder

    def rows(self) -> Rows:
        return Rows(self.words, self.asked, self.encoder.encode_queries)

    @property
    def dimensions(self) -> int:
        return int(self.batches[0].vectors.shape[1])

    def build(self, server: Server, build: str = BUILD) -> MilvusWriter:
        """The corpus sent whole; it does not serve yet."""
        writer = MilvusWriter.new(server, OWNER, build, self.dimensions, self.rows())
        for batch in self.batches:
            writer.add(batch)
        writer.finish()
        return writer

    def open(self, server: Server, collection: str, weights: Weights | None = None) -> MilvusRetriever:
        index = MilvusIndex.open(server, collection, self.dimensions, self.store)
        return MilvusRetriever(index, self.store, self.words, self.asked, self.encoder, everyday(), weights)


def same(found: Sequence[Hit], expected: Sequence[Hit]) -> None:
    """The same records in the same order, with the same scores but for the last bits."""
    assert [hit.id for hit in found] == [hit.id for hit in expected]
    for own, other in zip(found, expected, strict=True):
        for name in ("score", "words", "cosine", "asked", "asked_cosine"):
            assert getattr(own, name) == pytest.approx(getattr(other, name), abs=1e-4), name


@pytest.fixture(scope="session")
def parts(corpus: Corpus, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The bundled corpus in process, in batches of a hundred records."""
    made = tmp_path_factory.mktemp("parts")
    with StoreWriter.new(SqliteFile(made / "store.sqlite"), departments()) as writer:
        for entry in corpus.plans:
            writer.add(entry)
    records = corpus.records
    plans = [entry.plan for entry in corpus.plans for _ in entry.records]
    texts = [searchable(record) for record in records]
    vectors = encoder.encode(texts)
    asked: list[list[BankQuestion]] = [[] for _ in records]
    place = {record.id: n for n, record in enumerate(records)}
    for question in read_bank(BUNDLED_BANK, [e.plan.id for e in corpus.plans], place.keys()):
        for record_id in question.ids:
            asked[place[record_id]].append(question)
    words = WordWriter(made / "words")
    words.add(texts)
    rows = VectorWriter(made / "vectors", vectors.shape[1])
    rows.add(vectors)
    bank = BankWriter(made / "bank")
    bank.add(texts, asked)
    bank.finish(encoder.encode_queries, vectors.shape[1])
    banked = BankIndex.load(made / "bank")
    assert banked is not None
    store, own = Store.open(made / "store.sqlite"), words.finish()
    hybrid = HybridRetriever(store, own, rows.finish(), banked, encoder, everyday())
    cuts = [slice(n, n + 100) for n in range(0, len(records), 100)]
    batches = [Batch(c.start, records[c], plans[c], texts[c], vectors[c], asked[c]) for c in cuts]
    return Parts(store, hybrid, own.statistics, banked.statistics, batches, encoder)


@pytest.fixture(scope="session")
def milvus() -> Iterator[Milvus]:
    """A server that every test leaves running."""
    with milvus_server.running() as server:
        yield server


@pytest.fixture
def server(milvus: Milvus) -> Iterator[Server]:
    """A connection to it, without any collection there."""
    connected = Server(Address.read(milvus.uri))
    for alias in connected.call("list_aliases")["aliases"]:
        connected.call("drop_alias", alias)
    for name in connected.call("list_collections"):
        connected.call("drop_collection", name)
    yield connected
    connected.close()


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of the whole corpus that serves."""

    milvus: Milvus
    server: Server
    name: str


@pytest.fixture(scope="session")
def collection(parts: Parts) -> Iterator[Collection]:
    """One on a server of its own."""
    with milvus_server.running() as milvus:
        server = Server(Address.read(milvus.uri))
        writer = parts.build(server)
        writer.serve()
        yield Collection(milvus, server, writer.collection)
        server.close()
