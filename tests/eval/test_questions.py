"""Question files: what ships is proved against the corpus; a bad line is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from eval.questions import BUNDLED, QuestionFileError, read_questions
from eval.validation import leaks, validate
from index.folder import OpenIndex

AT_LEAST = {
    "fact": 100, "duty": 50, "complaint": 80, "nickname": 40, "deadline": 40, "list": 40, "count": 20,
    "compare": 60, "summary": 30, "yesno": 20, "indicator": 20, "outline": 20, "five-year": 60,
    "follow-up": 50, "ambiguous": 20, "unanswerable": 80, "other-district": 20,
}  # fmt: skip
SPLITS = [read_questions(BUNDLED / f"{name}.jsonl") for name in ("dev", "test")]


def test_there_are_enough_questions_of_every_category() -> None:
    counts = Counter(question.category for split in SPLITS for question in split)
    assert {name: number for name, number in AT_LEAST.items() if counts[name] < number} == {}


def test_every_question_is_borne_out_by_the_corpus(index: OpenIndex) -> None:
    assert [problem for split in SPLITS for problem in validate(split, index.store)] == []


def test_no_record_is_gold_in_both_splits_and_no_question_stands_twice() -> None:
    assert leaks(*SPLITS) == []
    asked = Counter((q.question, q.history) for split in SPLITS for q in split)
    assert [question for question, times in asked.items() if times > 1] == []


def test_the_validator_finds_what_is_wrong(index: OpenIndex, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"id": "1", "category": "fact", "question": "q", "gold": ["bj-green-2026/99/1"]}\n'
        '{"id": "2", "category": "fact", "question": "q", "gold": ["bj-green-2026/8/2"],'
        ' "answers": [["81%"]]}\n'
        '{"id": "3", "category": "duty", "question": "q", "gold": ["bj-green-2026/8/2"],'
        ' "departments": {"lead": ["市水务局"]}}\n'
        '{"id": "4", "category": "fact", "question": "q", "refuse": true, "gold": ["bj-green-2026/8/2"]}\n',
        encoding="utf-8",
    )
    assert [problem.split("：")[0] for problem in validate(read_questions(path), index.store)] == list("1234")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "第1行：第2个字符处不是有效的 JSON"),
        ("[]", "应是一个 JSON 对象"),
        ('{"id": "1"}', "字段 category"),
        ('{"id": "1", "category": "x", "question": "q"}', "字段 category 应是"),
        ('{"id": "1", "category": "fact", "question": ""}', "字段 question"),
        ('{"id": "1", "category": "fact", "question": "q", "gold": "x"}', "字段 gold 应是非空字符串的列表"),
        ('{"id": "1", "category": "fact", "question": "q"}', "字段 gold 不能空"),
        ('{"id": "1", "category": "fact", "question": "q", "gold": ["a", "a"]}', "字段 gold 有重复"),
        ('{"id": "1", "category": "fact", "question": "q", "register": ["a"]}', "字段 register"),
        ('{"id": "1", "category": "fact", "question": "q", "answers": [[" "]]}', "字段 answers"),
        ('{"id": "1", "category": "fact", "question": "q", "answers": ["x"]}', "字段 answers"),
        ('{"id": "1", "category": "fact", "question": "q", "refuse": 1}', "字段 refuse 应是true 或 false"),
        (
            '{"id": "1", "category": "fact", "question": "q", "departments": {"boss": []}}',
            "departments 的角色",
        ),
        ('{"id": "1", "category": "fact", "question": "q", "colour": 1}', "不认识的字段 colour"),
        ("", "没有问题"),
    ],
)
def test_a_bad_line_is_told_with_its_field(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "q.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(QuestionFileError, match=said):
        read_questions(tmp_path / "q.jsonl")
