"""`wence ask --explain`: how the question was read, in JSON, in a batch and in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run

MENDED = "延庆森林复盖率是多少"


def test_explain_adds_the_reading(run: Run) -> None:
    (plain,) = run("ask", MENDED, "--json").objects
    (explained,) = run("ask", MENDED, "--json", "--explain").objects
    reading = explained.pop("reading")
    assert reading["districts"] == ["延庆区"]
    assert reading["corrections"] == [{"said": "复", "meant": "覆"}]
    assert plain["understood"] == "延庆森林覆盖率是多少"
    for answer in (plain, explained):
        del answer["timings_ms"]
    assert explained == plain


def test_a_refusal_is_explained_too(run: Run) -> None:
    ran = run("ask", "上海的PM2.5目标是多少", "--json", "--explain")
    (answer,) = ran.objects
    assert ran.status == 1
    assert answer["refused"]
    assert answer["reading"]["elsewhere"] == ["上海"]


@pytest.mark.parametrize("explain", [True, False])
def test_a_batch_is_explained_line_by_line(run: Run, tmp_path: Path, explain: bool) -> None:
    questions = {"a": "延庆区森林覆盖率要达到多少？", "b": "怀柔区水务局协办的措施有几条"}
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\n".join(json.dumps({"id": i, "question": q}) for i, q in questions.items()))
    ran = run("ask", "--batch", str(batch), *(["--explain"] if explain else []))
    kinds = {answer["id"]: answer.get("reading", {}).get("kind") for answer in ran.objects}
    assert kinds == ({"a": "fact", "b": "count"} if explain else {"a": None, "b": None})


def test_the_terminal_shows_the_reading_the_mended_question_and_the_table(run: Run) -> None:
    mended = run("ask", MENDED, "--explain")
    assert "延庆森林覆盖率是多少" in mended.out
    assert '"corrections"' in mended.out
    assert '"corrections"' not in run("ask", MENDED).out
    compared = run("ask", "延庆和怀柔的海绵城市达标面积比例比较", "--explain")
    assert compared.status == 0
    for cell in ("层级", "52%", "44%"):
        assert cell in compared.out
