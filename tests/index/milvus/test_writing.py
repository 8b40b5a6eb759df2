"""A build serves when it is whole, and not before; what died is gone on with or cleared away."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from index.errors import EngineUnreachableError, IndexFolderError
from index.milvus import collections, writing
from index.milvus.address import ALIAS, Address
from index.milvus.connection import Server
from index.milvus.expressions import RECORDS
from index.milvus.schema import GRAPH, POSITION, VECTOR, rows_of
from index.milvus.serving import MilvusIndex
from index.milvus.writing import MilvusWriter
from tests.index.milvus.conftest import BUILD, OWNER, Parts, same
from tests.milvus_server import Milvus

OTHER, THIRD = "f" * 16, "a" * 16


def named(build: str) -> str:
    return collections.name_of(ALIAS, OWNER, build)


@pytest.fixture(scope="session")
def light(parts: Parts) -> Parts:
    """The corpus with one question a record: quicker to send."""
    asked = [[questions[:1] for questions in batch.asked] for batch in parts.batches]
    batches = [replace(batch, asked=few) for batch, few in zip(parts.batches, asked, strict=True)]
    return replace(parts, batches=batches)


class Counting(Server):
    """A connection that counts the rows that it sends."""

    rows = 0

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "insert":
            self.rows += len(args[1])
        return super().call(name, *args, **kwargs)


class Killing(Server):
    """A connection whose server is killed while rows are under way."""

    def __init__(self, address: Address, milvus: Milvus) -> None:
        super().__init__(address)
        self.killer = threading.Thread(target=milvus.kill)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "insert" and not self.killer.ident:
            self.killer.start()
        return super().call(name, *args, **kwargs)


def test_the_alias_is_switched_in_one_step_and_another_stands_for_the_build_before(
    server: Server, light: Parts
) -> None:
    few = replace(light, batches=light.batches[:1])
    for build in (BUILD, OTHER, THIRD):
        writer = few.build(server, build)
        assert collections.serving(server) != writer.collection
        writer.serve()
        assert collections.serving(server) == writer.collection
    assert collections.serving(server, "wence_before") == named(OTHER)


def test_a_build_clears_away_its_folders_own_collections_and_no_others(server: Server, light: Parts) -> None:
    """Whole ones and such as died; another folder, on another machine say, shares server and alias."""
    MilvusWriter.new(server, OWNER, OTHER, light.dimensions, light.rows()).add(light.batches[0])
    theirs = MilvusWriter.new(server, "there:/var/lib/wence/index 2", BUILD, light.dimensions, light.rows())
    theirs.serve()
    few = replace(light, batches=light.batches[:1])
    few.build(server).serve()
    collections.drop_others(server, OWNER, kept={named(BUILD)})
    assert sorted(collections.builds(server)) == sorted([named(BUILD), theirs.collection])
    assert collections.builds(server, OWNER) == [named(BUILD)]


def test_a_server_killed_in_mid_build_goes_on_serving_the_build_before(
    milvus: Milvus, server: Server, light: Parts
) -> None:
    few = replace(light, batches=light.batches[:2])
    first = few.build(server)
    first.serve()
    more = replace(light, batches=light.batches[:4])
    killing = Killing(server.address, milvus)
    try:
        with pytest.raises(EngineUnreachableError):
            more.build(killing, OTHER).serve()
    finally:
        killing.killer.join()
        milvus.start()
    assert collections.serving(server) == first.collection
    wanted = sum(map(rows_of, few.batches))
    assert collections.counted(server, first.collection, f"{POSITION} >= 0") == wanted
    more.build(server, OTHER).serve()
    assert collections.serving(server) == named(OTHER)
    whole = collections.counted(server, named(OTHER), f"{POSITION} >= 0")
    assert whole == sum(map(rows_of, more.batches))


def test_a_build_that_died_is_gone_on_with(milvus: Milvus, server: Server, light: Parts) -> None:
    few = replace(light, batches=light.batches[:3])
    writer = MilvusWriter.new(server, OWNER, BUILD, light.dimensions, light.rows())
    writer.add(light.batches[0])
    half = list(light.rows().of(light.batches[1]))[:5]
    server.call("insert", writer.collection, half)  # a batch of which a part arrived
    milvus.restart()
    counting = Counting(server.address)
    few.build(counting).serve()
    assert counting.rows == sum(map(rows_of, few.batches[1:]))
    whole = collections.counted(server, writer.collection, f"{POSITION} >= 0")
    assert whole == sum(map(rows_of, few.batches))
    again = Counting(server.address)
    few.build(again)
    assert again.rows == 0


def test_a_collection_that_lacks_rows_does_not_serve(server: Server, light: Parts) -> None:
    writer = MilvusWriter.new(server, OWNER, BUILD, light.dimensions, light.rows())
    writer.add(light.batches[0])
    server.call("flush", writer.collection)
    server.call("load_collection", writer.collection)
    server.call("delete", writer.collection, filter=f"{POSITION} == 7")
    with pytest.raises(IndexFolderError, match="应有"):
        writer.finish()
    assert collections.serving(server) is None


def test_above_a_size_vectors_are_indexed_by_a_graph(
    server: Server, light: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = light.open(server, light.build(server).collection).search("餐饮油烟")
    monkeypatch.setattr(writing, "FLAT", 10)
    graph = light.build(server, OTHER).collection
    assert server.call("describe_index", graph, VECTOR)["index_type"] == GRAPH
    same(light.open(server, graph).search("餐饮油烟"), each)


def test_what_is_added_is_read_by_those_who_know_of_it(server: Server, light: Parts) -> None:
    """An addition that died leaves rows behind; the next one clears them away."""
    few = light.batches[:-1]
    name = replace(light, batches=few).build(server).collection
    last = light.batches[-1]
    older = MilvusIndex(server, name, last.start, graph=False)
    for _ in range(2):
        adding = MilvusWriter.appending(server, name, last.start, light.rows())
        adding.add(last)
    adding.finish()
    whole, at_once = light.open(server, name), light.open(server, light.build(server, OTHER).collection)
    for query in ("餐饮油烟", last.texts[-1]):
        same(whole.search(query), at_once.search(query))
    whole._index = older
    found = whole.search(last.texts[-1], 50)
    assert found
    assert max(light.store.places[hit.id] for hit in found) < last.start
    assert collections.counted(server, name, RECORDS) == light.store.count()


def test_a_collection_of_another_build_is_not_opened(server: Server, light: Parts) -> None:
    writer = replace(light, batches=light.batches[:1]).build(server)
    writer.serve()
    with pytest.raises(IndexFolderError, match=f"现在服务的是 {writer.collection}"):
        MilvusIndex.open(server, named(OTHER), light.dimensions, light.store)
    with pytest.raises(IndexFolderError, match=f"有 100 条，本机的条目库有 {light.store.count()} 条"):
        MilvusIndex.open(server, writer.collection, light.dimensions, light.store)
    with pytest.raises(IndexFolderError, match="不是 8 维"):
        MilvusIndex.open(server, writer.collection, 8, light.store)
