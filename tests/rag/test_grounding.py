"""Grounding: what a statement says stands in what it cites, or it does not leave."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.types import Duty, Measure, Role
from index.store import Store
from rag import grounding
from rag.answer import Statement
from rag.engine import Engine
from rag.figures import figures
from rag.spans import sentences, trimmed


@pytest.fixture(scope="module")
def store(engine: Engine) -> Store:
    return engine.store


def wrong(engine: Engine, statement: Statement, question: str = "") -> list[str]:
    records = engine.store.get(statement.citations)
    return grounding.problems(statement, records, engine.store.plans, engine.bodies, question)


def quote(engine: Engine, record_id: str, words: str) -> Statement:
    return Statement(f"全市：{words}{engine.store.label(record_id)}。", "quoted", (record_id,))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_every_printed_sentence_passes_and_one_changed_digit_is_caught(
    engine: Engine, data: st.DataObject
) -> None:
    record_id = data.draw(st.sampled_from(engine.store.ids))
    (record,) = engine.store.get([record_id])
    clause = data.draw(st.sampled_from([trimmed(s.text) for s in sentences(record.text)]))
    assert wrong(engine, quote(engine, record_id, clause)) == []
    digits = [m.start() for m in re.finditer(r"(?<![A-Za-z\d.])\d+(?:\.\d+)?", clause)]
    if not digits:
        return
    at = data.draw(st.sampled_from(digits))
    changed = clause[:at] + str((int(clause[at]) + data.draw(st.integers(1, 8))) % 10) + clause[at + 1 :]
    same = {f for r in (record,) for f in figures(grounding._printed(r, engine.store.plans))}
    if set(figures(changed)) <= same:
        return  # the changed figure happens to be printed in the record too
    assert wrong(engine, quote(engine, record_id, changed))


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_a_department_in_another_role_or_of_another_body_is_caught(
    engine: Engine, data: st.DataObject
) -> None:
    measures = [r for r in engine.store.get(engine.store.ids) if isinstance(r, Measure)]
    measure = data.draw(st.sampled_from(measures))
    duty = data.draw(st.sampled_from(measure.duties))
    label = engine.store.label(measure.id)

    def said(named: Duty) -> Statement:
        text = f"全市：{named.department}{label}。"
        return Statement(text, "quoted", (measure.id,), (), ((measure.id, named),))

    assert wrong(engine, said(duty)) == []
    other = data.draw(st.sampled_from([role for role in Role if role is not duty.role]))
    if not any(d.printed == duty.printed and d.role is other for d in measure.duties):
        assert wrong(engine, said(replace(duty, role=other)))
    held = {d.department for d in measure.duties}
    stranger = data.draw(st.sampled_from([n for n in engine.store.departments if n not in held]))
    assert wrong(engine, said(replace(duty, department=stranger)))


@pytest.mark.parametrize(
    ("words", "good"),
    [
        ("生活垃圾资源化利用率达80%以上", True),
        ("生活垃圾资源化利用率达 ８０％ 以上", True),
        ("生活垃圾资源化利用率达百分之80以上", True),
        ("生活垃圾资源化利用率达80%", False),
        ("生活垃圾资源化利用率达80%以下", False),
        ("生活垃圾资源化利用率达不低于80%", False),
        ("生活垃圾资源化利用率达80万以上", False),
        ("生活垃圾资源化利用率达8.0%以上", False),
        ("落实《北京市不存在的条例》", False),
    ],
)
def test_bounds_units_and_documents_are_part_of_what_is_checked(
    engine: Engine, words: str, good: bool
) -> None:
    assert (wrong(engine, quote(engine, "bj-green-2026/8/2", words)) == []) is good


def test_a_quote_must_be_an_exact_span(engine: Engine) -> None:
    record_id = "bj-green-2026/8/2"
    label = engine.store.label(record_id)
    text = f"全市：大力发展循环经济{label}。"
    good = Statement(text, "quoted", (record_id,), ((record_id, "大力发展循环经济"),))
    assert wrong(engine, good) == []
    assert wrong(engine, replace(good, quotes=((record_id, "大力促进循环经济"),)))


def test_a_count_is_recomputed_from_what_it_cites(engine: Engine) -> None:
    ids = engine.store.ids[:3]
    good = Statement("措施共3条。", "computed", ids, counted=3)
    assert wrong(engine, good) == []
    assert wrong(engine, replace(good, text="措施共4条。"))
    assert wrong(engine, replace(good, counted=4))
    assert wrong(engine, replace(good, citations=(*ids, engine.store.ids[5])))


def test_an_absence_cites_nothing_and_names_only_the_questions_figures(engine: Engine) -> None:
    absence = Statement("本库没有2027年的计划。", "absence")
    assert wrong(engine, absence, "2027年的目标") == []
    assert wrong(engine, absence, "明年的目标")
    assert wrong(engine, replace(absence, citations=engine.store.ids[:1]), "2027年的目标")


def test_a_quoted_statement_without_citation_does_not_leave(engine: Engine) -> None:
    assert wrong(engine, Statement("全市要好好干。", "quoted"))
