"""Lists and counts: exactly the store's, however a department, role, deadline or word is put."""

from __future__ import annotations

import pytest

from corpus.types import Measure, Role
from index.filters import DueWindow, Filters
from rag.engine import Engine

PHRASES = {
    "{who}牵头的措施有哪些？": (Role.LEAD,),
    "请列出{who}作为主责单位的全部措施": (Role.RESPONSIBLE,),
    "{who}协办了哪几条": (Role.ASSISTING,),
    "把{who}参与的措施都列出来，不分角色": (),
}


def cited(engine: Engine, question: str, *history: str) -> set[str]:
    """The ids that the answer cites; none where it refuses."""
    answer = engine.ask(question, history)
    return set() if answer.refused else {citation.record.id for citation in answer.citations}


def scan(engine: Engine, **conditions: object) -> set[str]:
    """The ids of the measures that meet `conditions`."""
    return {record.id for record in engine.store.scan(Filters(kinds=("measure",), **conditions))}  # type: ignore[arg-type]


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_department_in_every_role_is_listed_exactly(engine: Engine, phrase: str) -> None:
    roles = PHRASES[phrase]
    wrong = {}
    for name in engine.store.departments:
        expected = scan(engine, departments=(name,), roles=roles)
        if (found := cited(engine, phrase.format(who=name))) != expected:
            wrong[name] = (len(found), len(expected))
    assert wrong == {}


def test_every_department_is_counted_exactly(engine: Engine) -> None:
    wrong = {}
    for name in engine.store.departments:
        expected = scan(engine, departments=(name,), roles=(Role.LEAD,))
        answer = engine.ask(f"{name}一共牵头几条措施")
        said = f"共{len(expected)}条" in answer.text if expected else answer.refused
        if not said:
            wrong[name] = answer.text[:40]
    assert wrong == {}


@pytest.mark.parametrize("plan", ["bj-green-2026", "yq-pollution-2026", "hr-green-2026"])
def test_every_department_of_a_plan_is_listed_within_it(engine: Engine, plan: str) -> None:
    short = engine.store.plans[plan].short
    wrong = []
    for name, body in engine.store.departments.items():
        expected = scan(engine, departments=(name,), plans=(plan,))
        if expected and cited(engine, f"{short}计划里{name}参与的措施，全部列出") != expected:
            wrong.append(body.name)
    assert wrong == []


@pytest.mark.parametrize(
    ("question", "conditions"),
    [
        ("市绿色低碳计划里长期实施的措施有哪些", {"plans": ("bj-green-2026",), "due": ("长期实施",)}),
        ("怀柔计划 完成时限=持续推进", {"plans": ("hr-green-2026",), "due": ("持续推进",)}),
        ("延庆污染防治里6月底前的措施", {"plans": ("yq-pollution-2026",), "due": ("6月底前",)}),
        ("管理减排类的指标有哪些", {"plans": ("yq-indicators-2026",), "categories": ("管理减排",)}),
        ("附件4里约束性指标有多少个", {"categories": ("约束性指标",)}),
        ("怀柔计划里提到“海绵城市”的措施", {"plans": ("hr-green-2026",), "own_texts": ("海绵城市",)}),
        ("2026年各计划里哪几条写到秸秆", {"own_texts": ("秸秆",)}),
        ("延庆区财政局6月底前的措施", {"departments": ("延庆区财政局",), "due": ("6月底前",)}),
    ],
)  # fmt: skip
def test_conditions_are_those_of_the_store(
    engine: Engine, question: str, conditions: dict[str, object]
) -> None:
    due = conditions.get("due", ())
    windows = tuple(DueWindow.read(words, 2026) for words in due)  # type: ignore[attr-defined]
    expected = scan(engine, **(conditions | {"due": windows}))
    answer = engine.ask(question)
    assert {c.record.id for c in answer.citations} == expected
    assert answer.refused is not bool(expected)


def measures(engine: Engine) -> list[Measure]:
    return [
        record for record in engine.store.scan(Filters(kinds=("measure",))) if isinstance(record, Measure)
    ]


def holders(measure: Measure, *roles: Role) -> set[str]:
    return {duty.department for duty in measure.duties if duty.role in roles}


LEADS = (Role.LEAD, Role.LEAD_RESPONSIBLE)


def test_only_assisting_leaves_out_what_it_leads(engine: Engine) -> None:
    who = "怀柔区水务局"
    expected = {
        m.id
        for m in measures(engine)
        if who in holders(m, Role.ASSISTING) and who not in holders(m, *LEADS, Role.RESPONSIBLE)
    }
    assert cited(engine, f"{who}只协办、不牵头也不主责的措施有哪些") == expected


def test_together_means_both(engine: Engine) -> None:
    both = {"延庆区水务局", "延庆区生态环境局"}
    expected = {m.id for m in measures(engine) if both <= holders(m, *LEADS)}
    assert cited(engine, "延庆区水务局和延庆区生态环境局共同牵头的措施有哪些") == expected


def test_alone_means_nobody_beside(engine: Engine) -> None:
    who = "延庆区农业农村局"
    expected = {m.id for m in measures(engine) if holders(m, *LEADS) == {who}}
    assert cited(engine, f"只有{who}一家牵头的措施有哪些") == expected


def test_an_empty_column_can_be_asked_for(engine: Engine) -> None:
    expected = {
        m.id for m in measures(engine) if m.plan == "hr-green-2026" and not holders(m, Role.ASSISTING)
    }
    assert cited(engine, "怀柔计划里没有协办单位的措施有哪些") == expected


def test_a_deadline_that_is_not_the_usual_one(engine: Engine) -> None:
    expected = {m.id for m in measures(engine) if m.plan == "bj-green-2026" and m.deadline != "年底前"}
    assert cited(engine, "市绿色低碳计划里完成时限不是“年底前”的措施，全部列出") == expected


def test_named_government_and_every_government_are_told_apart(engine: Engine) -> None:
    answer = engine.ask("怀柔区政府主责的措施有哪些")
    expected = scan(engine, departments=("怀柔区政府",), roles=(Role.RESPONSIBLE,))
    assert {c.record.id for c in answer.citations} == expected
    assert answer.suggestions[:2] == ("各区政府主责的措施有哪些？", "相关区政府主责的措施有哪些？")
    assert cited(engine, answer.suggestions[0]) == scan(
        engine, departments=("各区政府",), roles=(Role.RESPONSIBLE,)
    )


def test_an_aside_widens_nothing_and_narrows_nothing(engine: Engine) -> None:
    expected = scan(engine, departments=("延庆区文化和旅游局",))
    assert cited(engine, "延庆文旅局都担着哪些任务？体育文化旅游带那条也算上，整个儿给我") == expected


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("怀柔区航天局牵头哪些措施", "没有“怀柔区航天局”这个部门"),
        ("市噪声管理局在多元共治计划里牵头几条", "没有“市噪声管理局”这个部门|没有给市噪声管理局分派措施"),
        ("怀柔的市水务局牵头哪些措施", "怀柔区的计划里没有北京市水务局牵头"),
        ("延庆区财政局协办、提到“噪声”的措施有哪些", "没有.*延庆区财政局协办.*含“噪声”.*的措施"),
        ("延庆计划里提到独角兽的措施有哪些", "“独角兽”"),
    ],
)
def test_an_empty_list_says_what_was_looked_for(engine: Engine, question: str, said: str) -> None:
    import re

    answer = engine.ask(question)
    assert answer.refused and not answer.citations
    assert re.search(said, answer.text), answer.text
