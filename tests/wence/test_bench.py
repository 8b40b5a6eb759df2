"""`wence bench serve` and `wence bench scale` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wence.conftest import Run
from wence.scale_view import show


def test_what_the_service_bears_is_shown_as_a_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    ran = run(
        *("bench", "serve", "--workers", "1", "--connections", "2"),
        *("--seconds", "0.2", "--rounds", "1", "--rate", "40", "--soak", "20"),
    )
    assert ran.status == 0, ran.err
    assert "提问 p99（40 次/秒）" in ran.out and "≥ 500 次/秒" in ran.out
    assert "长跑 20 次：200 共 17 次，422 共 2 次；中途离开 1 次，中断 0 次。" in ran.out
    assert "四分之一" in ran.out


def test_an_index_that_is_not_there_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WENCE_INDEX_DIR", str(tmp_path / "none"))
    ran = run("bench", "serve")
    assert ran.status == 2
    assert "wence build" in ran.err


def test_how_far_one_machine_goes_is_told_as_json_a_picture_and_a_table(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    figure = tmp_path / "scale.html"
    ran = run(
        *("bench", "scale", "--size", "600", "--size", "300", "--questions", "6", "--peer-seconds", "0"),
        *("--work", str(tmp_path), "--figure", str(figure), "--json"),
    )
    assert ran.status == 0, ran.err
    (results,) = ran.objects
    assert {"machine", "encoding", "sizes", "goals"} == set(results)
    assert [one["size"] for one in results["sizes"]] == [300, 600]
    for one in results["sizes"]:
        parts = {"build", "open_ms", "memory", "queries", "recall", "lists", "peer", "bytes_a_measure"}
        assert parts <= set(one)
        assert one["peer"]["skipped"] == "没有要求量测"
    assert {goal["reached"] for goal in results["goals"]} <= {True, False}
    assert "一台机器能到多大规模" in figure.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["scale.html"]
    show(results)
    shown = capsys.readouterr().out
    for words in (
        "300 条",
        "600 条",
        "近似索引 recall@10",
        "LangChain 未量测 300 条",
        "≥ 0.98",
    ):
        assert words in shown


def test_a_picture_that_cannot_be_made_is_told_before_measuring(run: Run, tmp_path: Path) -> None:
    ran = run("bench", "scale", "--size", "300", "--figure", str(tmp_path / "none" / "scale.html"))
    assert ran.status == 2
    assert "找不到存图的目录" in ran.err
