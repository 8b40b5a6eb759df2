"""Exports: what opens in a spreadsheet is the rows that the list shows, and text is never a formula."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from openpyxl import load_workbook

from api import exports, records
from api.exports import Entry, file_name, to_csv, to_xlsx
from rag.engine import Engine
from rag.options import Options

YANQING = {"district": "延庆", "department": "水务局", "sort": "-deadline"}


@pytest.fixture
def hostile(engine: Engine) -> Entry:
    """A line whose text would be a formula."""
    (made,) = records.taken(engine, engine.store.get(["bj-green-2026/1/1"]))
    text = {"text": "=HYPERLINK(1)", "task": "+1\x07", "deadline": "@x", "target": "-2"}
    return replace(made, row={**made.row, **text})


def test_a_cell_of_a_csv_never_opens_as_a_formula(hostile: Entry) -> None:
    (_, cells) = csv.reader(io.StringIO(to_csv([hostile])))
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert "'=HYPERLINK(1)" in cells


def test_a_cell_of_a_workbook_never_opens_as_a_formula(hostile: Entry) -> None:
    book = load_workbook(io.BytesIO(to_xlsx([hostile], about=[("条件", "=1+1")])))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {"=HYPERLINK(1)", "+1", "=1+1"} <= {cell.value for cell in cells}
    assert all(cell.data_type != "f" for cell in cells)


def shown(client: httpx.Client, **more: Any) -> dict[str, Any]:
    page: dict[str, Any] = client.get("/v1/measures", params=YANQING | {"limit": 500} | more).json()
    return page


def test_a_workbook_holds_what_the_list_shows_in_its_order(client: httpx.Client) -> None:
    response = client.get("/v1/measures.xlsx", params=YANQING)
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["措施", "说明"]
    heading, *rows = book["措施"].values
    page = shown(client)
    assert [row[heading.index("编号")] for row in rows] == [item["id"] for item in page["items"]]
    assert len(rows) == page["total"] > 10
    first = dict(zip(heading, rows[0], strict=True))
    assert first["工作措施"] == page["items"][0]["text"]
    assert "延庆区水务局" in "".join(
        str(first[f"{role}全称"]) for role in ("牵头/主责", "协办单位", "牵头部门")
    )
    sheet = book["措施"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    told = dict(book["说明"].values)
    assert (told["区"], told["部门"], told["排序"]) == ("延庆区", "水务局", "按完成时限倒序")
    assert told["条数"] == f"{len(rows)} 条"


def test_a_workbook_prints_on_sheets_of_paper_under_its_heading(client: httpx.Client) -> None:
    book = load_workbook(io.BytesIO(client.get("/v1/measures.xlsx", params=YANQING).content))
    sheet = book["措施"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    heading = next(sheet.values)
    assert heading[:6] == ("计划简称", "序号", "条", "重点任务", "工作措施", "完成时限")
    assert sheet.print_area == f"'措施'!$A$1:$M${sheet.max_row}"
    assert heading[12] == "标签"


def test_a_source_is_told_once_and_a_deadline_as_it_was_understood(client: httpx.Client) -> None:
    params = {"plan": "yq-green-2026", "deadline": "6月"}
    response = client.get("/v1/measures.xlsx", params=params)
    told = dict(load_workbook(io.BytesIO(response.content))["说明"].values)
    assert told["完成时限"] == "6月底前"
    response = client.get("/v1/measures.xlsx", params={"plan": "yq-green-2026"})
    told = dict(load_workbook(io.BytesIO(response.content))["说明"].values)
    assert told["来源"] == "延庆区加快绿色低碳转型2026年行动计划（征求意见稿，yq-2026-draft.txt）"
    named = client.get("/v1/measures.csv", params=params).headers["content-disposition"]
    assert "-6月底前-" in unquote(named)


def test_a_csv_holds_the_same_and_excel_reads_it(client: httpx.Client) -> None:
    response = client.get("/v1/measures.csv", params=YANQING)
    assert response.content.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["编号"] for row in read] == [item["id"] for item in shown(client)["items"]]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_answer_that_lists_two_hundred_is_exported_by_its_ids(
    client: httpx.Client, engine: Engine, form: str
) -> None:
    ids = [record_id for record_id in engine.store.ids if record_id.startswith(("yq-", "hr-"))][:200]
    response = client.post(f"/v1/measures.{form}", json={"id": ids[::-1]})
    assert response.status_code == 200
    if form == "xlsx":
        book = load_workbook(io.BytesIO(response.content))
        heading, *rows = book["措施"].values
        assert [row[heading.index("编号")] for row in rows] == ids
        assert dict(book["说明"].values)["编号"] == "选定的 200 条"
    assert "选定的200条" in unquote(response.headers["content-disposition"])


def test_a_file_is_called_by_what_it_holds_and_the_day(client: httpx.Client, engine: Engine) -> None:
    day = date(2026, 11, 21)
    named = Options(district=["延庆"], text=['a/b:"c"'])
    assert file_name(Options(), engine.store, day, "csv") == "台账-20261121.csv"
    assert file_name(named, engine.store, day, "xlsx") == "台账-延庆区-abc-20261121.xlsx"
    header = client.get("/v1/measures.xlsx", params={"district": "延庆"}).headers["content-disposition"]
    assert unquote(header).startswith("attachment; filename*=UTF-8''台账-延庆区-20")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"district": "上海"}, "不认识“上海”"),
        ({"sort": "colour"}, "不能按“colour”排序。可用：deadline（完成时限）"),
        ({"status": "作废"}, "没有状态“作废”。可用：final（正式）"),
        ({"level": "国家"}, "没有级别“国家”。可用：市、区。"),
        ({"together": "延庆水务处"}, "没有部门“延庆水务处”"),
        ({"id": "x/1/1"}, "没有编号为“x/1/1”"),
        ({"limit": "5"}, "不认识参数 limit。"),
    ],
)
def test_what_cannot_be_exported_says_why(client: httpx.Client, params: dict[str, str], said: str) -> None:
    for form in ("xlsx", "csv"):
        response = client.get(f"/v1/measures.{form}", params=params)
        assert response.status_code == 422
        assert said in response.json()["detail"]


def test_more_ids_than_a_file_takes_are_refused(client: httpx.Client) -> None:
    response = client.post("/v1/measures.xlsx", json={"id": ["hr-green-2026/11/1"] * 1001})
    assert (response.status_code, response.json()["detail"]) == (422, "字段 id 太多，最多 1000 项。")


def test_every_column_of_a_reader_is_one_of_the_list() -> None:
    assert set(exports.REGISTER) < set(exports.LISTED)
