"""A store on a PostgreSQL server: what an operator is told, and what serves when the server comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from corpus.departments import departments
from corpus.ingest import Corpus
from index.errors import IndexFolderError, StoreUnreachableError
from index.filters import Filters
from index.store import Store
from index.store_postgresql import PostgresSchema, drop_schemas, schema_of, schemas
from index.store_writing import StoreWriter
from tests.postgres import Postgres

OWNER = "/var/lib/wence's 100%/索引"


@pytest.fixture
def place(server: Postgres, corpus: Corpus) -> PostgresSchema:
    """A store of the bundled corpus."""
    place = PostgresSchema(server.new_database(), schema_of("20261121T101500-7841-850081"), OWNER)
    write(place, corpus)
    return place


def write(place: PostgresSchema, corpus: Corpus) -> None:
    with StoreWriter.new(place, departments()) as writer:
        for entry in corpus.plans:
            writer.add(entry)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(StoreUnreachableError) as refusal:
        act()
    assert "geheim" not in str(refusal.value)
    return str(refusal.value)


def test_every_read_says_that_the_server_is_gone_and_goes_on_when_it_is_back(
    server: Postgres, place: PostgresSchema, corpus: Corpus
) -> None:
    store = Store.at(place.url, place.schema)
    half = [record.id for record in corpus.records[::2]]
    held = store.get(half)
    texts = Filters(texts=("扬尘",))
    reads: list[Callable[[], object]] = [
        lambda: store.scan(texts),
        lambda: store.positions(texts),
        lambda: store.get([corpus.records[1].id]),
        store.printed,
        store.categories,
        lambda: Store.at(place.url, place.schema),
        lambda: schemas(place.url, OWNER),
        lambda: write(replace(place, schema="wence_other"), corpus),
    ]
    server.stop()
    try:
        for read in reads:
            said = refused(read)
            assert "连不上条目库所在的 PostgreSQL（主机 /tmp/" in said and "恢复后再试" in said
        assert store.get(half) == held  # what was read is still known
        assert len(store.positions(Filters(districts=("延庆区",))))  # and what plans alone decide
    finally:
        server.start()
    assert store.scan(Filters()) == list(corpus.records)
    assert [record.id for record in store.scan(texts)] == [
        record.id for record in corpus.records if "扬尘" in store.searched(record)
    ]
    store.close()


def test_an_address_that_leads_nowhere_is_said_without_its_password() -> None:
    said = refused(lambda: Store.at("postgresql://u:geheim@127.0.0.1:1/wence", "wence_x"))
    assert "主机 127.0.0.1，端口 1，库 wence" in said
    for url, name in (
        ("mysql://u:geheim@h/x", "wence_x"),
        ("geheim", "wence_x"),
        ("postgresql://h/x", "x;y"),
    ):
        with pytest.raises(IndexFolderError) as refusal:
            Store.at(url, name)
        assert "geheim" not in str(refusal.value)


def test_the_database_must_hold_chinese(server: Postgres, corpus: Corpus) -> None:
    place = PostgresSchema(server.new_database("LATIN1"), "wence_x", OWNER)
    with pytest.raises(IndexFolderError, match="编码是 LATIN1，存不了汉字"):
        write(place, corpus)


def test_stores_that_no_longer_serve_are_dropped_and_others_left(
    place: PostgresSchema, corpus: Corpus
) -> None:
    assert place.schema == "wence_20261121t101500_7841_850081"
    newer = replace(place, schema=schema_of("20261122T101500-1-2"))
    another = replace(place, schema="wence_20261122t101500_9_9", owner="another index")
    for made in (newer, another):
        write(made, corpus)
    assert schemas(place.url, OWNER) == [place.schema, newer.schema]
    reader = Store(place)
    assert drop_schemas(place.url, OWNER, keep={newer.schema}) == [place.schema]
    assert schemas(place.url, OWNER) == [newer.schema]
    assert schemas(place.url, another.owner) == [another.schema]
    with pytest.raises(IndexFolderError, match=f"没有条目库 {place.schema}：已被更新的索引取代"):
        reader.scan(Filters(texts=("扬尘",)))
    reader.close()


def test_what_is_being_read_is_dropped_the_next_time(
    place: PostgresSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.store_postgresql.LOCK_MS", 50)
    engine, _ = place.reading()
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        connection.exec_driver_sql(f"SELECT count(*) FROM {place.schema}.records")
        assert drop_schemas(place.url, OWNER, keep=()) == []
    engine.dispose()
    assert drop_schemas(place.url, OWNER, keep=()) == [place.schema]
