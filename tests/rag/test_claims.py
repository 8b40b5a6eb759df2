"""Yes and no: only where unit, bound and clause of the record decide it; and lists that leave out."""

import pytest

from corpus.types import Measure
from rag.claims import judged
from rag.engine import Engine
from rag.figures import figures

GROVES = "推进生物多样性保护,建设生态保育小区100处,提升平原生态林养护经营示范区20处。"
POWER = "绿电占比超过60%,年均浓度26微克/立方米,优良天数比率达到80%。"
WASTE = "鼓励装配式、新建建筑施工现场建筑垃圾产生量每万平方米分别低于140吨、210吨。"


@pytest.mark.parametrize(
    ("text", "topic", "claimed", "verdict"),
    [
        (GROVES, "生态保育小区", "100处", "true"),
        (GROVES, "生态保育小区", "100个", "true"),
        (GROVES, "生态保育小区", "20处", "false"),
        (GROVES, "平原生态林养护经营示范区", "100处", "false"),
        (POWER, "绿电占比", "超过60%", "true"),
        (POWER, "绿电占比", "低于60%", "false"),
        (POWER, "优良天数比率", "26%", "false"),
        (POWER, "优良天数比率", "80%以上", None),  # the plan says 达到: neither borne out nor contradicted
        (POWER, "年均浓度", "26微克", "true"),
        (POWER, "年均浓度", "26天", None),  # nothing is said in days
        (WASTE, "新建建筑施工现场建筑垃圾", "低于210吨", None),  # 分别: which is whose is not told
        (GROVES, "海绵城市", "100处", None),
    ],
)
def test_a_claim_is_judged_in_its_own_clause(
    text: str, topic: str, claimed: str, verdict: str | None
) -> None:
    assert judged(text, topic, figures(claimed)[0]) == verdict


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("延庆重污染天数要控制在3天以内，对吗", "是。"),
        ("延庆重污染天数要控制在26天以内，对吗", "不是"),
        ("海绵城市由朝阳区水务局牵头吗", "本库没有朝阳区"),
        ("碳普惠由市发改委牵头对吗", "相关原文如下"),  # leads one measure on it, and not the other
    ],
)
def test_the_verdict_stands_first(engine: Engine, question: str, opening: str) -> None:
    assert engine.ask(question).text.startswith(opening)
    assert not engine.ask(question).text.startswith("是。") or opening == "是。"


def test_a_department_that_is_denied_is_left_out(engine: Engine) -> None:
    """不由 and 不是 turn a list round: what it leads and what it does not lead are the whole plan."""
    leads = engine.ask("市多元共治里由市生态环境局牵头的措施有哪些")
    others = engine.ask("市多元共治里不由市生态环境局牵头的措施有哪些")
    ids = [{c.record.id for c in answer.citations} for answer in (leads, others)]
    of_plan = {i for i in engine.store.ids if i.startswith("bj-governance-2026/")}
    assert ids[0] and ids[1] and not ids[0] & ids[1] and ids[0] | ids[1] == of_plan


def test_a_follow_up_narrows_the_list_or_leaves_a_place_out(engine: Engine) -> None:
    before = engine.ask("延庆区水务局牵头的措施有哪些")
    among = engine.ask("其中年底前完成的有几条？", ["延庆区水务局牵头的措施有哪些"])
    assert {c.record.id for c in among.citations} < {c.record.id for c in before.citations}
    assert all(isinstance(c.record, Measure) and c.record.due for c in among.citations)
    without = engine.ask("不含延庆呢", ["提到密云区的措施有哪些"])
    assert without.citations and not any(c.record.id.startswith("yq-") for c in without.citations)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("怀柔污染防治计划第3项", "本库没有怀柔区的污染防治计划"),
        ("牵头部门超过3个的措施有哪些", "部门超过3个"),
        ("长期实施且6月底前的措施", "没有"),
        ("市绿色低碳第一百项", "没有第一百项"),
    ],
)
def test_what_cannot_be_told_is_refused_in_so_many_words(engine: Engine, question: str, said: str) -> None:
    answer = engine.ask(question)
    assert answer.refused and said in answer.text


def test_a_place_alone_is_told_what_there_is(engine: Engine) -> None:
    answer = engine.ask("延庆")
    measures = [i for i in engine.store.ids if i.startswith("yq-")]
    assert f"共{len(measures)}条" in answer.text and len(answer.citations) == len(measures)
    assert "市绿色低碳“一、应对气候变化”" in engine.ask("总结市绿色低碳计划").text
