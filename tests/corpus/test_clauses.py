"""Who a clause names, and in which role; what is no clause stays in the text and is said."""

from __future__ import annotations

import pytest

from corpus.clauses import duties, find_clauses
from corpus.departments import departments

LEAD, BOTH, RESPONSIBLE, ASSISTING = "牵头", "牵头/主责", "主责", "协办"
WORDS = {"lead": LEAD, "lead_responsible": BOTH, "responsible": RESPONSIBLE, "assisting": ASSISTING}


def read(text: str, district: str = "延庆区") -> list[tuple[str, str]]:
    """(role, name as printed) of all clauses of `text`."""
    found = find_clauses(text, departments(), district).clauses
    return [(WORDS[duty.role], duty.printed) for duty in duties(found, first_leads=False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（市水务局、市生态环境局负责）", [(BOTH, "市水务局"), (BOTH, "市生态环境局")]),
        ("（市水务局负责）", [(BOTH, "市水务局")]),
        (
            "（由市水务局牵头，市财政局、市交通委配合）",
            [(LEAD, "市水务局"), (ASSISTING, "市财政局"), (ASSISTING, "市交通委")],
        ),
        ("（牵头单位：市水务局；配合单位：市财政局）", [(LEAD, "市水务局"), (ASSISTING, "市财政局")]),
        ("(牵头单位:市水务局,责任单位:市财政局)", [(LEAD, "市水务局"), (RESPONSIBLE, "市财政局")]),
        ("［责任单位：市水务局，各区政府］", [(BOTH, "市水务局"), (BOTH, "各区政府")]),
        ("【责任单位】市水务局【配合单位】市财政局", [(BOTH, "市水务局"), (ASSISTING, "市财政局")]),
        (
            "（市水务局牵头负责，市财政局按职责分工负责）",
            [(LEAD, "市水务局"), (RESPONSIBLE, "市财政局")],
        ),
        ("（市水务局、市财政局按职责分工负责）", [(BOTH, "市水务局"), (BOTH, "市财政局")]),
        ("（市水务局会同市财政局负责）", [(LEAD, "市水务局"), (RESPONSIBLE, "市财政局")]),
        ("提升水质。牵头单位：市水务局，配合单位：无。", [(LEAD, "市水务局")]),
        (
            "牵头单位：市科委、中关村管委会 配合单位：区科信局（中关村延庆园管委会）、市财政局",
            [
                (LEAD, "市科委、中关村管委会"),
                (ASSISTING, "区科信局（中关村延庆园管委会）"),
                (ASSISTING, "市财政局"),
            ],
        ),
        (
            "（各区政府，市水务局、市财政局等部门按职责分工负责）",
            [(BOTH, "各区政府"), (BOTH, "市水务局"), (BOTH, "市财政局")],
        ),
        ("（文化和旅游部和教育部负责）", [(BOTH, "文化和旅游部"), (BOTH, "教育部")]),
        ("（各有关部门按职责分工负责）", [(BOTH, "各有关部门")]),
        ("（市水务局负责）（市财政局配合）", [(BOTH, "市水务局"), (ASSISTING, "市财政局")]),
    ],
)
def test_a_clause_gives_its_departments_with_their_roles(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


def test_national_bodies_are_kept_as_printed_and_unknown() -> None:
    (clause,) = find_clauses("（海关总署、商务部等有关部门负责）", departments(), "").clauses
    first, second = duties([clause], first_leads=False)
    assert (first.printed, first.department, first.known, first.open_ended) == (
        "海关总署",
        "海关总署",
        False,
        False,
    )
    assert (second.printed, second.open_ended) == ("商务部", True)


def test_the_first_leads_where_the_document_says_so() -> None:
    text = "（税务总局、财政部负责，排在第一位的部门为牵头部门，下同）"
    (clause,) = find_clauses(text, departments(), "").clauses
    assert clause.first_leads and clause.from_here
    assert [duty.role.value for duty in duties([clause], first_leads=True)] == ["lead", "responsible"]


def test_a_deadline_stands_in_a_clause_or_under_its_own_label() -> None:
    text = "（市水务局负责，2026年底前完成）完成时限：2026年6月底前"
    first, second = find_clauses(text, departments(), "").clauses
    assert (first.deadline, second.deadline, second.assigns) == ("2026年底前完成", "2026年6月底前", False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("环境卫生（具体由村民自己负责）按约定办理。", "写的不全是部门名称"),
        ("推进治理。（市水务局、市财政局）", "没有写明谁负责"),
        ("推进治理。（市水务局负责", "括号没有收尾"),
        ("责任单位：要求各方把任务落到实处", "写的不全是部门名称"),
        ("责任单位：", "没有写出部门"),
        ("以“十四五”规划（2021-2025年）为准（含配套实施）。", ""),
    ],
)
def test_what_is_no_clause_is_left_and_said(text: str, said: str) -> None:
    found = find_clauses(text, departments(), "延庆区")
    assert not any(clause.assigns for clause in found.clauses)
    assert [said in doubt for _, doubt in found.doubts] == ([True] if said else [])


def test_a_name_that_looks_like_none_is_kept_beside_one_that_does() -> None:
    (clause,) = find_clauses("（市水务局、自然之友负责）", departments(), "").clauses
    assert clause.odd == ("自然之友",)
    assert read("（市水务局、自然之友负责）") == [(BOTH, "市水务局"), (BOTH, "自然之友")]
