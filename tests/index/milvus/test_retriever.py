"""Milvus finds what the index in process finds, in the same order with the same scores; or says why not."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from corpus.normal import normal
from corpus.types import Role
from index.errors import EngineUnreachableError
from index.filters import NO_FILTERS, Filters
from index.milvus.connection import Server
from index.milvus.retriever import MilvusRetriever
from index.retriever import Hit, Weights
from tests.index.milvus.conftest import Collection, Parts, same

DEV = Path(__file__).parents[3] / "eval/questions/dev.jsonl"
NARROW = (
    NO_FILTERS,
    Filters(districts=("怀柔区",)),
    Filters(in_force=True, years=(2026,)),
    Filters(roles=(Role.LEAD,), districts=("延庆区",)),
    Filters(excluding=(Filters(plans=("bj-green-2026",)),), kinds=("measure",)),
)


@pytest.fixture(scope="session")
def retriever(collection: Collection, parts: Parts) -> MilvusRetriever:
    return parts.open(collection.server, collection.name)


def test_sixty_questions_find_the_same_with_and_without_filters(
    retriever: MilvusRetriever, parts: Parts
) -> None:
    asked = [json.loads(line)["question"] for line in DEV.read_text(encoding="utf-8").splitlines()]
    for n, question in enumerate(normal(question) for question in asked[::12]):
        narrow = NARROW[n % len(NARROW)]
        same(retriever.search(question, 10, narrow), parts.hybrid.search(question, 10, narrow))


@pytest.mark.parametrize(
    ("query", "filters"),
    [("xyzzy qwerty", NO_FILTERS), ("！！！", NO_FILTERS), ("垃圾", Filters(plans=("no-such-plan",)))],
)
def test_what_nothing_meets_finds_nothing(retriever: MilvusRetriever, query: str, filters: Filters) -> None:
    assert retriever.search(query, 10, filters) == []


def test_a_part_without_weight_finds_nothing(collection: Collection, parts: Parts) -> None:
    words_alone = Weights(vectors=0, asked_words=0, asked_vectors=0)
    hits = parts.open(collection.server, collection.name, words_alone).search("餐饮油烟")
    assert hits
    assert all(hit.words > 0 and hit.cosine == hit.asked == hit.asked_cosine == 0 for hit in hits)


def test_the_questions_of_a_record_are_those_in_process(retriever: MilvusRetriever, parts: Parts) -> None:
    hits = retriever.search("餐饮油烟", 5)
    far = parts.store.ids[len(parts.store.ids) - 1]
    for record_id in [*(hit.id for hit in hits), far]:
        assert retriever.asked(record_id) == parts.hybrid.asked(record_id)


def test_a_server_killed_between_questions_gives_an_error_and_answers_again_when_it_is_back(
    collection: Collection, retriever: MilvusRetriever, parts: Parts
) -> None:
    expected = parts.hybrid.search("餐饮油烟", 10)
    same(retriever.search("餐饮油烟", 10), expected)
    collection.milvus.kill()
    try:
        with pytest.raises(EngineUnreachableError, match="没有应答"):
            retriever.search("餐饮油烟", 10)
    finally:
        collection.milvus.start()
    same(retriever.search("餐饮油烟", 10), expected)


def test_a_server_that_hangs_gives_an_error(collection: Collection, parts: Parts) -> None:
    impatient = Server(collection.server.address, timeout_s=0.5)
    retriever = parts.open(impatient, collection.name)
    with collection.milvus.hanging(), pytest.raises(EngineUnreachableError, match="没有应答"):
        retriever.search("餐饮油烟", 10)
    impatient.close()


def test_a_server_killed_in_mid_question_gives_no_half_an_answer(
    collection: Collection, retriever: MilvusRetriever, parts: Parts
) -> None:
    expected = parts.hybrid.search("餐饮油烟", 10)
    answers: list[list[Hit]] = []
    begun, failed = threading.Event(), threading.Event()

    def ask() -> None:
        while not failed.is_set():
            try:
                answers.append(retriever.search("餐饮油烟", 10))
            except EngineUnreachableError:
                failed.set()
            begun.set()

    asking = [threading.Thread(target=ask) for _ in range(4)]  # one of them is always under way
    for thread in asking:
        thread.start()
    begun.wait()
    collection.milvus.kill()
    try:
        for thread in asking:
            thread.join()
    finally:
        collection.milvus.start()
    assert failed.is_set()
    for hits in [*answers, retriever.search("餐饮油烟", 10)]:
        same(hits, expected)
