"""Questions after others, and several questions in one."""

from __future__ import annotations

import pytest

from rag.answer import Answer
from rag.engine import Engine

PIPES = "延庆污染防治计划第30项第1条说什么"
WATER = "延庆区水务局牵头的措施有哪些"
RECYCLING = "怀柔便民回收渠道布局要多少"


def cited(answer: Answer) -> set[str]:
    return {citation.record.id for citation in answer.citations}


@pytest.mark.parametrize(
    ("turns", "question", "route", "record"),
    [
        (["延庆建成区海绵城市达标面积比例是多少"], "那怀柔呢", "fact", "hr-green-2026/11/1"),
        (["延庆和全市的海绵城市达标面积比例比较"], "怀柔呢", "fact", "hr-green-2026/11/1"),
        (["上海的PM2.5"], "那延庆呢", "fact", "yq-indicators-2026/1/1"),
        ([RECYCLING], "那全市呢？", "fact", "bj-green-2026/19/2"),
        ([RECYCLING], "谁负责", "duty", "hr-green-2026/16/2"),
        ([RECYCLING], "什么时候完成", "deadline", "hr-green-2026/16/2"),
        ([RECYCLING, "谁负责？"], "协办的有哪些", "duty", "hr-green-2026/16/2"),
        (["延庆森林覆盖率是65.22%吗"], "谁负责", "duty", "yq-green-2026/31/1"),
        ([PIPES], "第二条呢", "outline", "yq-pollution-2026/30/2"),
        ([PIPES, "第二条呢"], "那谁负责", "duty", "yq-pollution-2026/30/2"),
        (["怀柔绿色低碳第7项第1条讲什么"], "第3条呢", "outline", "hr-green-2026/7/3"),
        (["市里公园跳舞噪声谁管？"], "校园广播那种呢", "duty", "bj-governance-2026/16/12"),
        (["市里碳普惠今年推进什么"], "主责单位都有谁，国网算不算", "duty", "bj-green-2026/6/1"),
        (["今年全市可再生能源供热面积占比"], "十四五规划定的又是多少", "fact", "bj-eco-145/3.1.1/2"),
    ],
)
def test_a_follow_up_takes_what_it_leaves_out(
    engine: Engine, turns: list[str], question: str, route: str, record: str
) -> None:
    answer = engine.ask(question, turns)
    assert (answer.route, cited(answer)) == (route, {record})


@pytest.mark.parametrize(
    ("turns", "question", "whole"),
    [
        ([WATER], "怀柔的呢", "怀柔区水务局牵头的措施有哪些"),
        ([WATER], "主责的呢", "延庆区水务局主责的措施有哪些"),
        ([WATER], "有几条？", "延庆区水务局牵头的措施有几条"),
        (["怀柔区水务局协办的措施有几条"], "那延庆呢", "延庆区水务局协办的措施有几条"),
        (["6月底前完成的措施有哪些"], "延庆的呢", "延庆6月底前完成的措施有哪些"),
    ],
)
def test_a_list_goes_on_with_its_conditions(
    engine: Engine, turns: list[str], question: str, whole: str
) -> None:
    answer, expected = engine.ask(question, turns), engine.ask(whole)
    assert not expected.refused
    assert (answer.route, cited(answer)) == (expected.route, cited(expected))


@pytest.mark.parametrize(
    "question",
    [
        "全市森林覆盖率是多少",
        "怀柔便民回收渠道布局谁负责",
        "怀柔区水务局协办的措施有几条",
        "夜间施工罚款多少",
    ],
)
def test_a_change_of_subject_takes_nothing_along(engine: Engine, question: str) -> None:
    after = engine.ask(question, ["延庆清管行动谁牵头", "什么时候完成"])
    assert after.text == engine.ask(question).text


def test_what_else_there_is_on_a_matter_is_an_overview(engine: Engine) -> None:
    answer = engine.ask("噪声上还有别的措施吗", ["公园跳广场舞太吵，延庆计划里怎么管？"])
    assert answer.route == "summary"
    assert {f"yq-governance-2026/12/{n}" for n in (2, 3, 4, 5, 6, 7)} <= cited(answer)


def test_the_engine_keeps_no_history(engine: Engine) -> None:
    before = engine.ask("谁负责").text
    engine.ask("延庆清管行动什么时候完成")
    assert engine.ask("谁负责").text == before
    assert engine.ask("谁负责").refused


@pytest.mark.parametrize(
    ("question", "records", "words"),
    [
        (
            "延庆森林覆盖率是多少？怀柔海绵城市达标面积比例是多少？",
            {"yq-green-2026/31/1", "hr-green-2026/11/1"},
            ["65.22%", "44%"],
        ),
        (
            "怀柔便民回收渠道谁负责？什么时候完成？要布局多少个？",
            {"hr-green-2026/16/2"},
            ["怀柔区城市管理委", "年底前", "120个以上"],
        ),
        ("延庆清管行动谁牵头、什么时候完成？", {"yq-pollution-2026/30/2"}, ["延庆区水务局", "6月底前"]),
        ("延庆PM2.5目标是多少？谁牵头？", {"yq-indicators-2026/1/1"}, ["26微克", "延庆区生态环境局"]),
    ],
)
def test_several_questions_in_one_are_all_answered(
    engine: Engine, question: str, records: set[str], words: list[str]
) -> None:
    answer = engine.ask(question)
    assert cited(answer) == records
    assert [word for word in words if word not in answer.text] == []
