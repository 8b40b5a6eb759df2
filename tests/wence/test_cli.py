"""The command line keeps the contract: objects, exit statuses, Chinese messages."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from conftest import Run
from openpyxl import load_workbook

from index.embedding import SHIPPED

ANSWER_KEYS = [
    "id", "question", "answer", "refused", "clarify", "route", "statements", "citations", "departments",
    "suggestions", "writer", "timings_ms",
]  # fmt: skip
CITATION_KEYS = {
    "id", "plan", "plan_title", "status", "number", "item", "label", "path", "text", "quote", "source",
}  # fmt: skip
ROW_KEYS = {
    "id", "plan", "number", "item", "task", "text", "deadline", "target", "category", "path", "status",
    "roles", "due",
}  # fmt: skip


def test_ask_prints_one_object_of_the_contract(run: Run) -> None:
    ran = run("ask", "延庆区森林覆盖率要达到多少？", "--json")
    (answer,) = ran.objects
    assert ran.status == 0
    assert list(answer) == ANSWER_KEYS
    (citation,) = answer["citations"]
    assert citation.keys() == CITATION_KEYS
    assert citation["source"] == {"file": "yq-2026-draft.txt", "line": 1796}
    assert answer["timings_ms"]["total"] > 0


def test_ask_in_a_terminal_shows_a_panel_and_the_rows(run: Run) -> None:
    ran = run("ask", "延庆区森林覆盖率要达到多少？")
    assert "65.22%" in ran.out
    assert "征求意见稿" in ran.out
    assert "╭" in ran.out


def test_ask_looks_only_where_it_is_told_to(run: Run) -> None:
    narrowed = ("--district", "延庆", "--department", "延庆区水务局", "--json")
    ran = run("ask", "6月底前完成的措施有几条？", *narrowed)
    assert ran.objects[0]["scope"] == "延庆区，延庆区水务局参与"
    assert {citation["plan"][:2] for citation in ran.objects[0]["citations"]} == {"yq"}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ask", "上海的PM2.5目标是多少", "--json"], 1, ""),
        (["ask", ""], 2, "问题是空的"),
        (["ask"], 2, "请写出问题"),
        (["ask", "🌧️"], 2, "没有可以检索的文字"),
        (["ask", "谁牵头", "--level", "县"], 2, "可用：市、区"),
        (["ask", "水" * 10_000], 2, "最多 2000 字"),
        (["show", "bj-green-2026/99/1"], 2, "没有 bj-green-2026/99/1"),
        (["list", "--plan", "nope"], 2, "现有：bj-green-2026（市绿色低碳）"),
        (["list", "--department", "水务据"], 2, "相近的有"),
        (["list", "--district", "浦东"], 2, "可用：市、东城区"),
        (["list", "--role", "boss"], 2, "可用：lead、responsible"),
        (["list", "--deadline", "某天"], 2, "看不懂时限"),
        (["list", "--deadline", "2026-02-30"], 2, "不是有效的日期"),
        (["list", "--sort", "size"], 2, "不能按“size”排序"),
        (["list", "--format", "xlsx"], 2, "请用 --output"),
        (["list", "--format", "csv", "-o", "/no/such/place.csv"], 2, "写不了"),
        (["ask", "--batch", "/no/such/file.jsonl"], 2, "读不了"),
    ],
)
def test_exit_statuses_and_messages(run: Run, arguments: list[str], status: int, said: str) -> None:
    ran = run(*arguments)
    assert ran.status == status
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_batch_answers_every_line_and_tells_the_bad_ones(run: Run, tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "a", "question": "延庆区森林覆盖率要达到多少？"}),
        "{not json",
        json.dumps({"id": "b", "question": "那怀柔呢", "history": ["延庆海绵城市达标面积比例多少"]}),
        json.dumps({"id": "c"}),
        "",
        json.dumps({"id": "d", "question": " "}),
        json.dumps({"id": "e", "question": "上海怎么样？", "history": "x"}),
        json.dumps({"id": 7, "question": "上海怎么样？\ud800"}),
    ]
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\n".join(lines), encoding="utf-8")
    ran = run("ask", "--batch", str(batch))
    assert ran.status == 2
    assert [("error" in o, o["id"]) for o in ran.objects] == [
        (False, "a"), (True, ""), (False, "b"), (True, "c"), (True, "d"), (True, "e"), (False, 7),
    ]  # fmt: skip
    assert "第2行：不是有效的 JSON" in ran.objects[1]["error"]
    assert ran.objects[1]["line"] == 2
    assert ran.objects[2]["citations"][0]["id"] == "hr-green-2026/11/1"
    good = tmp_path / "good.jsonl"
    good.write_text(lines[0] + "\n" + lines[-1], encoding="utf-8")
    assert run("ask", "--batch", str(good)).status == 0


def test_list_gives_every_measure_and_the_plan_in_reading_order(run: Run) -> None:
    rows = run("list", "--format", "jsonl").objects
    assert len(rows) == 454
    assert all(row.keys() >= ROW_KEYS for row in rows)
    assert len({row["id"] for row in rows}) == 454
    first = rows[0]
    assert first["roles"]["lead_responsible"] == ["市发展改革委", "各区政府", "北京经济技术开发区管委会"]
    assert first["due"][0] == {"from": None, "to": "2026-12-31", "basis": "column", "printed": "年底前"}
    passages = run("list", "--plan", "bj-eco-145", "--format", "jsonl").objects
    assert sum(len(p["sentences"]) for p in passages) == 556
    assert all("".join(p["sentences"]) == p["text"] for p in passages)


@pytest.mark.parametrize(
    ("conditions", "count"),
    [
        (["--plan", "市多元共治"], 61),
        (["--district", "怀柔"], 72),
        (["--district", "市"], 148),
        (["--plan", "延庆指标", "--department", "区水务局"], 2),
        (["--department", "永宁镇"], 2),
        (["--deadline", "6-9月"], 3),
        (["--deadline", "长期实施", "--district", "延庆"], 25),
        (["--text", "扬尘", "--text", "道路", "--plan", "yq-pollution-2026"], 6),
        (["--level", "区"], 306),
        (["--status", "征求意见稿"], 234),
        (["--department", "延庆区水务局", "--together", "延庆区生态环境局"], 34),
    ],
)
def test_list_counts(run: Run, conditions: list[str], count: int) -> None:
    assert len(run("list", *conditions, "--format", "jsonl").objects) == count


def test_lead_and_responsible_both_include_a_merged_cell(run: Run) -> None:
    def ids(role: str) -> set[str]:
        conditions = ("--department", "延庆区水务局", "--role", role, "--format", "jsonl")
        return {row["id"] for row in run("list", *conditions).objects}

    assert ids("lead_responsible") <= ids("lead") & ids("responsible")
    assert ids("lead_responsible")


def test_exports_open_and_hold_what_was_asked(run: Run, tmp_path: Path) -> None:
    book, sheet = tmp_path / "措施.xlsx", tmp_path / "措施.csv"
    assert run("list", "--district", "怀柔", "--format", "xlsx", "-o", str(book)).status == 0
    assert run("list", "--district", "怀柔", "--format", "csv", "-o", str(sheet)).status == 0
    workbook = load_workbook(book)
    assert workbook.active is not None
    rows = list(workbook.active.values)
    assert len(rows) == 73
    assert rows[0][0] == "编号"
    read = list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in read] == [row[0] for row in rows]
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbf")


def test_search_filters_before_ranking_and_finds_nothing_for_nothing(run: Run) -> None:
    (found,) = run("search", "秸秆焚烧", "--top", "3", "--district", "延庆", "--json").objects
    assert len(found["hits"]) == 3
    assert all(hit["id"].startswith("yq-") for hit in found["hits"])
    assert found["hits"][0]["id"] == "yq-governance-2026/2/3"
    assert all(hit.keys() == CITATION_KEYS | {"score"} for hit in found["hits"])
    (nothing,) = run("search", "xyzzy", "--json").objects
    assert nothing == {"id": "", "hits": []}


def test_show_prints_a_measure_in_full_with_its_source_lines(run: Run) -> None:
    ran = run("show", "hr-green-2026/35/1")
    assert ran.status == 0
    for part in ("开展GEP—R核算和应用", "序号35在原文中缺失", "hr-green-2026.txt:654:", "区发展改革委"):
        assert part in ran.out.replace("\n", "")
    (row,) = run("show", "bj-eco-145/3.1.1/1", "--json").objects
    assert row["label"] == "〔十四五规划·三(一)1第1段〕"


def test_build_says_what_it_read_and_if_needed_does_nothing_twice(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENCE_INDEX_DIR", str(tmp_path / "fresh"))
    ran = run("build")
    assert ran.status == 0
    assert "共 454 条措施、170 个段落（556 句，原文缺失 44 处）" in ran.out.replace("\n", "")
    before = (tmp_path / "fresh" / "current").read_text()
    assert "索引是新的" in run("build", "--if-needed").err
    assert (tmp_path / "fresh" / "current").read_text() == before
    (report,) = run("build", "--json").objects
    assert sum(plan["measures"] for plan in report["plans"]) == 454


def test_the_first_question_builds_the_index(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENCE_INDEX_DIR", str(tmp_path / "none yet"))
    ran = run("ask", "延庆区森林覆盖率要达到多少？", "--json")
    assert ran.status == 0
    assert "还没有索引，正在建立" in ran.err


def _touched_model(folder: Path) -> Path:
    """A copy of the shipped model whose card has changed."""
    copy = Path(shutil.copytree(SHIPPED, folder / "model"))
    (copy / "README.md").write_text("changed")
    return copy


def test_a_stale_index_serves_and_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENCE_EMBEDDING", str(_touched_model(tmp_path)))
    ran = run("ask", "延庆区森林覆盖率要达到多少？", "--json")
    assert ran.status == 0
    assert "向量模型已变，请运行 wence build" in ran.err


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("WENCE_PORT", "http", "WENCE_PORT='http'"),
        ("WENCE_EMBEDDING", "/no/model", "找不到模型文件夹：/no/model"),
        ("WENCE_EMBEDDING", "BAAI/bge-m3", "本机没有模型 BAAI/bge-m3"),
        ("WENCE_RERANKER", "BAAI/bge-reranker-base", "wence models pull BAAI/bge-reranker-base"),
        ("WENCE_INDEX_DIR", "/etc", "不是问策的索引目录"),
        ("WENCE_INDEX_DIR", "/dev/null/index", "/dev/null/index/current 读不出来"),
    ],
)
def test_a_bad_setting_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    ran = run("ask", "延庆区森林覆盖率要达到多少？")
    assert ran.status == 2
    assert said in ran.err


def test_a_bad_source_is_told_with_file_and_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sources.toml").write_text(
        '[[plan]]\nid="x"\nshort="x"\ntitle="x"\nlevel="市"\ndistrict=""\nyear=2026\nstatus="final"\n'
        'reader="tab-table"\nfile="x.txt"\n'
    )
    (tmp_path / "x.txt").write_text("序号\t重点任务\n1\t没有措施\n", encoding="utf-8")
    monkeypatch.setenv("WENCE_SOURCES", str(tmp_path / "sources.toml"))
    ran = run("build")
    assert ran.status == 2
    assert "错误：x.txt 第1行：表头缺少" in ran.err
