"""How questions are put: asides, reports, alternatives, names within names."""

from __future__ import annotations

import pytest

from rag.answer import Answer
from rag.engine import Engine


def cited(answer: Answer) -> set[str]:
    return {citation.record.id for citation in answer.citations}


@pytest.mark.parametrize(
    "question",
    [
        "下周开调度会，延庆餐饮油烟谁牵头",
        "延庆餐饮油烟谁牵头，我得给领导报个材料",
        "怀柔区市民来电：餐饮油烟谁牵头",
    ],
)
def test_what_it_is_for_and_who_asks_is_no_topic(engine: Engine, question: str) -> None:
    reading = engine.read(question)
    assert reading.topic == "餐饮油烟"
    assert reading.districts == (("怀柔区",) if "怀柔" in question else ("延庆区",))


@pytest.mark.parametrize(
    "story",
    [
        "举报：延庆村口有辆流动加油车给大车加油",
        "延庆农村臭水沟没人治，反映好几回了",
        "怀柔山上有人支网逮鸟，还拿去卖",
    ],
)
def test_a_short_report_is_a_complaint_and_told_departments(engine: Engine, story: str) -> None:
    answer = engine.ask(story)
    assert answer.route == "duty"
    assert answer.as_json()["departments"]


@pytest.mark.parametrize(
    ("question", "records"),
    [
        (
            "市里噪声重点点位治理，固定设备、施工、公共场所各安排了多少项？",
            {"bj-governance-2026/16/7", "bj-governance-2026/16/8", "bj-governance-2026/16/10"},
        ),
        (
            "今年市里要治的施工噪声重点点位多，还是公共场所噪声重点点位多？",
            {"bj-governance-2026/16/8", "bj-governance-2026/16/10"},
        ),
    ],
)
def test_several_things_asked_for_at_once_are_all_answered(
    engine: Engine, question: str, records: set[str]
) -> None:
    assert records <= cited(engine.ask(question))


def test_the_department_that_is_named_chooses_the_level(engine: Engine) -> None:
    answer = engine.ask("政数局在接诉即办“管家”机制里是牵头还是协办")
    assert cited(answer) == {"bj-governance-2026/17/1"}


@pytest.mark.parametrize(
    ("question", "record"),
    [("延庆那个“创A退D”是搞啥的", "yq-pollution-2026/6/4"), ("“减二增一”是啥意思", "yq-pollution-2026/2/1")],
)
def test_a_quoted_word_finds_what_says_it(engine: Engine, question: str, record: str) -> None:
    assert cited(engine.ask(question)) == {record}


def test_a_quoted_name_that_holds_a_place_stays_whole(engine: Engine) -> None:
    answer = engine.ask("亦庄管委会今年要干的“无废亦庄”是什么")
    assert "bj-green-2026/24/3" in cited(answer)


@pytest.mark.parametrize(
    ("question", "plans"),
    [
        ("多元共治市级计划讲什么", {"bj-governance-2026"}),
        ("北京市绿色低碳转型2026年行动计划第3项", {"bj-green-2026"}),
        ("对照市级与延庆区多元共治方案的防洪工程", {"bj-governance-2026", "yq-governance-2026"}),
    ],
)
def test_plans_named_otherwise(engine: Engine, question: str, plans: set[str]) -> None:
    assert set(engine.read(question).plans) == plans


def test_the_plan_of_a_place_that_has_none_is_not_anothers(engine: Engine) -> None:
    answer = engine.ask("昌平区加快绿色低碳转型2026年行动计划第12项任务的内容")
    assert answer.refused
    assert "昌平区的绿色低碳计划" in answer.text


def test_an_amount_alone_is_offered_wherever_it_stands(engine: Engine) -> None:
    answer = engine.ask("五年规划里头那个下降百分之十，说的是啥")
    assert answer.clarify
    assert all("10%" in statement.text for statement in answer.statements)


def test_an_indicator_counted_by_its_name_is_told_with_its_target(engine: Engine) -> None:
    answer = engine.ask("延庆今年农村环境整治成效巩固的指标定了几个？")
    assert "年终目标为8个" in answer.text


@pytest.mark.parametrize("question", ["库里有哪些文件", "你们收录了哪些计划？", "答案的依据是什么文件"])
def test_what_the_corpus_holds_is_told_with_its_status(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.route == "chat"
    assert all(plan.short in answer.text for plan in engine.store.plans.values())
    assert "征求意见稿" in answer.text
