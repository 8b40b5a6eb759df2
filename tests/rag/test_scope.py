"""A reader has chosen what to look in: an answer rests on nothing else, and says so where that matters."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from index.filters import NO_FILTERS, Filters
from rag.answer import Answer
from rag.engine import Engine
from rag.options import ConditionError, Options
from rag.scope import chosen

SCOPES = {
    "延庆区": Options(district=["延庆"]),
    "市级": Options(level=["市"]),
    "延庆区、怀柔区": Options(level=["区"]),
    "延庆绿色低碳": Options(plan=["yq-green-2026"]),
    "十四五规划": Options(plan=["十四五规划"]),
    "延庆区水务局、怀柔区水务局参与": Options(department=["区水务局"]),
    "怀柔区，怀柔区生态环境局参与": Options(district=["怀柔区"], department=["怀柔区生态环境局"]),
    "延庆区，市级": Options(level=["市"], district=["延庆"]),  # nothing is both
}
QUESTIONS = [
    ("海绵城市达标面积比例是多少？", ()),
    ("延庆区2026年PM2.5年均浓度要降到多少？", ()),
    ("餐饮油烟谁牵头？", ()),
    ("楼下烧烤店油烟往屋里灌，谁来管", ()),
    ("6月底前完成的措施有哪些？", ()),
    ("水务局牵头的措施有哪些", ()),
    ("生态环境局参与的措施有几条", ()),
    ("文字里含“再生水”的措施有几条", ()),
    ("延庆和全市的森林覆盖率目标比较", ()),
    ("各级无废城市建设的要求有什么不同", ()),
    ("秸秆焚烧怎么管，概括一下", ()),
    ("延庆森林覆盖率是65.22%吗", ()),
    ("第12项讲什么", ()),
    ("绿色低碳计划分几章？", ()),
    ("延庆", ()),
    ("黑臭水体", ()),
    ("朝阳区的餐饮油烟谁负责", ()),
    ("十四五时期森林覆盖率目标是多少？", ()),
    ("那怀柔呢", ("延庆建成区海绵城市达标面积比例是多少",)),
    ("谁负责", ("怀柔便民回收渠道布局要多少",)),
    ("有几条？", ("延庆区水务局牵头的措施有哪些",)),
    ("延庆森林覆盖率要达到多少？怀柔便民回收渠道布局要多少？", ()),
]


def within(engine: Engine, options: Options) -> Filters:
    return chosen(options, engine.store, engine.bodies)


def cited(answer: Answer) -> set[str]:
    return {citation.record.id for citation in answer.citations}


@pytest.mark.parametrize("said", SCOPES)
def test_nothing_outside_is_cited_and_every_count_is_of_the_scope(
    engine: Engine, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    scope = within(engine, SCOPES[said])
    held = {record.id for record in engine.store.scan(scope)}
    with caplog.at_level(logging.ERROR, "wence.rag"):
        answers = [engine.ask(question, history, scope=scope) for question, history in QUESTIONS]
    assert not caplog.records  # no statement had to be held back at the door
    for answer in answers:
        assert answer.text
        assert answer.scope == said
        assert cited(answer) <= held
        for statement in answer.statements:
            if statement.scan is not None:
                assert statement.text.startswith(f"所选范围（{said}）内，")
                found = engine.store.scan(statement.scan)
                assert [record.id for record in found] == list(statement.citations)


@pytest.mark.parametrize(("question", "history"), QUESTIONS)
def test_a_scope_that_holds_all_changes_nothing_but_what_is_said_of_it(
    engine: Engine, question: str, history: tuple[str, ...]
) -> None:
    everything = Filters(districts=tuple({plan.district for plan in engine.store.plans.values()}))
    alone, scoped = engine.ask(question, history), engine.ask(question, history, scope=everything)
    assert (scoped.route, cited(scoped)) == (alone.route, cited(alone))
    assert alone.scope == ""
    assert "scope" not in alone.as_json()


def test_a_list_holds_what_meets_question_and_scope(engine: Engine) -> None:
    scope = within(engine, Options(district=["延庆"], department=["延庆区水务局"]))
    answer = engine.ask("6月底前完成的措施有哪些？", scope=scope)
    whole = cited(engine.ask("6月底前完成的措施有哪些？"))
    assert cited(answer) == whole & {record.id for record in engine.store.scan(scope)} != set()


def test_a_place_outside_of_the_scope_is_refused_and_said_to_be_there(engine: Engine) -> None:
    scope = within(engine, SCOPES["延庆区"])
    answer = engine.ask("怀柔区海绵城市达标面积比例是多少？", scope=scope)
    assert answer.refused
    assert answer.text.splitlines() == [
        "怀柔区不在所选范围（延庆区）内，没有查找。所选范围以外有相关内容，取消范围后可再问。"
    ]
    assert "44%" not in answer.text


def test_what_is_nowhere_is_not_promised(engine: Engine) -> None:
    answer = engine.ask("养老金什么时候上调？", scope=within(engine, SCOPES["延庆区"]))
    assert answer.refused
    assert "所选范围（延庆区）内" in answer.text
    assert "取消范围" not in answer.text


def test_of_two_places_the_one_outside_is_named(engine: Engine) -> None:
    answer = engine.ask("延庆和怀柔的海绵城市达标面积比例比较", scope=within(engine, SCOPES["延庆区"]))
    assert not answer.refused
    assert "52%" in answer.text
    assert "怀柔区不在所选范围（延庆区）内，没有查找。" in answer.text


def test_part_of_a_plan_is_not_told_as_the_whole(engine: Engine) -> None:
    scope = within(engine, Options(department=["延庆区水务局"]))
    told = engine.ask("延庆绿色低碳分几章？", scope=scope).statements[0].text
    assert told == "以下只是所选范围（延庆区水务局参与）内的内容。"


def test_the_five_year_plan_is_in_the_scope_of_the_city(engine: Engine) -> None:
    question = "十四五时期森林覆盖率目标是多少？"
    assert cited(engine.ask(question, scope=within(engine, SCOPES["市级"]))) == cited(engine.ask(question))
    assert engine.ask(question, scope=within(engine, SCOPES["延庆区"])).refused


def test_scopes_do_not_get_in_each_others_way(engine: Engine) -> None:
    scopes = [NO_FILTERS, *(within(engine, options) for options in SCOPES.values())]
    jobs = [(question, history, scope) for question, history in QUESTIONS[:8] for scope in scopes]

    def asked(job: tuple[str, tuple[str, ...], Filters]) -> str:
        return engine.ask(job[0], job[1], scope=job[2]).text

    alone = [asked(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked, jobs)) == alone


def test_a_scope_of_what_is_not_known_says_what_is(engine: Engine) -> None:
    with pytest.raises(ConditionError, match=r"没有计划“市蓝天”。现有："):
        within(engine, Options(plan=["市蓝天"]))
