"""Readings: what a question says of places, plans, departments, numbers, dates and figures."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from rag.engine import Engine
from rag.question import clean

DRAFTS = ["yq-pollution-2026", "yq-green-2026", "yq-governance-2026", "yq-indicators-2026"]
WATER = ["北京市水务局", "延庆区水务局", "怀柔区水务局"]
ENVIRONMENT = ["北京市生态环境局", "延庆区生态环境局", "怀柔区生态环境局"]


def read(engine: Engine, question: str) -> dict[str, Any]:
    """The reading of a question as programs get it."""
    return engine.read(clean(question)).as_json()


def said(reading: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those of `names` that a reading holds."""
    return {name: reading[name] for name in names if name in reading}


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("全市森林覆盖率是多少", {"districts": ["北京市"]}),
        ("市级计划的PM2.5目标", {"districts": ["北京市"]}),
        ("延庆森林覆盖率", {"districts": ["延庆区"]}),
        ("儒林街道的垃圾", {"districts": ["延庆区"]}),
        ("怀北镇的污水", {"districts": ["怀柔区"]}),
        ("市里和延庆的海绵城市比例对比", {"districts": ["延庆区", "北京市"]}),
        ("回龙观的扬尘谁管", {"outside": ["昌平区"]}),
        ("中关村的油烟谁管", {"outside": ["海淀区"]}),
        ("亦庄的绿电", {"outside": ["北京经济技术开发区"]}),
        ("经开区的绿电谁负责", {"outside": ["北京经济技术开发区"]}),
        ("天津市的PM2.5", {"elsewhere": ["天津"]}),
        ("雄安新区的绿电", {"elsewhere": ["雄安"]}),
        ("秸秆露天焚烧谁管", {}),
    ],
)
def test_places_and_levels(engine: Engine, question: str, places: dict[str, list[str]]) -> None:
    assert said(read(engine, question), "districts", "outside", "elsewhere") == places


@pytest.mark.parametrize(
    ("question", "plans"),
    [
        ("绿色低碳计划的森林覆盖率", ["bj-green-2026", "yq-green-2026", "hr-green-2026"]),
        ("怀柔绿色低碳计划第3项", ["hr-green-2026"]),
        ("北京市加快绿色低碳转型2026年行动计划第3项", ["bj-green-2026"]),
        ("市共治计划讲什么", ["bj-governance-2026"]),
        ("延庆治污计划第3项", ["yq-pollution-2026"]),
        ("附件4里PM2.5目标", ["yq-indicators-2026"]),
        ("附件一第5项", ["yq-pollution-2026"]),
        ("征求意见稿里的污水处理率", DRAFTS),
        ("十四五规划的森林覆盖率", ["bj-eco-145"]),
        ("五年规划的目标", ["bj-eco-145"]),
    ],
)
def test_plans_in_any_name(engine: Engine, question: str, plans: list[str]) -> None:
    assert read(engine, question)["plans"] == plans


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("水务局牵头哪些措施", WATER),
        ("市水务局牵头哪些措施", WATER[:1]),
        ("区水务局牵头哪些措施", WATER[1:]),
        ("延庆水务局牵头哪些措施", WATER[1:2]),
        ("环保局负责什么", ENVIRONMENT),
        ("延庆环保局负责什么", ENVIRONMENT[1:2]),
        ("怀柔园林局协办的措施", ["怀柔区园林绿化局"]),
        ("市发改委牵头几项", ["北京市发展改革委"]),
        ("延庆住建委负责什么", ["延庆区住房城乡建设委"]),
        ("延庆公安分局协办哪些", ["北京市公安局延庆分局"]),
    ],
)
def test_departments_by_name_and_nickname_at_the_level_implied(
    engine: Engine, question: str, names: list[str]
) -> None:
    (mention,) = read(engine, question)["departments"]
    assert mention["names"] == names
    assert set(names) <= set(engine.store.departments)
    assert mention["said"] in question


@pytest.mark.parametrize(
    ("question", "roles"),
    [
        ("清管行动谁牵头", ["牵头"]),
        ("主责单位是谁", ["主责"]),
        ("谁是配合部门", ["协办"]),
        ("谁牵头、谁协办", ["牵头", "协办"]),
        ("清管行动归谁管", []),
    ],
)
def test_roles_asked_for(engine: Engine, question: str, roles: list[str]) -> None:
    reading = read(engine, question)
    assert reading.get("roles", []) == roles
    assert "duty" in reading["aspects"]


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("延庆污染防治计划第37项", {"number": 37}),
        ("第三十七项是什么", {"number": 37}),
        ("第３７项是什么", {"number": 37}),
        ("怀柔绿色低碳第7项第2条说什么", {"number": 7, "item": 2}),
        ("序号5是什么", {"number": 5}),
        ("十四五规划三（一）2讲什么", {"chapter": 3, "section": "3.1.2"}),
        ("十四五规划第五章第一节", {"chapter": 5, "section": "5.1"}),
        ("怀柔绿色低碳第三章讲什么", {"chapter": 3}),
        ("延庆森林覆盖率是45%吗", {}),
    ],
)
def test_numbers_that_point_into_a_plan(engine: Engine, question: str, numbers: dict[str, object]) -> None:
    assert said(read(engine, question), "number", "item", "chapter", "section") == numbers


@pytest.mark.parametrize(
    ("question", "words", "until"),
    [
        ("6月底前要完成的措施有哪些", "6月底前", "2026-06-30"),
        ("9月底前完成哪些措施", "9月底前", "2026-09-30"),
        ("7月15日前要完成哪些措施", "7月15日前", "2026-07-15"),
        ("上半年延庆要完成哪些措施", "上半年", "2026-06-30"),
        ("延庆年底前完成的有哪些", "年底前", "2026-12-31"),
        ("长期实施的措施有哪些", "长期实施", None),
    ],
)
def test_deadlines_as_said_and_as_a_window(
    engine: Engine, question: str, words: str, until: str | None
) -> None:
    reading = read(engine, question)
    assert reading["dates"] == [words]
    (window,) = reading["scan"]["due"]
    assert (window["to"], window["permanent"]) == (until, until is None)


@pytest.mark.parametrize(
    ("question", "years", "past"),
    [
        ("2026年森林覆盖率", [2026], False),
        ("今年森林覆盖率", [2026], False),
        ("到2025年森林覆盖率要达到多少", [2025], False),
        ("2025年和2026年的森林覆盖率", [2025, 2026], False),
        ("十三五时期森林覆盖率", [], True),
        ("使用15年以上的管网谁负责", [], False),
    ],
)
def test_years_and_the_past(engine: Engine, question: str, years: list[int], past: bool) -> None:
    reading = read(engine, question)
    assert reading.get("years", []) == years
    assert reading.get("past", False) is past


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("森林覆盖率达到45%以上吗", "45%以上"),
        ("污水处理率要保持百分之九十七吗", "97%"),
        ("布局１２０个以上小区对吗", "120个以上"),
        ("重污染天数控制在3天以内吗", "3天以内"),
        ("PM2.5是26微克/立方米吗", "26微克/立方米"),
        ("减排2%-5%吗", "2-5%"),
    ],
)
def test_figures_that_the_question_states(engine: Engine, question: str, figure: str) -> None:
    assert read(engine, question)["figures"] == [figure]


@pytest.mark.parametrize(
    ("question", "meant", "slips"),
    [
        ("延庆森林复盖率", "森林覆盖率", [("复", "覆")]),
        ("延庆扬沉治理", "扬尘治理", [("扬沉", "扬尘")]),
        ("污水出理率", "污水处理率", [("污水出理", "污水处理")]),
        ("延请森林覆盖率", "延庆森林覆盖率", [("延请", "延庆")]),
    ],
)
def test_a_slip_of_sound_is_mended_and_shown(
    engine: Engine, question: str, meant: str, slips: list[tuple[str, str]]
) -> None:
    answer = engine.ask(question, explain=True)
    assert answer.reading is not None
    assert answer.reading["corrections"] == [{"said": said, "meant": mended} for said, mended in slips]
    assert meant in answer.understood


def test_what_is_written_right_is_not_mended(engine: Engine) -> None:
    answer = engine.ask("延庆森林覆盖率是多少？", explain=True)
    assert answer.reading is not None
    assert "corrections" not in answer.reading
    assert answer.understood == ""


def test_a_reading_is_frozen(engine: Engine) -> None:
    reading = engine.read("延庆区水务局牵头的措施有哪些")
    for part, name in ((reading, "kind"), (reading.numbers, "task"), (reading.mentions[0], "names")):
        with pytest.raises(FrozenInstanceError):
            setattr(part, name, None)


def test_json_holds_what_was_said_and_no_more(engine: Engine) -> None:
    assert read(engine, "延庆森林覆盖率") == {
        "text": "延庆森林覆盖率",
        "kind": "fact",
        "topic": "森林覆盖率",
        "districts": ["延庆区"],
    }


@pytest.mark.parametrize("question", ["延庆要建多少充电桩", "延庆得建多少充电桩？", "延庆建多少充电桩"])
def test_what_is_to_be_done_so_many_times_is_not_its_topic(engine: Engine, question: str) -> None:
    assert read(engine, question)["topic"] == "充电桩"


@pytest.mark.parametrize(
    "question",
    [
        "延庆区水务局牵头的6月底前措施有哪些",
        "延庆森林复盖率达到45%以上吗",
        "上海2027年罚款多少",
        "第7项第2条",
    ],
)
def test_json_survives_being_written_and_read(engine: Engine, question: str) -> None:
    reading = read(engine, question)
    assert json.loads(json.dumps(reading, ensure_ascii=False)) == reading
    assert all(value not in (None, [], "") for value in reading.values())
