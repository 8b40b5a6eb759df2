"""`wence plan diff`: the table in the terminal, the files, and what cannot be compared."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock

from api.differences import to_csv, to_xlsx
from index.folder import OpenIndex
from index.store import Store
from rag.change_rows import COLUMNS, ChangeRow
from rag.options import ConditionError
from wence.plan_diff import show_diff


@pytest.fixture
def store(index: OpenIndex) -> Store:
    """The bundled plans; those of two districts stand in for two editions."""
    return index.store


def test_the_terminal_shows_groups_and_counts(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    show_diff(store, store.plans["yq-green-2026"], store.plans["hr-green-2026"])
    shown, said = capsys.readouterr()
    groups = ("指标数字（", "完成时限（", "职责（", "措辞（", "新增（", "删去（")
    assert [shown.index(group) for group in groups] == sorted(shown.index(group) for group in groups)
    assert "建成区海绵城市达标面积比例达到52%" in shown and "建成区海绵城市达标面积比例达到44%" in shown
    assert "延庆绿色低碳 → 怀柔绿色低碳：新增9条、删去8条" in said


def test_the_files_hold_the_same_rows(store: Store, tmp_path: Path) -> None:
    before, after = store.plans["yq-green-2026"], store.plans["hr-green-2026"]
    for name in ("a.csv", "a.jsonl", "a.xlsx"):
        show_diff(store, before, after, output=tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes().startswith("\ufeff变化,".encode())
    from_csv = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8-sig"))))
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    from_jsonl = [json.loads(line) for line in lines]
    assert from_csv == from_jsonl
    book = load_workbook(tmp_path / "a.xlsx", rich_text=True)
    heading, *rows = book["变化"].iter_rows(values_only=True)
    assert sorted(heading) == sorted(COLUMNS)
    from_xlsx = [{name: str(value or "") for name, value in zip(heading, row, strict=True)} for row in rows]
    assert from_xlsx == from_jsonl
    sponge = next(row for row in from_jsonl if row["类型"] == "指标数字" and "海绵" in row["修改前"])
    assert (sponge["删去的词句"], sponge["加入的词句"]) == ("52%", "44%")
    (cell,) = [c for c in book["变化"]["G"] if str(c.value) == "建成区海绵城市达标面积比例达到44%"]
    assert isinstance(cell.value, CellRichText)
    (marked,) = [part for part in cell.value if isinstance(part, TextBlock)]
    assert (marked.text, marked.font.color.rgb, marked.font.b) == ("44%", "FF00642D", True)
    assert book["说明"]["B1"].value.startswith(before.title.removesuffix("（征求意见稿）"))


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    row = ChangeRow("修改", "措辞", "工作措施", "a/1/1", "b/1/1", "", "", (("=1+1", False), ("甲", True)), ())
    assert "'=1+1甲" in to_csv([row])
    (tmp_path / "a.xlsx").write_bytes(to_xlsx([row], []))
    row_read = load_workbook(tmp_path / "a.xlsx")["变化"][2]
    (cell,) = [cell for cell in row_read if str(cell.value).endswith("1甲")]
    assert (cell.value, cell.data_type) == ("=1+1甲", "s")


def test_what_cannot_be_compared_is_said(store: Store, tmp_path: Path) -> None:
    green, prose = store.plans["bj-green-2026"], store.plans["bj-eco-145"]
    for wrong, words in (
        (lambda: show_diff(store, green, green), "同一份计划"),
        (lambda: show_diff(store, green, prose), "十四五规划是成段的文字，市绿色低碳是表格"),
        (lambda: show_diff(store, green, store.plans["hr-green-2026"], "xlsx"), "请用 --output"),
        (lambda: show_diff(store, green, store.plans["hr-green-2026"], output=tmp_path / "a.pdf"), "a.pdf"),
    ):
        with pytest.raises(ConditionError, match=words):
            wrong()


def test_two_plans_without_a_difference_say_so(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = store.plans["yq-indicators-2026"]
    monkeypatch.setattr("wence.plan_diff._records", lambda store, _: store.get(["yq-indicators-2026/1/1"]))
    show_diff(store, plan, replace(plan, id="other"))
    assert "两份计划逐条相同。" in capsys.readouterr().out
