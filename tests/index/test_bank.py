"""Records found by the questions that they answer, and plans that have none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.bank import BUNDLED_BANK, BankQuestion, read_bank, write_bank
from corpus.bank_rules import near
from corpus.ingest import Corpus
from corpus.manifest import BUNDLED
from index.bank import BankIndex, BankWriter
from index.build import build
from index.embedding import SHIPPED, Encoder
from index.enrich import by_rule
from index.expansion import everyday
from index.folder import IndexFolder, OpenIndex
from index.retriever import HybridRetriever, Weights
from index.sisters import sisters

# Scenes that stand nowhere in the bank, and a measure that is about them.
SCENES = [
    ("锅里一爆炒，整栋楼道都是呛鼻子的油味", "yq-pollution-2026/8/3"),
    ("收完棒子地里一把火，黑烟飘到国道上", "yq-governance-2026/2/3"),
    ("雨还没下透，马路牙子边的铁箅子就往外翻黑汤", "yq-pollution-2026/30/2"),
    ("后半夜打桩机咚咚咚，孩子高三没法睡", "bj-governance-2026/16/8"),
]


def test_the_scenes_stand_nowhere_in_the_bank(corpus: Corpus) -> None:
    asked = {question.where: question.question for question in _bank(corpus)}
    assert [scene for scene, _ in SCENES if near(scene, asked)] == []


@pytest.mark.parametrize(("scene", "expected"), SCENES)
def test_a_scene_in_a_citizens_words_finds_its_measure(index: OpenIndex, scene: str, expected: str) -> None:
    assert expected in [hit.id for hit in index.retriever.search(scene, 5)]


def test_a_bank_without_questions_is_no_bank(tmp_path: Path, encoder: Encoder) -> None:
    writer = BankWriter(tmp_path / "bank")
    writer.add(["油烟"], [[]])
    writer.finish(encoder.encode_queries, 256)
    assert BankIndex.load(tmp_path / "bank") is None


def test_the_best_question_of_a_record_counts(tmp_path: Path, encoder: Encoder) -> None:
    """Of a record's questions the nearest speaks for it; a record without any has none."""
    asked = [
        BankQuestion("楼下饭馆油烟呛人", "citizen", ("a/1/1", "a/2/1")),
        BankQuestion("半夜工地打桩", "citizen", ("a/2/1",)),
    ]
    writer = BankWriter(tmp_path / "bank")
    writer.add(["甲", "乙", "丙"], [asked[:1], asked, []])
    writer.finish(encoder.encode_queries, 256)
    bank = BankIndex.load(tmp_path / "bank")
    assert bank is not None
    assert bank.written.tolist() == [True, True, False]
    assert bank.questions(1).split("\n") == ["楼下饭馆油烟呛人", "半夜工地打桩"]
    records, cosines = bank.cosines(encoder.encode_queries(["工地半夜打桩"])[0])
    assert records.tolist() == [0, 1]
    assert cosines[1] > cosines[0] >= 0
    of_first = bank.of_records(np.asarray([0]))
    records, narrow = bank.cosines(encoder.encode_queries(["工地半夜打桩"])[0], of_first)
    assert narrow[records == 0] == cosines[0] and 2 not in records
    words = bank.words("打桩")
    assert words[1] > 0 and words[0] == words[2] == 0


def without(corpus: Corpus, plan: str, root: Path, made: Sequence[BankQuestion] = ()) -> Path:
    """An index whose bank holds nothing of `plan` but `made`."""
    bank = _bank(corpus)
    rest = [BankQuestion(q.question, q.register, ids) for q in bank for ids in [_other(q, plan)] if ids]
    write_bank(root / "bank", [*rest, *made])
    build(root / "index", BUNDLED, root / "bank", SHIPPED)
    return root / "index"


def _bank(corpus: Corpus) -> tuple[BankQuestion, ...]:
    records = {record.id for record in corpus.records}
    return read_bank(BUNDLED_BANK, [entry.plan.id for entry in corpus.plans], records)


def _other(question: BankQuestion, plan: str) -> tuple[str, ...]:
    ids = tuple(i for i in question.ids if not i.startswith(plan + "/"))
    return () if question.plan == plan else ids


def test_a_plan_without_a_bank_is_not_outdone_by_those_with_one(
    corpus: Corpus, encoder: Encoder, tmp_path: Path
) -> None:
    """Asked what people ask of it, it is found far oftener than if its lack of questions counted."""
    plan = "yq-pollution-2026"
    index = IndexFolder(without(corpus, plan, tmp_path)).open(encoder)
    asked = [q for q in _bank(corpus) if q.plan == plan and q.register == "plain"][::3]

    def found() -> float:
        hits = ({hit.id for hit in index.retriever.search(q.question, 5)} for q in asked)
        return sum(not hit.isdisjoint(q.ids) for hit, q in zip(hits, asked, strict=True)) / len(asked)

    fair = found()
    retriever = index.retriever
    assert isinstance(retriever, HybridRetriever) and retriever._bank is not None
    retriever._bank.written[:] = True  # as if nothing were known to be missing
    assert fair > 0.8
    assert fair > found() + 0.05


def test_rules_make_questions_for_a_plan_that_has_none(corpus: Corpus) -> None:
    """Lent by sister measures where they name no place, and from the record's own clauses."""
    plan = "hr-green-2026"
    plans = {entry.plan.id: entry.plan for entry in corpus.plans}
    bank = [q for q in _bank(corpus) if q.plan != plan]
    made = by_rule(plan, corpus.records, bank, plans, everyday())
    own = {record.id for record in corpus.records if record.plan == plan}
    assert {i for question in made for i in question.ids} == own
    assert {question.made for question in made} == {"rule"}
    lent = {q.question for q in made} & {q.question for q in bank}
    assert len(lent) > 100
    assert not [text for text in lent if "延庆" in text or "全市" in text or "北京" in text]


def test_sisters_are_the_same_measure_in_several_plans(corpus: Corpus) -> None:
    same = sisters(corpus.records)
    place = {record.id: n for n, record in enumerate(corpus.records)}
    assert np.array_equal(same, same.T) and same.diagonal().all()
    assert same[place["bj-green-2026/8/2"], place["hr-green-2026/6/1"]]
    assert not same[place["bj-green-2026/8/2"], place["yq-pollution-2026/8/3"]]


def test_weights_say_what_is_used(index_dir: Path, encoder: Encoder) -> None:
    """Without the bank's weights no question is shown; a weight alone ranks by that part alone."""
    alone = IndexFolder(index_dir).open(encoder, Weights(asked_words=0, asked_vectors=0, lexicon=0))
    assert alone.retriever.asked("yq-pollution-2026/8/3") == ""
    assert alone.retriever.expansions("雾霾") == ()
    hits = alone.retriever.search("雾霾天")
    assert all(hit.asked == hit.asked_cosine == 0 for hit in hits)
    vectors = IndexFolder(index_dir).open(encoder, Weights(0, 1, 0, 0, 0, 0)).retriever
    assert isinstance(vectors, HybridRetriever)
    found = vectors.search("楼下饭馆冒油烟", 10)
    assert [hit.cosine for hit in found] == sorted((hit.cosine for hit in found), reverse=True)
    assert all(hit.words == 0 for hit in found)
