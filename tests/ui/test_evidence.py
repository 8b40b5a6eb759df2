"""The table of cited measures, without a browser."""

from dataclasses import replace

from corpus.types import Measure
from rag.answer import Answer
from rag.engine import Engine
from ui import evidence

DUTY = "谁牵头管秸秆露天焚烧？"


def test_a_row_says_plan_status_quote_deadline_departments_and_place(engine: Engine) -> None:
    html = evidence.table(engine.ask(DUTY), engine.store)
    for said in (
        "共 2 条",
        "〔延庆多元共治·第2项第3条〕",
        "征求意见稿",
        "正式",
        "<q>严格秸秆露天焚烧监管",
        "年底前",
        "牵头</span>市城市管理委",
        "bj-governance-2026.txt <span>第18行</span>",
    ):
        assert said in html


def test_the_whole_text_unfolds_with_the_quote_marked(engine: Engine) -> None:
    html = evidence.table(engine.ask("怀柔区海绵城市达标面积比例是多少？"), engine.store)
    assert "<summary>全文</summary>将适应气候变化理念" in html
    assert "<mark>持续开展海绵城市建设，建成区海绵城市达标面积比例达到44%</mark>" in html


def test_a_passage_has_neither_deadline_nor_departments(engine: Engine) -> None:
    html = evidence.table(engine.ask("十四五时期森林覆盖率目标是多少？"), engine.store)
    assert '<td data-column="完成时限">—</td><td data-column="部门">—</td>' in html


def test_no_value_is_taken_for_markup(engine: Engine) -> None:
    answer = engine.ask(DUTY)
    evil = '<img src=x onerror="x">'
    cited = answer.citations[0]
    assert isinstance(cited.record, Measure)
    plan = replace(cited.plan, title=evil)
    record = replace(cited.record, text=evil, path=(evil,))
    forged = replace(answer, citations=(replace(cited, plan=plan, record=record, label=evil, quote=evil),))
    html = evidence.table(forged, engine.store)
    assert "<img" not in html
    assert "<script" not in evidence.notice("<script>")


def test_an_answer_without_citations_says_so(engine: Engine) -> None:
    answer: Answer = engine.ask("上海的无废城市谁负责？")
    assert evidence.table(answer, engine.store) == evidence.NONE_CITED
