"""Running the command line in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wence.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command left: exit status, output, messages."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(index_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `wence ARGUMENTS` against the shared index."""
    monkeypatch.setenv("WENCE_INDEX_DIR", str(index_dir))
    monkeypatch.setenv("WENCE_PLANS", f"{index_dir}-plans")

    def run_command(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["wence", *arguments])
        capsys.readouterr()
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return run_command
