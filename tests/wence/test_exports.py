"""Exports: what opens in a spreadsheet is text, never a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from corpus.types import Measure
from rag.engine import Engine
from rag.listing import row
from wence.exports import to_csv, to_xlsx


@pytest.fixture
def hostile(engine: Engine) -> dict[str, Any]:
    """A row whose text would be a formula."""
    (record,) = engine.store.get(["bj-green-2026/1/1"])
    assert isinstance(record, Measure)
    made = row(record, engine.store.plans[record.plan], engine.store.label(record.id))
    return made | {"text": "=HYPERLINK(1)", "task": "+1", "deadline": "@x", "target": "-2"}


def test_a_cell_of_a_csv_never_opens_as_a_formula(hostile: dict[str, Any]) -> None:
    (_, cells) = csv.reader(io.StringIO(to_csv([hostile])))
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert "'=HYPERLINK(1)" in cells


def test_a_cell_of_a_workbook_never_opens_as_a_formula(hostile: dict[str, Any], tmp_path: Path) -> None:
    to_xlsx([hostile], tmp_path / "x.xlsx")
    sheet = load_workbook(tmp_path / "x.xlsx").active
    assert sheet is not None
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)
