"""Grounding: what a statement says stands in what it cites, or it does not leave."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.normal import normal
from corpus.types import ROLE_WORDS, Duty, Measure, Role
from index.filters import Filters
from rag.answer import Statement
from rag.engine import Engine
from rag.spans import sentences, trimmed


def wrong(engine: Engine, statement: Statement, question: str = "") -> list[str]:
    return engine.grounding.problems(statement, question)


def said(engine: Engine, record_id: str, words: str) -> Statement:
    return Statement(f"{words}{engine.store.label(record_id)}。", "quoted", (record_id,))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_every_printed_sentence_passes_and_one_changed_digit_is_caught(
    engine: Engine, data: st.DataObject
) -> None:
    record_id = data.draw(st.sampled_from(engine.store.ids))
    (record,) = engine.store.get([record_id])
    clause = data.draw(st.sampled_from([trimmed(s.text) for s in sentences(record.text)]))
    assert wrong(engine, said(engine, record_id, clause)) == []
    runs = list(re.finditer(r"\d+(?:\.\d+)?", clause))
    if not runs:
        return
    run = data.draw(st.sampled_from(runs))
    at = data.draw(st.sampled_from([i for i in range(*run.span()) if clause[i] != "."]))
    digit = (int(clause[at]) + data.draw(st.integers(1, 9))) % 10
    changed = clause[:at] + str(digit) + clause[at + 1 :]
    number = changed[run.start() : run.end()].lstrip("0")
    if re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", normal(record.text)):
        return  # the changed number is printed in the record too
    assert wrong(engine, said(engine, record_id, changed))


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_a_department_in_another_role_or_of_another_body_is_caught(
    engine: Engine, data: st.DataObject
) -> None:
    measures = [r for r in engine.store.get(engine.store.ids) if isinstance(r, Measure)]
    measure = data.draw(st.sampled_from(measures))
    duty = data.draw(st.sampled_from(measure.duties))
    listed = data.draw(st.booleans())

    def in_role(named: Duty) -> Statement:
        role = ROLE_WORDS[named.role]
        words = f"{role}：{named.department}" if listed else f"{named.department}{role}"
        return said(engine, measure.id, words)

    assert wrong(engine, in_role(duty)) == []
    other = data.draw(st.sampled_from([role for role in Role if role is not duty.role]))
    if not any(d.department == duty.department and d.role is other for d in measure.duties):
        assert wrong(engine, in_role(replace(duty, role=other)))
    held = {d.department for d in measure.duties}
    stranger = data.draw(st.sampled_from([n for n in engine.store.departments if n not in held]))
    if normal(stranger) not in normal(measure.text):
        assert wrong(engine, in_role(replace(duty, department=stranger)))


HOLDS = "bj-green-2026/8/2"  # …生活垃圾资源化利用率达 80% 以上…
PM = "yq-pollution-2026/1/1"  # …PM2.5年均浓度26微克/立方米…优良天数比率达到80%，重污染天数控制在3天以内…
PIPES = "yq-pollution-2026/26/1"  # 建设完成污水管线2公里，建设完成再生水管线1公里；全区污水处理率保持98%以上
DRAINS = "yq-pollution-2026/30/2"  # 6月底前; 延庆区水务局、延庆区城市管理委牵头/主责，各街乡镇协办


@pytest.mark.parametrize(
    ("record", "words", "good"),
    [
        (HOLDS, "利用率达80%以上", True),
        (HOLDS, "利用率达 ８０％ 以上", True),
        (HOLDS, "利用率达百分之八十以上", True),
        (HOLDS, "利用率达80%", False),
        (HOLDS, "利用率达80%以下", False),
        (HOLDS, "利用率达不低于80%", False),
        (HOLDS, "利用率达80万以上", False),
        (HOLDS, "利用率达8.0%以上", False),
        (HOLDS, "利用率达百分之九十以上", False),
        (HOLDS, "建成五百座", False),
        (HOLDS, "落实《北京市不存在的条例》", False),
        (PM, "PM2.5年均浓度26微克/立方米", True),
        (PM, "PM10年均浓度26微克/立方米", False),
        (PM, "PM2.5年均浓度26微米", False),
        (PM, "PM2.5年均浓度26微克/升", False),
        (PM, "重污染天数控制在3天以内", True),
        (PM, "重污染天数控制在3-5天以内", False),
        (PIPES, "建设污水管线2公里", True),
        (PIPES, "建设污水管线2公顷", False),
        (PIPES, "建设污水管线2公斤", False),
        (DRAINS, "完成时限为6月底前", True),
        (DRAINS, "完成时限为年底前", False),
        (DRAINS, "上半年完成", False),
        (DRAINS, "长期实施", False),
        (DRAINS, "延庆区水务局牵头/主责", True),
        (DRAINS, "朝阳区水务局牵头/主责", False),
        (DRAINS, "延庆区各街乡镇牵头/主责，延庆区水务局协办", False),
        (DRAINS, "延庆区税务局参加", False),
    ],
)
def test_units_bounds_names_dates_levels_and_roles_are_checked(
    engine: Engine, record: str, words: str, good: bool
) -> None:
    assert (wrong(engine, said(engine, record, words)) == []) is good


def test_a_statement_carries_the_label_of_what_it_cites_and_no_other(engine: Engine) -> None:
    good = said(engine, HOLDS, "利用率达80%以上")
    other = engine.store.label(PM)
    assert wrong(engine, good) == []
    for text in ("利用率达80%以上。", f"利用率达80%以上{other}。", f"{good.text.rstrip('。')}{other}。"):
        assert wrong(engine, replace(good, text=text))
    assert wrong(engine, replace(good, text=f"{engine.store.label(HOLDS)}利用率达80%以上。"))


def test_a_quote_must_be_an_exact_span(engine: Engine) -> None:
    good = replace(said(engine, HOLDS, "大力发展循环经济"), quotes=((HOLDS, "大力发展循环经济"),))
    assert wrong(engine, good) == []
    assert wrong(engine, replace(good, quotes=((HOLDS, "大力促进循环经济"),)))


def test_a_count_is_scanned_for_again(engine: Engine) -> None:
    scan = Filters(departments=("延庆区永宁镇",), kinds=("measure",))
    ids = tuple(record.id for record in engine.store.scan(scan))
    text = "延庆区永宁镇的措施共2条（延庆污染防治1条，延庆指标1条）"
    good = Statement(text, "computed", ids, scan=scan)
    assert wrong(engine, good) == []
    for changed in (
        replace(good, text=text.replace("共2条", "共3条")),
        replace(good, text=text.replace("延庆指标1条", "延庆指标9条")),
        replace(good, text=text + "，占85%"),
        replace(good, text=text.replace("永宁镇", "区水务局")),
        replace(good, citations=ids[:1]),
        replace(good, citations=(*ids, HOLDS)),
        replace(good, scan=None),
        replace(good, scan=Filters(departments=("延庆区水务局",), kinds=("measure",))),
    ):
        assert wrong(engine, changed)


@pytest.mark.parametrize(
    ("text", "question", "good"),
    [
        ("本库没有2027年的计划。", "2027年的目标", True),
        ("本库没有2027年的计划。", "明年的目标", False),
        ("延庆区水务局不负责任何措施。", "延庆区水务局做什么", True),
        ("延庆区水务局不负责任何措施。", "谁做什么", False),
        ("《水法》不适用。", "水法适用吗", True),
        ("《水法》不适用。", "谁做什么", False),
    ],
)
def test_an_absence_says_nothing_but_what_was_asked(
    engine: Engine, text: str, question: str, good: bool
) -> None:
    absence = Statement(text, "absence")
    assert (wrong(engine, absence, question) == []) is good
    assert wrong(engine, replace(absence, citations=(HOLDS,)), question)


def test_a_quoted_statement_without_citation_does_not_leave(engine: Engine) -> None:
    assert wrong(engine, Statement("全市要好好干。", "quoted"))


BOUND = re.compile(r"\d[^\d，。；]{0,12}?(以上|以下|以内|左右)")
OTHER_BOUND = {"以上": "以下", "以下": "以上", "以内": "以上", "左右": "以上"}
DATE = re.compile(r"\d{1,2} ?月底前|年底前")
PERCENT = re.compile(r"(?<![\d.—-])(\d+(?:\.\d+)?) ?%(?![—-])")
DIGITS = str.maketrans("0123456789.%", "０１２３４５６７８９．％")


def clauses(engine: Engine, pattern: re.Pattern[str]) -> list[tuple[str, str, re.Match[str]]]:
    """Every place of the corpus that fits `pattern`: the record, the sentence, the match in it."""
    return [
        (record.id, clause, match)
        for record in engine.store.get(engine.store.ids)
        for clause in (trimmed(sentence.text) for sentence in sentences(record.text))
        for match in pattern.finditer(clause)
    ]


def test_every_printed_bound_that_is_turned_or_dropped_is_caught(engine: Engine) -> None:
    found = clauses(engine, BOUND)
    changed = [
        (record_id, f"{clause[: match.start(1)]}{bound}{clause[match.end(1) :]}")
        for record_id, clause, match in found
        for bound in (OTHER_BOUND[match[1]], "")
    ]
    missed = [words for record_id, words in changed if not wrong(engine, said(engine, record_id, words))]
    assert len(found) > 40
    assert missed == []


def test_every_printed_date_that_is_changed_is_caught(engine: Engine) -> None:
    found = clauses(engine, DATE)
    missed = [
        (record_id, match.group())
        for record_id, clause, match in found
        for changed in [f"{clause[: match.start()]}2月底前{clause[match.end() :]}"]
        if not wrong(engine, said(engine, record_id, changed))
    ]
    assert len(found) > 1
    assert missed == []


def test_every_printed_sentence_passes_in_full_width_digits(engine: Engine) -> None:
    found = clauses(engine, re.compile(r"^.*\d.*$"))
    assert len(found) > 150
    refused = [
        (record_id, problems)
        for record_id, clause, _ in found
        if (problems := wrong(engine, said(engine, record_id, clause.translate(DIGITS))))
    ]
    assert refused == []


def test_every_printed_percentage_passes_when_spoken(engine: Engine) -> None:
    found = clauses(engine, PERCENT)
    assert len(found) > 60
    refused = [
        (record_id, problems)
        for record_id, clause, match in found
        for spoken in [f"{clause[: match.start()]}百分之{match[1]}{clause[match.end() :]}"]
        if (problems := wrong(engine, said(engine, record_id, spoken)))
    ]
    assert refused == []
