"""The record of a run on the disk: written with its report, found, and read with a look at its shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eval.lines import QuestionFileError
from eval.page import write_page

RECORD, REPORT = "record.json", "report.html"


def write_record(document: dict[str, Any], folder: Path) -> tuple[Path, Path]:
    """Write a record and its report into `folder`; where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / RECORD).write_text(text, encoding="utf-8")
    write_page(document, folder / REPORT)
    return folder / RECORD, folder / REPORT


def read_record(path: Path) -> dict[str, Any]:
    """The record of a run.

    Raises:
        QuestionFileError: there is none, or it is something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not found["configs"][0]["results"] or not found["configs"][0]["metrics"]:
            raise ValueError("没有结果")
        for result in found["configs"][0]["results"]:
            _ = result["id"], result["scores"]["headline"], result["right"], result["why"]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise QuestionFileError(f"{path} 不是评测结果（record.json）：{error}") from None
    return dict(found)


def newest(folder: Path) -> Path | None:
    """The newest record in `folder` or in a folder in it; None where there is none."""
    found = [*folder.glob(RECORD), *folder.glob(f"*/{RECORD}")]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)
