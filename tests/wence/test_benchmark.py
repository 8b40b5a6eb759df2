"""`wence eval` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

from api.app import create_app
from rag.engine import Engine
from tests.api.serving import served, wait_ready
from tests.wence.conftest import Run


def parts(out: Path) -> dict[str, list[bool]]:
    """Which answers are right, by configuration."""
    document = json.loads((out / "record.json").read_text(encoding="utf-8"))
    return {part["name"]: [result["right"] for result in part["results"]] for part in document["configs"]}


def test_a_server_and_a_file_stand_beside_a_configuration(engine: Engine, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "results"
    common = ("--category", "indicator", "--category", "list", "--config", "default", "--out", str(out))
    with served(create_app(lambda: engine)) as url:
        wait_ready(url)
        ran = run("eval", "run", "--url", url, *common)
    assert ran.status == 0, ran.err
    both = parts(out)
    assert list(both) == ["default", url]
    assert both["default"] == both[url]
    assert url in (out / "report.html").read_text(encoding="utf-8")

    document = json.loads((out / "record.json").read_text(encoding="utf-8"))
    assert {row["b"] for row in document["comparisons"]} == {url}
    answers = tmp_path / "other.jsonl"
    rows = [json.dumps(r["answer"], ensure_ascii=False) for r in document["configs"][0]["results"]]
    answers.write_text("\n".join(rows[1:]), encoding="utf-8")
    assert run("eval", "score", str(answers), *common).status == 0
    assert parts(out) == {"default": both["default"], "other": [False, *both["default"][1:]]}


def test_nothing_at_the_address_is_said(run: Run, tmp_path: Path) -> None:
    ran = run("eval", "run", "--url", "http://127.0.0.1:1", "--out", str(tmp_path / "results"))
    assert ran.status == 2
    assert "连不上 http://127.0.0.1:1" in ran.err


def test_two_runs_are_compared_question_by_question(run: Run, tmp_path: Path) -> None:
    for name in ("words", "vectors"):
        assert (
            run(
                "eval", "run", "--category", "follow-up", "--config", name, "--out", str(tmp_path / name)
            ).status
            == 0
        )
    ran = run("eval", "compare", str(tmp_path / "words/record.json"), str(tmp_path / "vectors/record.json"))
    assert ran.status == 0
    tabled = run("eval", "table", *(str(tmp_path / name / "record.json") for name in ("words", "vectors")))
    head, _, every, *rows = tabled.out.splitlines()
    assert head == "| | dev follow-up: words | dev follow-up: vectors |"
    assert every.startswith("| all |  |  |") and not rows  # follow-ups are not counted for recall@5
    headline = ("--metric", "headline")
    tabled = run("eval", "table", str(tmp_path / "words" / "record.json"), *headline)
    assert "| follow-up | " in tabled.out
    refused = run("eval", "table", str(tmp_path / "words" / "record.json"), "--metric", "none")
    assert refused.status == 2 and "没有指标 none" in refused.err
    changed = [line.split()[1] for line in ran.out.splitlines() if line.startswith("变")]
    right = {name: parts(tmp_path / name)[name] for name in ("words", "vectors")}
    assert len(changed) == sum(a != b for a, b in zip(*right.values(), strict=True)) > 0


def test_what_cannot_be_run_is_said(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text('{"id": "1", "category": "fact", "question": "q", "gold": ["zz/1/2"]}', encoding="utf-8")
    out = ("--out", str(tmp_path / "results"))
    for arguments, said in (
        (("--questions", str(mine)), "没有 zz/1/2"),
        (("--category", "typo"), "没有类别 typo"),
        (("--split", "nonsense"), "没有 nonsense"),
        (("--config", "nope"), "没有配置 nope"),
        (("--leave-out", "nope", "--data", str(tmp_path)), "没有计划 nope；有 bj-green-2026"),
        (("--leave-out", "hr-green-2026"), "请用 --data 指明训练文本的目录"),
    ):
        ran = run("eval", "run", *arguments, *out)
        assert ran.status == 2
        assert said in ran.err
