"""Complaints to the hotline: whose work they are by the plans, and what is said where they say nothing.

`complaints.jsonl` holds calls as citizens make them, with the measures that answer each (none: no plan
does). Odd ones were looked at while the dispatcher was made, even ones only counted.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.types import Measure
from rag.dispatch import NONE, Dispatch, Dispatcher, parts_of
from rag.dispatch_text import dispatch_text
from rag.engine import Engine
from rag.question import MAX_CHARS

CALLS = [
    json.loads(line)
    for line in Path(__file__).with_name("complaints.jsonl").read_text(encoding="utf-8").splitlines()
]
SMOKE = "我家楼下康安小区底商那家烧烤店天天冒油烟，昨晚十一点还在烤，电话13800138000"
BUILDING = "工地半夜还在打桩，一宿没睡，有没有夜间施工的手续"


@pytest.fixture(scope="module")
def dispatcher(engine: Engine) -> Dispatcher:
    return Dispatcher(engine)


@pytest.fixture(scope="module")
def dispatched(dispatcher: Dispatcher) -> dict[str, Dispatch]:
    return {call["id"]: dispatcher.dispatch(call["complaint"]) for call in CALLS}


def ids(dispatch: Dispatch) -> list[list[str]]:
    return [[basis.record.id for basis in candidate.bases] for candidate in dispatch.candidates]


def test_calls_go_where_the_plans_say(dispatched: dict[str, Dispatch]) -> None:
    gold = [(set(call["gold"]), dispatched[call["id"]]) for call in CALLS if call["gold"]]
    first = sum(d.covered and not right.isdisjoint(ids(d)[0]) for right, d in gold)
    five = sum(any(not right.isdisjoint(found) for found in ids(d)) for right, d in gold)
    refused = [d.covered for call in CALLS if not call["gold"] for d in [dispatched[call["id"]]]]
    assert (first, five, refused.count(False)) >= (69, 73, 18), (len(gold), len(refused))
    assert five >= 73
    assert refused.count(False) >= 18


def test_departments_deadline_and_quote_are_the_records_own(dispatched: dict[str, Dispatch]) -> None:
    for dispatch in dispatched.values():
        assert len(dispatch.candidates) <= 5
        for candidate in (*dispatch.candidates, *dispatch.near):
            levels = [basis.level for basis in candidate.bases]
            assert len(set(levels)) == len(levels)
            for basis in candidate.bases:
                held = {(duty.role, duty.department) for duty in basis.record.duties}
                assert {(part.role, name) for part in basis.parts for name in part.names} == held
                printed = {duty.department: duty.printed for duty in basis.record.duties}
                for part in basis.parts:  # whatever is read for the caller, each stands there as printed
                    shown = f"{part.said}|{part.beyond}"
                    assert all(name in shown or f"（原表“{printed[name]}”）" in shown for name in part.names)
                    assert part.read
                assert basis.quote in basis.record.text
                assert basis.deadline == basis.record.deadline
        assert all(candidate.apart for candidate in dispatch.candidates[1:])


def test_the_text_to_paste_holds_all_and_no_number_of_a_person(dispatcher: Dispatcher) -> None:
    text = dispatch_text(dispatcher.dispatch(SMOKE), 0)
    assert text.splitlines() == [
        "【诉求摘要】来电人反映：我家楼下康安小区底商那家烧烤店天天冒油烟，昨晚十一点还在烤",
        "【地点】康安小区底商（所在区派单前须核实）",
        "【时间】昨晚十一点",
        "【计划分工（供派单参考）】只有延庆区的计划写到，核实地点后再派单",
        "延庆区的计划：牵头：延庆区生态环境局、延庆区商务局；主责：延庆区各街乡镇；协办：延庆区市场监管局",
        "【依据】《延庆区持续污染防治攻坚2026年行动计划》（征求意见稿）第8项第3条：“继续推行餐饮油烟重点点位包案机制，组织开展餐饮治理提升5家”",
    ]


def test_a_district_with_a_plan_has_its_own_measure_first_and_the_citys(dispatcher: Dispatcher) -> None:
    found = dispatcher.dispatch(f"延庆，{BUILDING}")
    assert ids(found)[0] == ["yq-governance-2026/12/4", "bj-governance-2026/16/8"]
    lines = dispatch_text(found, 0).splitlines()
    assert any(line.startswith("延庆区的计划：牵头/主责：延庆区住房城乡建设委") for line in lines)
    assert any(line.startswith("市级计划：牵头/主责：北京市住房城乡建设委") for line in lines)


def test_a_district_without_a_plan_has_the_citys_alone_and_is_told_so(dispatcher: Dispatcher) -> None:
    found = dispatcher.dispatch(f"我是朝阳区八里庄的，{BUILDING}")
    assert ids(found)[0] == ["bj-governance-2026/16/8"]
    assert found.sentence == "本库没有朝阳区自己的计划，以下按市级计划。"


def test_a_measure_of_another_district_is_shown_for_reference_alone(dispatcher: Dispatcher) -> None:
    found = dispatcher.dispatch("朝阳区我家楼下修车铺敞着门喷漆，味儿呛人")
    assert not found.covered
    assert found.sentence.startswith(NONE)
    assert "yq-pollution-2026/8/1" in [b.record.id for candidate in found.near for b in candidate.bases]
    assert "市级计划：" not in dispatch_text(found, 0)
    assert NONE in dispatch_text(found, 0)


def test_without_a_place_both_levels_are_given(dispatcher: Dispatcher) -> None:
    found = dispatcher.dispatch(BUILDING)
    assert [basis.level for basis in found.candidates[0].bases] == ["市级", "延庆区"]
    assert "没有说到哪个区" in found.sentence
    assert "【地点】未提供（派单前须核实）" in dispatch_text(found, 0)


def test_without_a_place_a_districts_duty_is_said_as_that_districts(dispatcher: Dispatcher) -> None:
    found = dispatcher.dispatch("自来水发黄,有股味")
    assert "派单前须核实：最符合的措施只有延庆区的计划写到，其他区不能据此派单" in found.sentence
    lines = dispatch_text(found, 0).splitlines()
    assert "【地点】未提供（派单前须核实）" in lines
    assert any(line.startswith("延庆区的计划：牵头/主责：延庆区水务局") for line in lines)


def test_every_districts_governments_are_read_for_the_callers(dispatcher: Dispatcher) -> None:
    found = dispatcher.dispatch("隔壁工地半夜还在打桩 吵得孩子睡不着 我在怀柔龙山街道")
    (basis,) = found.candidates[0].bases
    lead, _ = basis.parts
    assert lead.said == "北京市住房城乡建设委、北京市城市管理委、怀柔区政府（原表“各区政府”）"
    assert lead.beyond == ("北京经济技术开发区管委会",)
    assert basis.quote == "对未办理夜间施工许可违法夜间施工的工程项目加大查处力度"
    near = dispatcher.dispatch("大兴区亦庄，工地半夜打桩").candidates[0].bases[0]
    assert "北京经济技术开发区管委会" in near.parts[0].said
    assert near.quote == basis.quote


def test_a_street_named_after_a_province_is_in_beijing(dispatcher: Dispatcher) -> None:
    assert dispatcher.dispatch("湖南小区楼下饭馆冒油烟").covered


@pytest.mark.parametrize(
    "said", ["老板拖欠我三个月工资不给", "楼上漏水泡了我家天花板，物业也不管", "医保卡断缴了一个月怎么补"]
)
def test_what_no_plan_covers_is_said_plainly(dispatcher: Dispatcher, said: str) -> None:
    found = dispatcher.dispatch(said)
    assert not found.covered
    assert found.sentence == f"{NONE}。"
    assert NONE in dispatch_text(found, 0)


def test_only_where_somebody_is_from_is_not_where_the_matter_is(dispatcher: Dispatcher) -> None:
    assert dispatcher.dispatch(f"我是四川来的，{BUILDING}").covered
    away = dispatcher.dispatch(f"上海市浦东，{BUILDING}")
    assert not away.covered
    assert "上海" in away.sentence
    near = dispatcher.dispatch("隔壁河北那边厂子的味儿老飘过来，投诉了两头都推，跨省的没人协调")
    assert "河北" not in near.sentence


def test_a_story_of_two_thousand_characters_is_dispatched_by_its_matter(dispatcher: Dispatcher) -> None:
    chat = "昨天我去看了我姐姐，她家的猫特别胖。我们聊了一下午，晚饭吃的饺子，电视也没看。"
    half = chat * 24
    story = f"{half[:980]}。延庆我家楼下烧烤店天天冒油烟，呛得人睡不着觉。{half[:980]}"
    assert len(story) <= MAX_CHARS
    found = dispatcher.dispatch(story)
    assert ids(found)[0] == ["yq-pollution-2026/8/3"]
    assert "烧烤店天天冒油烟" in found.complaint.summary


def test_two_matters_in_one_call_are_both_offered(dispatcher: Dispatcher) -> None:
    said = (
        "延庆我家楼下烧烤店天天冒油烟，味道呛得人睡不着觉，窗户一夏天都不敢开，衣服上全是油烟味儿。"
        "另外小区北边拉渣土的大车一路撒土，石子泥块掉了一道，扬得满天都是灰，出门一趟鞋上全是土，路上也没有人管。"
    )
    found = [record for candidate in ids(dispatcher.dispatch(said)) for record in candidate]
    assert {"yq-pollution-2026/8/3", "yq-pollution-2026/12/3"} <= set(found)


def test_the_measures_of_a_call_are_measures(engine: Engine, dispatched: dict[str, Dispatch]) -> None:
    shown = [b.record for d in dispatched.values() for c in (*d.candidates, *d.near) for b in c.bases]
    assert all(isinstance(record, Measure) and record.target is None for record in shown)


def test_parts_hold_every_clause_of_a_story() -> None:
    sentences = [[f"第{n}句的第{m}节说了一些事" for m in range(n % 12)] for n in range(30)]
    parts = " ".join(parts_of(sentences))
    assert all(clause in parts for sentence in sentences for clause in sentence)
