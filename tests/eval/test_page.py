"""The report page: built from a small made record, and opened in a real browser."""

from __future__ import annotations

import re
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from eval.page import page, said, write_page
from tests.browser import Visit, chromium

GOLD = "bj-green-2026/9/3"
SCRIPT = "<script>window.broken = 1</script><img src=http://example.org/x>"


def result(question_id: str, right: bool, **changed: Any) -> dict[str, Any]:
    """A question of a made run; the wrong ones miss their gold measure."""
    cited = {"id": GOLD, "label": "〔市绿色低碳·第9项第3条〕", "quote": "可再生能源供热面积占比11%以上"}
    made: dict[str, Any] = {
        "id": question_id,
        "category": "fact",
        "register": "plain",
        "question": f"{question_id} 供热面积占比是多少？",
        "history": [],
        "gold": [GOLD],
        "also": [],
        "answers": [["11%以上", "11% 以上"]],
        "departments": {},
        "wrong": [],
        "refuse": False,
        "clarify": False,
        "answer": {
            "answer": "全市：占比11%以上。" if right else "没有写明。",
            "refused": False,
            "clarify": False,
            "route": "fact",
            "citations": [cited if right else cited | {"id": "bj-green-2026/1/1", "label": "〔另一条〕"}],
            "departments": [],
        },
        "hits": ["bj-green-2026/1/1", GOLD],
        "scores": {"headline": float(right), "recall@1": 0.0, "duties": None},
        "right": right,
        "why": [] if right else [f"没有引用 {GOLD}"],
        "latency_ms": 3.5,
    }
    return made | changed


def config(name: str, *results: dict[str, Any]) -> dict[str, Any]:
    """A configuration with the metrics that the figures draw."""
    share = sum(one["right"] for one in results) / len(results)
    values = {
        "headline": share, "recall@1": 0.3, "recall@5": 0.8, "recall@10": 0.9, "mrr": 0.5, "list_f1": None,
        "refusal_recall": 1.0, "wrong_refusal": 0.0, "latency_p50": 3.5, "latency_p99": 120.0,
    }  # fmt: skip
    by_category = {"fact": {"value": share, "n": len(results)}}
    return {
        "name": name,
        "settings": {"retriever": {"kind": name}, "model": None},
        "seconds": 1.25,
        "metrics": {
            metric: {"title": metric, "all": value, "n": len(results), "by_category": by_category}
            for metric, value in values.items()
        },
        "results": list(results),
    }


@pytest.fixture
def record() -> dict[str, Any]:
    """Two configurations over four questions; what is asked and answered holds HTML."""
    duty = result(
        "q-duty",
        False,
        category="duty",
        question=f"谁牵头？{SCRIPT}",
        history=[f"先问{SCRIPT}"],
        departments={"lead": ["市城市管理委"]},
        scores={"headline": 0.0, "duties": 0.0},
    )
    duty["answer"] |= {
        "answer": SCRIPT,
        "departments": [{"role": "lead", "name": "市水务局", "as_printed": "市水务局"}],
    }
    a = config(f"hybrid{SCRIPT}", result("q-1", True), result("q-2", False), duty, result("q-3", True))
    b = config("bm25", result("q-1", True), result("q-2", True), result("q-3", False))
    compared = {
        "metric": "headline",
        "a": a["name"],
        "b": "bm25",
        "difference": 0.17,
        "low": 0.05,
        "high": 0.3,
    }
    return {
        "created": "2026-02-03T11:22:33+00:00",
        "git": {"revision": "a4e8681c0ffee", "dirty": True},
        "machine": "x86_64",
        "index": {"built_at": "2026-02-03T10:00:00+00:00", "records": 1234},
        "questions": {"name": "dev", "sha256": None, "count": 4},
        "configs": [a, b],
        "comparisons": [compared | {"n": 3}, compared | {"metric": "wrong_refusal", "n": 3}],
    }


class Reader(HTMLParser):
    """The tags of a page with their attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def questions(self) -> list[str | None]:
        return [attributes["id"] for tag, attributes in self.tags if attributes.get("class") == "q"]


def test_every_question_stands_once_and_failures_come_first(record: dict[str, Any]) -> None:
    """First what the first configuration failed, then what another failed, then the rest."""
    assert Reader(page(record)).questions() == ["q-q-2", "q-q-duty", "q-q-3", "q-q-1"]


def test_values_are_escaped(record: dict[str, Any]) -> None:
    """A question, an answer and a name with HTML in them stay words."""
    text = page(record)
    assert SCRIPT not in text
    assert [tag for tag, _ in Reader(text).tags].count("script") == 1
    assert not [tag for tag, _ in Reader(text).tags if tag in ("img", "iframe", "object", "embed")]


def test_nothing_is_loaded_from_elsewhere(record: dict[str, Any]) -> None:
    """No attribute and no rule of style names an address."""
    text = page(record)
    for _, attributes in Reader(text).tags:
        for name in ("src", "href", "srcset", "action", "data", "xlink:href"):
            assert not re.match(r"(https?:)?//", attributes.get(name) or "")
    assert not re.search(r"url\(|@import", text)


def test_head_table_and_comparison(record: dict[str, Any]) -> None:
    """The head says what was measured; a comparison says its interval and its direction."""
    text = page(record)
    for words in ("50.0%", "a4e8681c0f", "有未提交的改动", "x86_64", "1234 条", "dev，4 题"):
        assert words in text
    assert re.search(r'class="better">\+17\.0 <small>\[\+5\.0, \+30\.0\]</small> ▲ 更好', text)
    assert 'class="worse">+17.0' in text, "of wrong refusals more is worse"


def test_a_failure_says_what_was_expected_and_missing(record: dict[str, Any]) -> None:
    """The gold measure's label and rank, the reason, and the departments by role."""
    body = page(record).split('id="q-q-duty"')[1].split("</details>")[0]
    for words in (
        "✗ 漏引",
        "〔市绿色低碳·第9项第3条〕",
        "第 2",
        "△ 未列",
        f"没有引用 {GOLD}",
        "11%以上／11% 以上",
    ):
        assert words in body
    assert "缺部门：牵头 市城市管理委" in body
    assert "所给部门：牵头 市水务局" in body


def test_figures_have_words(record: dict[str, Any]) -> None:
    """Every drawing that says something has a text alternative; the rest are hidden."""
    drawings = [attributes for tag, attributes in Reader(page(record)).tags if tag == "svg"]
    told = [d["aria-label"] or "" for d in drawings if d.get("role") == "img"]
    assert [label.split("。")[0] for label in told] == ["各类别headline", "召回曲线", "拒答取舍", "时延分布"]
    assert all(d.get("aria-hidden") == "true" for d in drawings if d.get("role") != "img")
    assert "k=5 80.0%" in told[1]


def test_little_is_enough(record: dict[str, Any]) -> None:
    """One configuration, no latency, no answer, no metric but the headline."""
    small = deepcopy(record)
    small["comparisons"] = []
    small["configs"] = [config("bm25", result("q-1", False, answer={}, hits=[], latency_ms=None))]
    small["configs"][0]["metrics"] = {"headline": {"all": None, "n": 0, "by_category": {}}}
    assert "（没有回答）" in page(small)
    with pytest.raises(ValueError, match="没有任何配置"):
        page(small | {"configs": []})


@pytest.mark.parametrize(
    ("value", "metric", "signed", "words"),
    [
        (None, "headline", False, "—"),
        (0.4567, "headline", False, "45.7%"),
        (-0.0123, "recall@5", True, "-1.2"),
        (-0.0001, "recall@5", True, "+0.0"),
        (0.5, "mrr", False, "0.500"),
        (123.4, "latency_p99", False, "123 ms"),
    ],
)
def test_units(value: float | None, metric: str, signed: bool, words: str) -> None:
    """Shares as percentages, differences of them in points, times in milliseconds."""
    assert said(value, metric, signed) == words


def test_the_page_in_a_browser(record: dict[str, Any], tmp_path: Path) -> None:
    """Nothing but the file is asked for; the filters and the choice of configuration work; no overflow."""
    path = tmp_path / "report.html"
    write_page(record, path)
    with chromium() as browser:
        visit = Visit(browser.new_context(viewport={"width": 390, "height": 844}))
        at = visit.page
        at.goto(path.as_uri())
        shown, count = at.locator("details.q:visible"), at.locator("output")
        assert shown.count() == 4
        assert at.evaluate("document.documentElement.scrollWidth") <= 390
        at.select_option("[name=verdict]", "0")
        expect(count).to_have_text("2 / 4 题")
        at.select_option("[name=category]", "duty")
        expect(count).to_have_text("1 / 4 题")
        at.select_option("[name=category]", "")
        at.select_option("[name=config]", "1")
        expect(count).to_have_text("1 / 4 题")
        assert shown.get_attribute("id") == "q-q-3"
        at.select_option("[name=verdict]", "")
        at.fill("[name=text]", "市城市管理委")
        expect(count).to_have_text("1 / 4 题")
        at.click("[name=open]")
        assert at.locator("#q-q-duty .answer").is_visible()
        assert at.evaluate("window.broken") is None
        assert visit.errors == []
        assert visit.requests == [path.as_uri()]
