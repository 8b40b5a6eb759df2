"""The question bank: what its files must be, and what its validator finds."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.bank import (
    BUNDLED_BANK,
    BankError,
    BankQuestion,
    bank_files,
    read_bank,
    read_bank_file,
    write_bank,
)
from corpus.bank_rules import COPIED, key, near, problems
from corpus.ingest import Corpus
from corpus.types import Measure

GOOD = {"question": "楼下饭馆呛人", "register": "citizen", "ids": ["yq-pollution-2026/8/3"]}


@pytest.fixture(scope="module")
def bank(corpus: Corpus) -> tuple[BankQuestion, ...]:
    """The bank that ships."""
    records = {record.id for record in corpus.records}
    return read_bank(BUNDLED_BANK, [entry.plan.id for entry in corpus.plans], records)


def said(corpus: Corpus, questions: list[BankQuestion], *, complete: bool = False) -> str:
    records = {record.id: record for record in corpus.records}
    plans = [entry.plan for entry in corpus.plans]
    return "\n".join(problems(questions, records, plans, complete=complete))


def test_the_bundled_bank_has_nothing_wrong(corpus: Corpus, bank: tuple[BankQuestion, ...]) -> None:
    """Ids, copies, duplicates, frames; eight questions a measure and four a passage, in many registers."""
    assert said(corpus, list(bank), complete=True) == ""
    assert len(bank) > 5000
    answered = {record for question in bank for record in question.ids}
    assert answered == {record.id for record in corpus.records}


def test_the_same_wish_stands_once_with_the_ids_of_every_level(bank: tuple[BankQuestion, ...]) -> None:
    levels = [{i.split("-")[0] for i in question.ids} for question in bank]
    assert sum(found == {"bj", "yq", "hr"} for found in levels) > 500
    assert len({key(question.question) for question in bank}) == len(bank)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"question": ""}, "字段 question"),
        ({"register": "loud"}, "字段 register"),
        ({"ids": []}, "字段 ids"),
        ({"ids": ["a/1/1", "a/1/1"]}, "有重复"),
        ({"made": "by me"}, "字段 made"),
        ({"made": "model:"}, "字段 made"),
        ({"made": "rule"}, "应放在 yq-pollution-2026.machine.jsonl"),
        ({"colour": 1}, "不认识的字段 colour"),
        ({"ids": ["bj-green-2026/1/1"]}, "不属于 yq-pollution-2026"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    path = tmp_path / "yq-pollution-2026.jsonl"
    path.write_text(json.dumps(GOOD) + "\n\n" + json.dumps(GOOD | change), encoding="utf-8")
    with pytest.raises(BankError, match=rf"yq-pollution-2026\.jsonl 第3行：.*{problem}"):
        read_bank_file(path)


def test_an_id_without_a_record_is_an_error_and_one_of_an_absent_plan_is_left_out(tmp_path: Path) -> None:
    home, other = "yq-pollution-2026/8/3", "bj-green-2026/1/1"
    write_bank(tmp_path, [BankQuestion("呛人", "citizen", (home, other))])
    alone = read_bank(tmp_path, ["yq-pollution-2026"], {home})
    assert [question.ids for question in alone] == [(home,)]
    with pytest.raises(BankError, match="第1行：语料里没有 bj-green-2026/1/1"):
        read_bank(tmp_path, ["yq-pollution-2026", "bj-green-2026"], {home})
    with pytest.raises(BankError, match="找不到问题库文件夹"):
        read_bank(tmp_path / "no", [], set())


def test_what_a_machine_made_stands_in_a_file_of_its_own(tmp_path: Path) -> None:
    written = BankQuestion("呛人", "citizen", ("p/1/1",))
    made = [replace(written, question="油烟", made="rule"), replace(written, question="烟", made="model:m")]
    write_bank(tmp_path, [written, *made])
    assert [path.name for path in bank_files(tmp_path, ["p"])] == ["p.jsonl", "p.machine.jsonl"]
    assert [q.made for q in read_bank(tmp_path, ["p"], {"p/1/1"})] == ["written", "rule", "model:m"]
    shutil.copy(tmp_path / "p.jsonl", tmp_path / "p.machine.jsonl")
    with pytest.raises(BankError, match="要写明 made"):
        read_bank(tmp_path, ["p"], {"p/1/1"})


@given(st.data())
def test_a_copied_run_is_found_wherever_it_stands(corpus: Corpus, data: st.DataObject) -> None:
    """Any ten characters of a measure that hold no name are a copy; nine are not."""
    text = "对未办理许可擅自施工的加大查处力度并通报批评"
    measure = next(r for r in corpus.records if isinstance(r, Measure))
    records = {measure.id: replace(measure, text=text)}
    at = data.draw(st.integers(0, len(text) - COPIED))
    before = data.draw(st.text("甲乙丙", max_size=5))
    plans = [entry.plan for entry in corpus.plans]

    def found(run: str) -> list[str]:
        question = BankQuestion(f"{before}丁{run}戊", "plain", (measure.id,))
        return problems([question], records, plans, complete=False)

    assert any("照抄" in problem for problem in found(text[at : at + COPIED]))
    assert found(text[at : at + COPIED - 1]) == []


def test_the_validator_names_what_is_wrong(corpus: Corpus) -> None:
    one = BankQuestion("楼下饭馆呛人", "citizen", ("yq-pollution-2026/8/3",), where="a 第1行")
    assert said(corpus, [one]) == ""
    assert "是同一个问题" in said(corpus, [one, replace(one, question="楼下、饭馆呛人？", where="a 第2行")])
    assert "语料里没有 x/1/1" in said(corpus, [replace(one, ids=("x/1/1",))])
    assert "只有 1 个问题" in said(corpus, [one], complete=True)
    things = "锅碗瓢盆杯"
    frames = [replace(one, question=f"{a}{b}这种活儿该派给哪一位去办") for a in things for b in "甲乙丙丁"]
    assert "句式" not in said(corpus, frames[:3])
    same = [replace(one, question=f"第{n}次问餐饮油烟这种活儿该派给哪一位去办") for n in range(5)]
    assert "用了 5 次" in said(corpus, same)


def test_a_question_near_to_one_of_the_benchmark_is_found() -> None:
    others = {"q1": "延庆地里烧秸秆归谁管？", "q2": "今年PM2.5要降到多少"}
    assert near("延庆 地里烧秸秆 归谁管", others) == "q1"
    assert near("地里有人点火，烟熏得睁不开眼", others) == ""
