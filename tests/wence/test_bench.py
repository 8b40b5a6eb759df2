"""`wence bench serve` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wence.conftest import Run


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
