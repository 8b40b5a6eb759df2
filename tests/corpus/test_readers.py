"""Readers: any table survives the round trip; a bad source is told with file and line."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from tables import MadeRow, as_tab_table, as_word_table, made_tables, numbered, write_plan

from corpus.errors import SourceError
from corpus.ingest import read_corpus
from corpus.manifest import BUNDLED
from corpus.types import Measure, Role


def read(text: str, reader: str) -> tuple[Measure, ...]:
    with tempfile.TemporaryDirectory() as folder:
        return read_corpus(write_plan(Path(folder), text, reader)).plans[0].measures


def check(rows: list[MadeRow], measures: tuple[Measure, ...]) -> None:
    assert [(m.number, m.item) for m in measures] == numbered(rows)
    for row, measure in zip(rows, measures, strict=True):
        assert measure.text == row.text
        assert measure.deadline == row.deadline
        lead = Role.LEAD_RESPONSIBLE if row.responsible is None else Role.LEAD
        assert measure.names(lead) == row.lead
        assert measure.names(Role.RESPONSIBLE) == (row.responsible or [])
        assert measure.names(Role.ASSISTING) == row.assisting


@given(made_tables)
@settings(max_examples=60, deadline=None)
def test_a_tab_table_survives_the_round_trip(rows: list[MadeRow]) -> None:
    check(rows, read(as_tab_table(rows), "tab-table"))


@given(made_tables)
@settings(max_examples=60, deadline=None)
def test_a_word_table_survives_the_round_trip(rows: list[MadeRow]) -> None:
    check(rows, read(as_word_table(rows), "word-table"))


HEADER = "序号\t重点任务\t工作措施\t完成时限\t牵头部门\t主责单位\t协办单位\n"
ROW = "1\t任务\t措施。\t年底前\t区水务局\t\t——\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEADER + "1\t任务\t措施。\t区水务局\t\t——\n", 2, "有 6 格，按表头应有 7 格"),
        (HEADER + ROW + ROW.replace("1\t", "2\t") + ROW, 4, "序号1在别的序号之后又出现一次"),
        (HEADER + ROW.replace("1\t", "甲\t"), 2, "序号一格是“甲”，应为数字"),
        (HEADER + ROW.replace("措施。", ""), 2, "没有工作措施"),
        (HEADER + ROW.replace("区水务局", "——"), 2, "没有部门"),
        (HEADER + ROW.replace("年底前", "区财政局、区水务局牵头"), 2, "不像时限"),
        (HEADER + ROW.replace("年底前", ""), 2, "完成时限是空的"),
        (HEADER + ROW.replace("1\t任务", "\t"), 2, "第一行没有序号"),
        (HEADER + "\t孤立的格\t\t\t\t\t\n", 2, "没有序号"),
        (HEADER.replace("协办单位", "经费"), 1, "不认识的列：“经费”"),
        (ROW, 1, "没有表头"),
        ("别的计划\n" + HEADER + ROW, 1, "与清单登记的"),
        (HEADER + ROW + "多出来的一行\n", 3, "既不是表头"),
        (HEADER, None, "没有读到任何工作措施"),
        ("\n \n", None, "文件是空的"),
    ],
)
def test_a_bad_table_is_told_with_file_and_line(
    tmp_path: Path, text: str, line: int | None, said: str
) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        read_corpus(write_plan(tmp_path, text, "tab-table"))
    assert caught.value.file == "plan.txt"
    assert caught.value.line == line


def test_a_word_row_with_a_missing_cell_is_told(tmp_path: Path) -> None:
    rows = "\t1\n\t任务\n\t措施。\n\t区水务局\n\t——\n"
    header = "\n".join("\t" + name for name in HEADER.split()) + "\n\n"
    with pytest.raises(SourceError, match=r"有 5 格，按表头应有 7 格（牵头与主责合并时 6 格）") as caught:
        read_corpus(write_plan(tmp_path, header + rows, "word-table"))
    assert caught.value.line == 9


def test_an_unknown_encoding_is_told_and_a_declared_one_read(tmp_path: Path) -> None:
    manifest = write_plan(tmp_path, "", "tab-table")
    (tmp_path / "plan.txt").write_bytes((HEADER + ROW).encode("gb18030"))
    with pytest.raises(SourceError, match="不是 utf-8 编码") as caught:
        read_corpus(manifest)
    assert caught.value.line == 1
    with manifest.open("a", encoding="utf-8") as more:
        more.write('encoding = "gb18030"\n')
    assert read_corpus(manifest).plans[0].measures[0].text == "措施。"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("plan.txt", "nowhere.txt"), "文件不存在"),
        (("tab-table", "ocr"), "可用的有 tab-table、word-table、prose"),
        (("year = 2026", ""), "缺少 year"),
        (("year", "yaer"), "缺少 year"),
        (('status = "final"', 'status = "old"'), "应为 final 或 draft"),
        (('district = "延庆区"', 'district = ""'), "level 与 district 不一致"),
        (("[[plan]]", "[[plan"), "不是有效的 TOML"),
        (('id = "t"', 'id = "a/b"'), "只能用小写字母"),
        (("year = 2026", 'year = 2026\nencoding = "klingon"'), "不是已知的编码"),
        (("year = 2026", "year = 2026\nmisprint = [{}]"), "misprint 应有"),
        (("[[plan]]", "[other]"), "没有任何"),
        (("延庆区测试计划", "延庆区别的计划"), "与清单登记的"),
    ],
)
def test_a_bad_manifest_is_told(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    manifest = write_plan(tmp_path, "测试计划\n" + HEADER + ROW, "tab-table")
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        read_corpus(manifest)


def test_cells_that_shifted_or_hold_no_name_are_told(tmp_path: Path) -> None:
    for row, said in (
        (ROW.replace("区水务局", "注：以上措施由各单位落实。"), "不像部门名称"),
        (ROW.replace("\t区水务局\t\t——", "\t\t区水务局\t——"), "牵头部门是空的"),
        (ROW.replace("1\t", "①\t"), "应为数字"),
    ):
        with pytest.raises(SourceError, match=said) as caught:
            read_corpus(write_plan(tmp_path, HEADER + row, "tab-table"))
        assert caught.value.line == 2


def test_a_measure_that_opens_like_a_heading_is_a_measure(tmp_path: Path) -> None:
    row = "\t\t（二）强化巡查检查。\t年底前\t区水务局\t\t——\n"
    measures = read_corpus(write_plan(tmp_path, HEADER + ROW + row, "tab-table")).plans[0].measures
    assert [m.text for m in measures] == ["措施。", "（二）强化巡查检查。"]


def test_a_word_row_with_a_number_that_is_none_is_told(tmp_path: Path) -> None:
    header = "\n".join("\t" + name for name in HEADER.split()) + "\n\n"
    first = "\t1\n\t任务\n\t措施。\n\t年底前\n\t区水务局\n\t——\n\n"
    with pytest.raises(SourceError, match=r"序号一格是“2\.”，应为数字"):
        read_corpus(write_plan(tmp_path, header + first + first.replace("\t1", "\t2."), "word-table"))


def test_an_unknown_department_is_kept_as_printed_and_reported(tmp_path: Path) -> None:
    from corpus.report import report

    row = ROW.replace("区水务局", "区水务局 区新设局 区财政局")
    corpus = read_corpus(write_plan(tmp_path, HEADER + row, "tab-table"))
    duties = corpus.plans[0].measures[0].duties
    assert [(d.printed, d.known) for d in duties] == [
        ("区水务局", True), ("区新设局", False), ("区财政局", True),
    ]  # fmt: skip
    assert report(corpus)["unknown_departments"] == ["区新设局（t/1/1，plan.txt 第2行）"]


def test_the_report_lists_what_was_inferred(corpus: object) -> None:
    from corpus.ingest import Corpus
    from corpus.report import report

    assert isinstance(corpus, Corpus)
    plans = {plan["plan"]: plan for plan in report(corpus)["plans"]}
    assert len(plans["yq-pollution-2026"]["merged_lead_responsible"]) == 86
    assert any("序号35" in note for note in plans["hr-green-2026"]["inferred"])
    assert plans["bj-eco-145"]["sentences"] == 556
    assert plans["bj-eco-145"]["gaps"] == 44
    assert BUNDLED.name == "sources.toml"
