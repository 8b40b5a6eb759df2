"""How officials speak: 我局 and 我区, rhetorical questions, texts to be written, rivers by name."""

from __future__ import annotations

import pytest

from index.filters import Filters
from rag.engine import Engine

ASKED_BACK = "请写明是哪个部门（例如延庆区生态环境局），再问一次。"


@pytest.mark.parametrize(
    "question",
    [
        "我局牵头、年底前完成的大气措施",
        "这里面我们局牵头的有哪些",
        "我单位今年要做什么",
        "我局牵头的有哪些？年底前完成的有哪些？",
    ],
)
def test_our_bureau_names_nobody(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert (answer.text, answer.clarify, answer.refused) == (ASKED_BACK, True, False)


def test_our_bureau_is_the_one_that_was_named(engine: Engine) -> None:
    whole = engine.ask("延庆区水务局牵头、年底前完成的措施有哪些")
    after = engine.ask("我局牵头、年底前完成的措施有哪些", ["延庆区水务局牵头的有哪些"])
    told = engine.ask("我们是延庆区水务局", ["我局牵头、年底前完成的措施有哪些"])
    chosen = engine.ask("我局牵头的有哪些", scope=Filters(departments=("延庆区水务局",)))
    assert whole.text == after.text == told.text
    assert "延庆区水务局牵头" in chosen.text
    assert after.understood == "延庆区水务局牵头、年底前完成的措施有哪些"


def test_of_two_named_before_neither_is_ours(engine: Engine) -> None:
    assert engine.ask("我局牵头的有哪些", ["水务局和园林绿化局分别牵头哪些"]).text == ASKED_BACK


def test_our_district(engine: Engine) -> None:
    back = engine.ask("我区PM2.5目标是多少")
    assert (back.text, back.clarify) == ("请写明是哪个区（例如延庆区），再问一次。", True)
    assert set(back.suggestions) == {"延庆区PM2.5目标是多少", "怀柔区PM2.5目标是多少"}
    assert "26微克/立方米" in engine.ask("我区PM2.5目标是多少", ["延庆森林覆盖率多少"]).text


def test_a_caller_at_work_is_not_asked_for_a_department(engine: Engine) -> None:
    assert engine.ask("我们单位门口油烟太大谁管").citations


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("延庆区PM2.5目标不是28微克吗？", "不是，与问题里的数不符，原文如下。"),
        ("难道延庆区PM2.5目标不是26微克吗", "是，与问题里的数相符，原文如下。"),
        ("不是说延庆PM2.5要降到28微克吗", "不是，与问题里的数不符，原文如下。"),
        ("延庆PM2.5是不是只有26微克", "是。"),
        ("延庆扬尘不是住建委牵头的吗", "是，与问题里的部门相符，原文如下。"),
        ("延庆生活垃圾资源化利用率不是只有城管委牵头吗", "不是，计划写的部门与此不同，原文如下。"),
        ("延庆的森林覆盖率难道不到70%吗", "相关原文如下。"),
    ],
)
def test_what_a_rhetorical_question_takes_for_granted(engine: Engine, question: str, opening: str) -> None:
    answer = engine.ask(question)
    assert answer.route == "yesno"
    assert answer.text.startswith(opening)
    assert answer.citations


def test_a_text_to_be_written_is_a_summary_of_quotes(engine: Engine) -> None:
    answer = engine.ask("给我写一段延庆水环境工作的简报材料")
    assert answer.route == "summary"
    assert answer.text.startswith("以下内容都出自计划原文，没有另加内容。")
    assert {citation.plan.district for citation in answer.citations} == {"延庆区"}
    assert engine.ask("帮我写一段材料").text == "请写明要写哪个区、哪方面的工作，再问一次。"


@pytest.mark.parametrize("question", ["妫水河治理今年要做什么", "妫河归谁管", "写一段妫水河治理的材料"])
def test_a_river_that_no_plan_writes_of(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.text.startswith("计划没有写到“妫")
    assert not any("潮白河" in citation.record.text for citation in answer.citations)


def test_of_another_reservoir_nothing_is_told(engine: Engine) -> None:
    answer = engine.ask("官厅水库水质目标是几类")
    assert all("官厅水库" in citation.record.text for citation in answer.citations)


def test_common_words_are_no_names(engine: Engine) -> None:
    for question in (
        "延庆道路扬尘怎么治",
        "黑臭水体和小河沟谁治理",
        "矿山修复",
        "自来水水源怎么保护",
        "口袋公园建几个",
    ):
        assert engine.read(question).landmarks.unwritten == ()


def test_a_refusal_holds_by_itself(engine: Engine) -> None:
    answer = engine.ask("玉渡山保护")
    assert answer.refused
    assert "以下" not in answer.text
    assert answer.suggestions
