"""`wence plan` as an operator types it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from openpyxl import load_workbook

from corpus.addition import Preview
from tests.haidian import FROM_2025, HAIDIAN, HAIDIAN_2025, HAIDIAN_DRAFT
from tests.published import write_plan
from tests.wence.conftest import Run
from wence import plan_watch
from wence.plan_work import Done, Work
from wence.settings import Settings


@pytest.fixture
def office(run: Run, index_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`wence` with an index and a library of its own."""
    shutil.copytree(index_dir, tmp_path / "index")
    monkeypatch.setenv("WENCE_INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.setenv("WENCE_PLANS", str(tmp_path / "plans"))
    return run


def test_a_new_district_is_added_and_answered_with_its_measures(office: Run, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "海淀.docx", HAIDIAN)
    assert "请加 --yes" in office("plan", "add", str(path)).err
    added = office("plan", "add", str(path), "--yes")
    assert added.status == 0
    count = len(HAIDIAN.measures)
    assert f"措施 {count}" in added.err and "已加入 hd-green-2026" in added.err
    answer = office("ask", "海淀区新增屋顶光伏装机多少？", "--json").objects[0]
    assert not answer["refused"] and "1.5万千瓦" in answer["answer"]
    assert answer["citations"][0]["id"].startswith("hd-green-2026/")
    assert answer["citations"][0]["source"]["place"].startswith("表")
    shown = office("show", answer["citations"][0]["id"])
    assert "1.5万千瓦" in shown.out and "海淀.docx" in shown.out


def test_a_bad_file_does_not_stop_the_others(office: Run, tmp_path: Path) -> None:
    folder = tmp_path / "收文"
    folder.mkdir()
    write_plan(folder / "甲.xlsx", HAIDIAN)
    (folder / "乙.docx").write_bytes(b"PK\x03\x04 not a zip at all")
    (folder / "丙.docx").touch()
    ran = office("plan", "add", str(folder), "--yes", "--json")
    assert ran.status == 2
    done = ran.objects[0]
    assert [plan["id"] for plan in done["added"]] == ["hd-green-2026"]
    assert {Path(name).name for name in done["failed"]} == {"乙.docx", "丙.docx"}
    assert "没有加入：丙.docx" in ran.err


def test_a_script_is_told_what_it_has_to_say(office: Run, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "计划.docx", replace(HAIDIAN, title="加快绿色低碳转型行动计划"))
    asked = office("plan", "add", str(path), "--yes")
    assert asked.status == 2 and "请用 --district、--year 写明" in asked.err
    assert office("plan", "add", str(path), "--yes", "--district", "平谷", "--year", "2026").status == 0
    assert "pg-green-2026" in office("plan", "list").out
    assert "应写成 2026" in office("plan", "add", str(path), "--yes", "--year", "明年").err


def test_an_unknown_column_is_named_and_a_mapping_file_answers_it(office: Run, tmp_path: Path) -> None:
    rows = [
        ["序号", "重点任务", "经办事项", "经费", "责任单位"],
        ["1", "控温", "全区降碳3%。", "300万元", "区水务局"],
    ]
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    page = tmp_path / "密云.html"
    page.write_text(f"<h1>密云区绿色低碳2026年行动计划</h1><table>{table}</table>", encoding="utf-8")
    told = office("plan", "add", str(page), "--yes")
    assert told.status == 2 and "“经办事项”" in told.err and "“经费”" in told.err and "--columns" in told.err
    names = tmp_path / "列名.toml"
    names.write_text('"经办事项" = "text"\n"经费" = "extra"\n', encoding="utf-8")
    assert office("plan", "add", str(page), "--yes", "--columns", str(names)).status == 0
    record = office("show", "my-green-2026/1/1", "--json").objects[0]
    assert record["text"] == "全区降碳3%。"
    names.write_text('"经费" = "money"\n', encoding="utf-8")
    wrong = office("plan", "add", str(page), "--yes", "--columns", str(names))
    assert wrong.status == 2 and "“经费”写成了 money，可用的有" in wrong.err


def test_list_show_replace_retire_and_diff(office: Run, tmp_path: Path) -> None:
    for name, plan in (("final", HAIDIAN), ("before", HAIDIAN_2025)):
        assert office("plan", "add", str(write_plan(tmp_path / f"{name}.docx", plan)), "--yes").status == 0
    listed = {row["id"]: row for row in office("plan", "list", "--json").objects}
    assert listed["hd-green-2025"]["years"] == [2025, 2025] and listed["bj-eco-145"]["passages"] > 0
    workbook = tmp_path / "变化.xlsx"
    told = office("plan", "diff", "hd-green-2025", "hd-green-2026", "-o", str(workbook), "--format", "xlsx")
    assert told.status == 0, told.err
    cells = {str(cell.value) for sheet in load_workbook(workbook) for row in sheet.rows for cell in row}
    assert any(FROM_2025.added[0][:12] in cell for cell in cells)
    corrected = replace(HAIDIAN, measures=HAIDIAN.measures[:-1])
    path = write_plan(tmp_path / "corrected.docx", corrected)
    assert office("plan", "replace", "hd-green-2026", str(path), "--yes").status == 0
    shown = office("plan", "show", "hd-green-2026", "--json").objects[0]
    assert shown["measures"] == len(corrected.measures) and shown["file"] == "corrected.docx"
    assert office("plan", "retire", "海淀绿色低碳", "--yes").status == 0
    assert "停用" in office("plan", "show", "hd-green-2026").out
    assert office("plan", "restore", "hd-green-2026").status == 0
    assert office("plan", "retire", "没有").status == 2


def test_what_is_put_into_a_watched_folder_is_added_and_a_bad_file_explained(
    office: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "收文"
    folder.mkdir()
    write_plan(folder / "征求意见稿.docx", HAIDIAN_DRAFT)
    assert office("plan", "watch", str(folder), "--once").status == 0
    (folder / "扫描.docx").write_bytes(b"")
    stop, seen = Event(), list[Done]()

    class Watched(Work):
        def _store(self, agreed: list[Preview], done: Done) -> None:
            super()._store(agreed, done)
            seen.append(done)
            if done.added:
                stop.set()
            else:
                write_plan(folder / "正式.docx", HAIDIAN)

    plan_watch.watch(folder, Watched(Settings(), ask=False, quiet=True), {}, stop=stop)
    assert "是空文件" in (folder / ("扫描.docx" + plan_watch.WHY)).read_text(encoding="utf-8")
    rows = {row["title"]: row for row in office("plan", "list", "--json").objects}
    assert rows[HAIDIAN.title]["in_force"] and not rows[HAIDIAN_DRAFT.title]["in_force"]
    assert json.dumps(seen[-1].as_json())
