"""Places for a store, of each kind, and stores of the bundled corpus in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.departments import departments
from corpus.ingest import Corpus
from index.store import Store
from index.store_places import Place
from index.store_postgresql import PostgresSchema
from index.store_sqlite import SqliteFile
from index.store_writing import StoreWriter
from tests.postgres import Postgres

KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where no store is yet."""
    if request.param == "sqlite":
        return SqliteFile(tmp_path / "store.sqlite")
    server: Postgres = request.getfixturevalue("server")
    return PostgresSchema(server.new_database(), "wence_test", "tests")


@pytest.fixture(params=KINDS, scope="session")
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, corpus: Corpus
) -> Place:
    """Where a store of the bundled corpus is, that no test changes."""
    place: Place = SqliteFile(tmp_path_factory.mktemp("store") / "store.sqlite")
    if request.param == "postgresql":
        place = PostgresSchema(request.getfixturevalue("server").new_database(), "wence_corpus", "tests")
    with StoreWriter.new(place, departments()) as writer:
        for entry in corpus.plans:
            writer.add(entry)
    return place


@pytest.fixture(params=["small", "large"])
def store(request: pytest.FixtureRequest, written: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """That store, open as a small one is, and as a large one."""
    if request.param == "large":
        monkeypatch.setattr("index.store.SMALL", 0)
        monkeypatch.setattr("index.store.FEW", 0)
        monkeypatch.setattr("index.store.PART", 100)
        monkeypatch.setattr("index.where.MANY", 2)
    store = Store(written)
    yield store
    store.close()
