"""A model as one setting, from the command line: asked, tried, compared, and told when it is missing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LEARNT
from tests.model_server import honest, model_server
from tests.wence.conftest import Run

COMPARE = next(iter(LEARNT))


def test_a_model_words_what_is_asked(run: Run, trained_llm: Path) -> None:
    ran = run("ask", COMPARE, "--writer", f"transformers:{trained_llm}", "--json")
    (answer,) = ran.objects
    assert (ran.status, answer["writer"]) == (0, "transformers:tiny")
    assert answer["writing"]["replaced"] == 0 and answer["writing"]["supported"] == 2
    assert "tiny" in answer["writing"]["note"]
    assert str(trained_llm.parent) not in ran.out, "the path of the folder is nobody's business"


def test_the_setting_holds_for_a_batch_and_a_person_reads_who_wrote_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = tmp_path / "questions.jsonl"
    lines = [{"id": str(n), "question": question} for n, question in enumerate(LEARNT)]
    batch.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with model_server(honest) as server:
        monkeypatch.setenv("WENCE_WRITER", f"openai:qwen@{server.url}")
        monkeypatch.setenv("WENCE_API_KEY", "sk-secret")
        ran = run("ask", "--batch", str(batch))
        told = run("ask", COMPARE)
        plain = run("ask", COMPARE, "--writer", "extractive", "--json")
    assert [answer["writer"] for answer in ran.objects] == ["openai:qwen"] * 2
    assert "由模型 qwen 撰写" in told.out.replace("\n", "")
    assert plain.objects[0]["writer"] == "extractive" and "writing" not in plain.objects[0]
    assert set(server.keys) == {"Bearer sk-secret"}
    assert "sk-secret" not in ran.out + ran.err + told.out + told.err


@pytest.mark.parametrize("command", [("ask", COMPARE), ("serve",)])
def test_a_missing_model_is_told_before_anything_heavy_is_done(
    command: tuple[str, ...], index_dir: Path
) -> None:
    """As a process of its own: nothing heavy is imported and no host is asked before it is said."""
    script = (
        "import socket, sys, time; socket.getaddrinfo = socket.socket.connect = None\n"
        "from wence.cli import main\n"
        f"sys.argv = ['wence', *{command!r}, '--writer', 'transformers:Qwen/Qwen3-4B']\n"
        "try:\n    main()\n"
        "finally:\n    print('torch' in sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"WENCE_INDEX_DIR": str(index_dir), "PATH": "/usr/bin"},
        check=False,
    )
    assert ran.returncode == 2
    assert "本机没有模型 Qwen/Qwen3-4B" in ran.stderr and "wence models pull Qwen/Qwen3-4B" in ran.stderr
    assert ran.stderr.rstrip().endswith("False")


def test_models_are_tried_with_one_question(
    run: Run, trained_llm: Path, random_llm: Path, embedder: Path, cross_encoder: Path
) -> None:
    good = run("models", "check", str(trained_llm), "--question", COMPARE)
    assert good.status == 0 and "2句有据" in good.out and "首句" in good.err
    bad = run("models", "check", str(random_llm), "--question", COMPARE)
    assert bad.status == 1 and "没有写出可用的答复" in bad.out
    assert (
        "条目库直接作答" in run("models", "check", str(trained_llm), "--question", "一共有多少条措施？").err
    )
    near = run("models", "check", str(embedder))
    assert near.status == 0 and len(near.out.splitlines()) == 3
    assert run("models", "check", str(cross_encoder)).status == 0
    with model_server(honest) as server:
        assert run("models", "check", f"openai:qwen@{server.url}").status == 0
    closed = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    closed.close()
    gone = run("models", "check", f"openai:qwen@{address}")
    assert gone.status == 1 and "连不上模型服务" in gone.out
    assert run("models", "check", "team/none").status == 2


def test_recommended_models_are_listed_with_what_they_need(run: Run) -> None:
    ran = run("models", "list")
    assert ran.out.splitlines()[0] == "wence-static-v2（随附）"
    for name in ("Qwen/Qwen3-0.6B", "Qwen/Qwen3-32B", "BAAI/bge-small-zh-v1.5", "BAAI/bge-reranker-v2-m3"):
        assert name in ran.err
    assert "未实测" in ran.err


def test_a_run_reports_what_the_model_wrote(run: Run, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    gold = {
        COMPARE: ["yq-green-2026/11/1", "hr-green-2026/11/1"],
        "延庆区今年PM2.5目标是多少？": ["yq-indicators-2026/1/1"],
    }
    lines = [
        {"id": f"w{n}", "question": q, "category": "fact", "register": "plain", "gold": ids}
        for n, (q, ids) in enumerate(gold.items())
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    questions.write_text(text, encoding="utf-8")
    config = tmp_path / "llm.toml"
    with model_server(honest) as server:
        config.write_text(f'name = "llm"\nwriter = "openai:qwen@{server.url}"\n', encoding="utf-8")
        arguments = ("--questions", str(questions), "--out", str(tmp_path / "out"))
        ran = run("eval", "run", *arguments, "--config", "default", "--config", str(config))
    assert ran.status == 0, ran.err
    record = json.loads((tmp_path / "out" / "record.json").read_text(encoding="utf-8"))
    plain, worded = (c["metrics"] for c in record["configs"])
    figures = {name: metric["all"] for name, metric in worded.items()}
    assert (figures["writer_before"], figures["writer_after"], figures["grounded"]) == (1, 1, 1)
    assert (figures["writer_replaced"], figures["writer_fallback"]) == (0, 0)
    assert figures["first_sentence_p50"] > 0 and figures["tokens_per_s"] > 0
    assert plain["writer_before"]["n"] == 0 and plain["tokens_per_s"]["all"] is None
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "模型句核对前有据" in report and "openai:qwen" in report
    config.write_text('name = "llm"\nwriter = 3\n', encoding="utf-8")
    assert "应是字符串" in run("eval", "run", *arguments, "--config", str(config)).err


def test_the_check_is_measured_without_a_model(run: Run) -> None:
    """What must never slip: honest sentences kept and faulty ones stopped, of those written for it."""
    ran = run("eval", "check")
    rows = [line.split() for line in ran.out.splitlines()]
    shares = {(row[0], row[1]): float(row[-1]) for row in rows if len(row) == 5 and row[0] in ("dev", "test")}
    assert shares["test", "honest"] >= 0.73 and shares["dev", "honest"] >= 0.79
    assert shares["test", "faulty"] <= 0.08 and shares["dev", "faulty"] <= 0.04
    for fault in ("figure", "unit", "bound", "department", "negation", "wrong_number", "invented"):
        assert shares["test", fault] == 0
