"""The bank and the benchmark do not know each other; what is left out is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from corpus.bank import BUNDLED_BANK, BankQuestion, plan_of, read_bank
from corpus.bank_rules import near
from corpus.ingest import Corpus
from corpus.manifest import BUNDLED as SOURCES
from eval.leave_out import LeaveOneOut, Rest
from eval.questions import BUNDLED, Question, read_questions
from eval.systems import EngineSystem
from eval.tuning import found_by_register, fusion, supporting
from index.retriever import HybridRetriever, Weights
from index.training.__main__ import train
from rag import support
from rag.engine import Engine
from tests.index.test_training import TINY, write_texts


def _held(corpus: Corpus) -> tuple[list[str], set[str]]:
    return [entry.plan.id for entry in corpus.plans], {record.id for record in corpus.records}


@pytest.fixture(scope="module")
def bank(corpus: Corpus) -> tuple[BankQuestion, ...]:
    """The bank that ships."""
    return read_bank(BUNDLED_BANK, *_held(corpus))


@pytest.mark.parametrize("split", ["dev", "test"])
def test_no_question_of_the_bank_is_near_one_of_the_benchmark(
    bank: tuple[BankQuestion, ...], split: str
) -> None:
    asked = {q.id: q.question for q in read_questions(BUNDLED / f"{split}.jsonl")}
    assert [q.where for q in bank if near(q.question, asked)] == []


def test_the_numbers_are_those_that_the_development_questions_teach(engine: Engine) -> None:
    """Those in the code, learnt on more, do on dev as well as those that dev alone would teach."""
    dev = read_questions(BUNDLED / "dev.jsonl")
    learnt = fusion([(engine, dev)])
    assert learnt.held_out >= 0.97 and sum(learnt.numbers) == pytest.approx(10, abs=0.2)
    assert learnt.now >= learnt.all - 0.01
    judged = supporting([(engine, [*dev, *read_questions(BUNDLED / "outside-dev.jsonl")])])
    assert len(judged.numbers) == len(support.WEIGHTS) + 1 and min(judged.numbers) >= 0
    assert judged.held_out >= 0.88 and judged.now >= 0.88


def test_calls_that_no_plan_answers_are_refused(engine: Engine) -> None:
    """The gate on outside-dev: its value of the day but for one question."""
    outside = read_questions(BUNDLED / "outside-dev.jsonl")
    answered = [q.question for q in outside if not engine.ask(q.question).refused]
    assert len(answered) <= 10, answered


def test_a_fifth_is_held_out_of_index_and_training(tmp_path: Path) -> None:
    write_texts(tmp_path / "data")
    rest = Rest(SOURCES, BUNDLED_BANK, tmp_path / "data", tmp_path / "cache", recipe=TINY)
    engine, held = rest.fifth()
    assert 600 < len(held) < 1200
    for question in held[:50]:
        assert question.question not in engine.index.retriever.asked(question.gold[0])
    shares = found_by_register(engine, held[:40])
    assert shares and all(0 <= share <= 1 for share, _ in shares.values())


@pytest.mark.parametrize("enriched", [False, True])
def test_a_plan_left_out_leaves_neither_question_nor_weight(
    corpus: Corpus, tmp_path: Path, enriched: bool
) -> None:
    """The index has the plan's records, none of its questions, and a model trained without them."""
    plan, data, cache = "yq-indicators-2026", tmp_path / "data", tmp_path / "cache"
    write_texts(data)
    rest = Rest(SOURCES, BUNDLED_BANK, data, cache, enriched=enriched, recipe=TINY)
    engine = rest.engine(plan, Weights())
    retriever = engine.index.retriever
    assert isinstance(retriever, HybridRetriever)
    own = [record.id for record in corpus.records if record.plan == plan]
    assert own and all(record in engine.store for record in own)
    assert any(retriever.asked(record) for record in own) is enriched
    kept = {path: path.stat().st_mtime_ns for path in cache.glob("model-*/model.safetensors")}
    (bank,) = cache.glob("rest-*/bank")
    texts = [path.read_text(encoding="utf-8") for path in bank.glob("*.jsonl")]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    by_hand = [line for line in lines if "made" not in line]
    assert by_hand and all(plan_of(i) != plan for line in by_hand for i in line["ids"])
    assert len(kept) == 1
    everything = tmp_path / "everything"
    train(
        data,
        everything,
        TINY,
        Console(quiet=True),
        list(read_bank(BUNDLED_BANK, *_held(corpus))),
        corpus.records,
        cache,
    )
    (model,) = cache.glob("model-*/model.safetensors")
    assert model.read_bytes() != (everything / "model.safetensors").read_bytes()
    assert f"{len(by_hand):,} questions" in (model.parent / "README.md").read_text(encoding="utf-8")
    rest.engine(plan, Weights())
    assert kept == {path: path.stat().st_mtime_ns for path in cache.glob("model-*/model.safetensors")}
    system = LeaveOneOut({plan: EngineSystem(engine)})
    question = Question("q", "indicator", "延庆区优良天数比率目标", gold=(own[1],))
    assert system.hits(question) and system.answer(question)[0]["id"] == "q"
