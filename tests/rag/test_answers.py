"""Real questions, a few a route: the records they rest on and the figures they give."""

from __future__ import annotations

import re

import pytest

from corpus.normal import normal
from index.filters import DueWindow, Filters
from rag.answer import Answer
from rag.engine import Engine


def cited(answer: Answer) -> set[str]:
    return {citation.record.id for citation in answer.citations}


def holds(answer: Answer, *words: str) -> bool:
    return all(normal(word) in normal(answer.text) for word in words)


def roles(answer: Answer) -> set[tuple[str, str]]:
    return {(row["name"], row["role"]) for row in answer.as_json()["departments"]}


@pytest.mark.parametrize(
    ("question", "figure", "record"),
    [
        ("到2025年森林覆盖率要达到多少", "45%", "bj-eco-145/5.2.1/1"),
        ("十四五规划里PM2.5的目标", "35微克/立方米左右", "bj-eco-145/2.3/2"),
        ("延庆ＰＭ２．５年均浓度目标是多少", "26微克/立方米", "yq-indicators-2026/1/1"),
        ("怀柔便民回收渠道布局要多少", "120个以上", "hr-green-2026/16/2"),
    ],
)
def test_fact(engine: Engine, question: str, figure: str, record: str) -> None:
    answer = engine.ask(question)
    assert (answer.route, cited(answer)) == ("fact", {record})
    assert holds(answer, figure)


@pytest.mark.parametrize(
    ("question", "record", "departments"),
    [
        (
            "市里生活垃圾资源化利用率由谁牵头",
            "bj-green-2026/8/2",
            {("北京市城市管理委", "lead"), ("北京市发展改革委", "lead")},
        ),
        (
            "怀柔绿色低碳第16项第2条谁负责",
            "hr-green-2026/16/2",
            {("怀柔区城市管理委", "lead_responsible"), ("怀柔区各镇乡街道", "assisting")},
        ),
    ],
)
def test_duty(engine: Engine, question: str, record: str, departments: set[tuple[str, str]]) -> None:
    answer = engine.ask(question)
    assert (answer.route, cited(answer), roles(answer)) == ("duty", {record}, departments)


@pytest.mark.parametrize(
    ("question", "route", "conditions"),
    [
        ("延庆区商务局牵头的措施有哪些", "list", {"departments": ("延庆区商务局",), "roles": ("lead",)}),
        ("延庆区永宁镇参与的措施有哪些", "list", {"departments": ("延庆区永宁镇",)}),
        ("怀柔区水务局协办几条", "count", {"departments": ("怀柔区水务局",), "roles": ("assisting",)}),
        ("平谷区政府主责几条措施", "count", {"departments": ("平谷区政府",), "roles": ("responsible",)}),
        ("延庆污染防治计划有多少条措施", "count", {"plans": ("yq-pollution-2026",)}),
    ],
)
def test_list_and_count_are_the_scan(
    engine: Engine, question: str, route: str, conditions: dict[str, tuple[str, ...]]
) -> None:
    expected = engine.store.scan(Filters(kinds=("measure",), **conditions))  # type: ignore[arg-type]
    answer = engine.ask(question)
    assert (answer.route, cited(answer)) == (route, {record.id for record in expected})
    assert f"共{len(expected)}条" in answer.text


@pytest.mark.parametrize(
    ("question", "words", "count"),
    [("长期实施的措施一共多少条", "长期实施", 31), ("6月底前完成的措施一共有几条", "6月底前", 5)],
)
def test_a_count_by_deadline_is_the_scan(engine: Engine, question: str, words: str, count: int) -> None:
    window = DueWindow.read(words, 2026)
    assert window is not None
    expected = {r.id for r in engine.store.scan(Filters(kinds=("measure",), due=(window,)))}
    answer = engine.ask(question)
    assert len(expected) == count
    assert cited(answer) == expected
    assert f"共{count}条" in answer.text


def test_compare_has_a_row_a_level(engine: Engine) -> None:
    answer = engine.ask("全市、延庆、怀柔的海绵城市达标面积比例各是多少，比较一下")
    assert answer.route == "compare"
    assert answer.table is not None
    figure = answer.table.columns.index("数字")
    assert {i: row[figure] for i, row in zip(answer.table.citations, answer.table.rows, strict=True)} == {
        "bj-green-2026/13/1": "44%",
        "yq-green-2026/11/1": "52%",
        "hr-green-2026/11/1": "44%",
    }
    assert "高8个百分点" in answer.text


def test_compare_with_the_five_year_plan_is_worked_out(engine: Engine) -> None:
    answer = engine.ask("十四五规划和今年延庆海绵城市达标比例的差别")
    assert cited(answer) == {"bj-eco-145/4.2.2/1", "yq-green-2026/11/1"}
    assert holds(answer, "到2025年", "40%以上", "52%", "高12个百分点")


def test_a_side_that_says_nothing_is_named(engine: Engine) -> None:
    answer = engine.ask("延庆和怀柔的森林覆盖率哪个高")
    assert cited(answer) == {"yq-green-2026/31/1"}
    assert holds(answer, "65.22%", "怀柔区的文本中没有找到")


@pytest.mark.parametrize(
    ("question", "record", "due"),
    [
        ("延庆清管行动什么时候完成", "yq-pollution-2026/30/2", "6月底前"),
        ("怀柔便民回收渠道布局的完成时限", "hr-green-2026/16/2", "年底前"),
    ],
)
def test_deadline(engine: Engine, question: str, record: str, due: str) -> None:
    answer = engine.ask(question)
    assert (answer.route, cited(answer)) == ("deadline", {record})
    assert holds(answer, due)


def test_outline_of_a_task_of_a_chapter_and_of_a_plan(engine: Engine) -> None:
    task = engine.ask("市绿色低碳计划第33项讲什么")
    assert (task.route, cited(task)) == ("outline", {"bj-green-2026/33/1", "bj-green-2026/33/2"})
    chapter = engine.ask("怀柔绿色低碳计划第一章有哪些内容")
    assert chapter.route == "outline"
    assert holds(chapter, "一、应对气候变化", "从第1项至第13项")
    last = engine.ask("怀柔绿色低碳计划最后一章是什么")
    assert holds(last, "三、加强生态保护", "从第24项至第36项")
    chapters = engine.ask("市多元共治计划分几章")
    assert holds(chapters, "从第1项至第14项", "从第15项至第19项")


def test_summary_is_of_one_plan_and_in_its_order(engine: Engine) -> None:
    answer = engine.ask("延庆扬尘治理有哪些措施，概括一下")
    ids = [citation.record.id for citation in answer.citations]
    assert answer.route == "summary"
    assert {"yq-pollution-2026/10/1", "yq-pollution-2026/10/2"} <= set(ids)
    assert {citation.plan.district for citation in answer.citations} == {"延庆区"}
    assert ids == [i for i in engine.store.ids if i in ids]


@pytest.mark.parametrize(
    ("question", "right", "true", "record"),
    [
        ("延庆森林覆盖率是65.22%吗", True, "65.22%", "yq-green-2026/31/1"),
        ("延庆森林覆盖率要达到70%吗", False, "65.22%", "yq-green-2026/31/1"),
        ("全市可再生能源发电装机容量达到420万千瓦吗", True, "420万千瓦", "bj-green-2026/7/3"),
        ("全市可再生能源发电装机容量要达到500万千瓦吗", False, "420万千瓦", "bj-green-2026/7/3"),
        ("延庆优良天数比率是不是达到80%", True, "80%", "yq-indicators-2026/2/1"),
        ("延庆PM2.5降到25微克/立方米以下吗", False, "26微克/立方米", "yq-indicators-2026/1/1"),
        ("怀柔便民回收渠道是100个以上吗", False, "120个以上", "hr-green-2026/16/2"),
        ("延庆区餐饮油烟由商务局牵头吗", True, "延庆区商务局", "yq-pollution-2026/8/3"),
        ("延庆区餐饮油烟由水务局牵头吗", False, "延庆区生态环境局", "yq-pollution-2026/8/3"),
    ],
)
def test_yes_or_no_comes_first_and_the_true_clause_behind(
    engine: Engine, question: str, right: bool, true: str, record: str
) -> None:
    answer = engine.ask(question)
    assert answer.text.startswith("是") is right
    assert holds(answer, true)
    assert record in cited(answer)
    if not right:
        assert re.match("不是|不对|没有|与原文不符|在相应的措施中没有找到", answer.text)


def test_clarify_offers_every_plan_that_has_the_number(engine: Engine) -> None:
    answer = engine.ask("第12项是什么")
    assert answer.clarify
    numbered = engine.store.scan(Filters(kinds=("measure",), numbers=(12,)))
    assert {c.plan.id for c in answer.citations} == {record.plan for record in numbered}
    topic = engine.ask("新能源比例要多少")
    assert topic.clarify
    assert {"yq-indicators-2026/14/1", "yq-pollution-2026/3/1"} <= cited(topic)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("夜间施工罚款多少", "处罚标准和罚款数额"),
        ("延庆区生态环境局的电话是多少", "联系方式"),
        ("2035年延庆森林覆盖率", "2035年"),
        ("天津市的PM2.5目标是多少", "天津"),
        ("昌平区PM2.5年均浓度目标是多少", "没有昌平区自己的计划"),
        ("回龙观的扬尘谁管", "没有昌平区自己的计划"),
        ("密云区生态环境局负责哪些", "密云区生态环境局"),
    ],
)
def test_a_refusal_says_what_is_missing(engine: Engine, question: str, missing: str) -> None:
    answer = engine.ask(question)
    assert (answer.refused, cited(answer)) == (True, set())
    assert missing in answer.text
    assert "缺失" not in answer.text


def test_a_gap_of_the_five_year_plan_is_no_absence(engine: Engine) -> None:
    answer = engine.ask("十四五规划里电磁辐射建站的数量")
    assert answer.refused
    assert holds(answer, "十四五规划文本在相应位置有缺失", "不能据此认为规划没有提到")


@pytest.mark.parametrize(
    ("question", "record", "basis"),
    [
        ("昌平区违法违规旅游活动谁管", "bj-green-2026/34/2", "写明昌平区"),
        ("昌平区的便民回收渠道", "bj-green-2026/19/2", "写明各区（或相关区）"),
    ],
    ids=["named", "meant"],
)
def test_a_district_without_a_plan_is_answered_from_the_citys(
    engine: Engine, question: str, record: str, basis: str
) -> None:
    answer = engine.ask(question)
    assert not answer.refused
    assert cited(answer) == {record}
    assert holds(answer, "本库没有昌平区自己的计划", basis)
