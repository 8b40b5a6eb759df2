"""Records on the disk: the newest is found, what is none is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eval.lines import QuestionFileError
from eval.questions import BUNDLED, read_questions
from eval.records import newest, read_record, write_record
from eval.runner import record, run_system
from eval.systems import EngineSystem
from rag.engine import Engine


def test_what_was_written_is_read_and_the_newest_is_found(engine: Engine, tmp_path: Path) -> None:
    assert newest(tmp_path / "nowhere") is None
    questions = read_questions(BUNDLED / "dev.jsonl")[:3]
    ran = run_system("default", EngineSystem(engine), questions, engine.grounding, {})
    document = record([ran], "dev", None, {})
    first, report = write_record(document, tmp_path)
    assert read_record(first) == document
    assert report.read_text(encoding="utf-8").count('class="q"') == 3
    second, _ = write_record(document, tmp_path / "later")
    for path, at in ((first, 1000), (second, 2000)):
        os.utime(path, (at, at))
    assert newest(tmp_path) == second


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"configs": []}', '{"configs": [{"results": [1], "metrics": {"a": 1}}]}']
)
def test_another_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QuestionFileError, match="不是评测结果"):
        read_record(path)
