"""Answers over the years: what is in force, what was replaced or retired, 2025 beside 2026."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import records
from api.directory import directory
from corpus.ingest import Corpus
from corpus.types import Plan
from index.embedding import Encoder
from index.filters import Filters
from index.folder import OpenIndex
from rag.dispatch import Dispatcher
from rag.editions import LONG, Editions
from rag.engine import Engine
from rag.near import counterparts
from rag.options import ConditionError, Options, listed_by
from rag.routes.editions import MOST_CHANGED, PARTIAL
from rag.scope import chosen
from tests.over_years import DRAFT, FINAL, HAIDIAN, LAST, PINGGU, RETIRED, TITLE, corpus_over_years, opened

SPONGE = "海绵城市达标面积比例"


@pytest.fixture(scope="module")
def years(
    corpus: Corpus, index: OpenIndex, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    """An engine over the bundled plans, a final text, an older edition, new districts and a retired plan."""
    folder = tmp_path_factory.mktemp("over-years")
    return Engine(opened(folder, corpus_over_years(corpus), encoder, index.manifest))


def cited(engine: Engine, question: str, *history: str) -> set[str]:
    """The plans that an answer rests on."""
    return {citation.plan.id for citation in engine.ask(question, history).citations}


def test_the_final_text_answers_and_says_what_it_changed(years: Engine) -> None:
    """The figure is the final text's; a computed sentence tells the draft's, and cites both."""
    answer = years.ask(f"延庆区{SPONGE}要达到多少？")
    assert (
        "延庆区：持续开展海绵城市建设，建成区海绵城市达标面积比例达到55%〔延庆绿色低碳正式·第11项〕"
        in answer.text
    )
    change = answer.statements[-1]
    assert change.kind == "computed"
    assert change.citations == (f"{DRAFT}/11/1", f"{FINAL}/11/1")
    assert "由“建成区海绵城市达标面积比例达到52%”改为“建成区海绵城市达标面积比例达到55%”" in change.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("延庆区森林覆盖率任务什么时候完成？", "完成时限由“年底前”改为“10月底前”"),
        ("延庆区农作物、畜禽、水产种质资源保护由谁负责？", "牵头/主责由“区农业农村局”改为“区园林绿化局”"),
    ],
)
def test_a_change_is_told_of_what_is_asked(years: Engine, question: str, said: str) -> None:
    """A deadline where a deadline is asked for, a duty where a department is; nothing of a summary."""
    assert f"与征求意见稿相比，{said}〔" in years.ask(question).text
    assert "与征求意见稿相比" not in years.ask("延庆区的种质资源保护讲了什么？").text


def test_a_made_up_change_does_not_leave(years: Engine) -> None:
    """A sentence on a change is found again in both records before it is said."""
    change = years.ask(f"延庆区{SPONGE}要达到多少？").statements[-1]
    assert years.grounding.problems(change) == []
    assert years.grounding.problems(replace(change, text=change.text.replace("52%", "50%")))
    assert years.grounding.problems(replace(change, text=change.text.replace("征求意见稿", "2025年")))


def test_a_replaced_draft_is_told_of_first_and_the_final_text_answers(years: Engine) -> None:
    """Who names the draft hears that it was replaced, and by what."""
    answer = years.ask(f"延庆绿色低碳征求意见稿 {SPONGE}是多少？")
    assert answer.text.startswith(
        f"《{TITLE}（征求意见稿）》已由正式文本《{TITLE}》替代，以下以正式文本为准。"
    )
    assert "达到55%〔延庆绿色低碳正式·第11项〕" in answer.text


@pytest.mark.parametrize("said", ["征求意见稿里", "草案里", "的初稿原文中", "原来的征求意见稿"])
def test_who_insists_on_the_draft_gets_its_words(years: Engine, said: str) -> None:
    """征求意见稿里 asks for what the draft said."""
    answer = years.ask(f"延庆绿色低碳{said}{SPONGE}是多少？")
    assert "已由正式文本" in answer.statements[0].text
    assert "延庆区（征求意见稿）：持续开展海绵城市建设，建成区海绵城市达标面积比例达到52%" in answer.text
    assert {citation.plan.id for citation in answer.citations} == {DRAFT}
    assert cited(years, "由谁负责？", f"延庆绿色低碳{said}{SPONGE}是多少？") == {DRAFT}


def test_draft_and_final_text_beside_each_other(years: Engine) -> None:
    """征求意见稿和正式文本: a line each, and by how much they differ."""
    answer = years.ask(f"延庆绿色低碳征求意见稿和正式文本在{SPONGE}上有什么不同？")
    assert answer.route == "compare"
    assert "延庆区正式文本的55%比延庆区征求意见稿的52%高3个百分点" in answer.text
    assert answer.table is not None
    assert [row[0] for row in answer.table.rows] == ["延庆区征求意见稿", "延庆区正式文本"]


@pytest.mark.parametrize("year", ["2025年", "去年"])
def test_a_question_for_another_year_rests_on_that_edition(years: Engine, year: str) -> None:
    """It says the year, and follow-ups stay in it or leave it."""
    question = f"{year}延庆区{SPONGE}要达到多少？"
    answer = years.ask(question)
    assert "延庆区2025年：持续开展海绵城市建设，建成区海绵城市达标面积比例达到48%" in answer.text
    assert {citation.plan.id for citation in answer.citations} == {LAST}
    assert cited(years, "由谁负责？", question) == {LAST}
    assert FINAL in cited(years, "那今年呢？", question)
    assert cited(years, f"{year}呢？", f"延庆区{SPONGE}要达到多少？") == {LAST}


def test_two_years_beside_each_other(years: Engine) -> None:
    """今年和去年: both figures under their years, the difference, and both editions cited."""
    answer = years.ask(f"延庆{SPONGE}今年和去年比有什么变化？")
    assert answer.route == "compare"
    assert "延庆区2025年：" in answer.text
    assert "延庆区2026年：" in answer.text
    assert "延庆区2026年的55%比延庆区2025年的48%高7个百分点" in answer.text
    assert {citation.plan.id for citation in answer.citations} == {LAST, FINAL}
    assert "数字相同" not in answer.text
    dates = years.ask("2025年和2026年延庆森林覆盖率任务的完成时限有什么不同？").text
    assert "与2025年相比，完成时限由“6月底前”改为“10月底前”" in dates


def test_two_years_of_a_plan_as_wholes(years: Engine) -> None:
    """What was dropped and changed is counted by code and told, with both editions cited."""
    answer = years.ask("2025年和2026年延庆绿色低碳计划有什么变化？")
    assert "逐条相比：删去1条，数字、时限或职责有变动的3条。" in answer.text
    assert "与2025年相比，完成时限由“6月底前”改为“10月底前”" in answer.text
    assert "删去：" in answer.text
    tally = answer.statements[0]
    assert years.grounding.problems(replace(tally, text=tally.text.replace("3条", "4条")))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (f"延庆{SPONGE}比去年提高多少？", "延庆区2026年的55%比延庆区2025年的48%高7个百分点"),
        (f"延庆{SPONGE}比征求意见稿提高了多少？", "延庆区正式文本的55%比延庆区征求意见稿的52%高3个百分点"),
        ("延庆绿色低碳正式文本与草案相比删了哪些措施？", "逐条相比：删去1条"),
        ("延庆绿色低碳2025年行动计划有哪些是今年没有的？", "逐条相比：删去1条"),
        ("2025年和2026年各区有什么变化？", "逐条相比：删去1条"),
        ("2025年和2026年各区有什么变化？", "本库没有怀柔区、海淀区、平谷区所问各年的文本可比，没有比对。"),
        ("两年对比：延庆绿色低碳", "逐条相比：删去1条"),
        ("延庆区绿色低碳今年比去年少了哪些措施？", "逐条相比：删去1条"),
        ("延庆绿色低碳去年有而今年没有的措施", "逐条相比：删去1条"),
        (
            "延庆绿色低碳正式稿改了什么？",
            "《延庆区加快绿色低碳转型2026年行动计划（征求意见稿）》逐条相比：删去1条",
        ),
        ("怀柔2025年和2026年有什么变化？", "本库没有怀柔区2025年的计划，现有的是《怀柔区"),
        ("怀柔去年的计划呢？", "本库没有怀柔区所问年份的计划"),
        ("怀柔的征求意见稿里怎么写的？", "本库没有怀柔区的征求意见稿；"),
        ("延庆绿色低碳征求意见稿第11项是什么？", "建成区海绵城市达标面积比例达到52%〔延庆绿色低碳·第11项〕"),
        (
            "门头沟区建筑领域低碳化谁负责？",
            "《门头沟区加快绿色低碳转型2026年行动计划》已停用，没有作为依据。",
        ),
        (f"怀柔去年{SPONGE}是多少？", "本库没有怀柔区所问年份的计划"),
        (f"怀柔{SPONGE}比去年提高多少？", "怀柔区：持续开展海绵城市建设"),
        (f"{DRAFT}/11/1讲什么？", "建成区海绵城市达标面积比例达到52%〔延庆绿色低碳·第11项〕"),
        (f"{FINAL}/11/1讲什么？", "建成区海绵城市达标面积比例达到55%〔延庆绿色低碳正式·第11项〕"),
    ],
)
def test_ways_to_ask_for_editions(years: Engine, question: str, said: str) -> None:
    """去年 is of the place that is asked about; an id names its own edition."""
    assert said in years.ask(question).text


def test_a_partial_account_says_so(years: Engine) -> None:
    """More changes than are told one by one: the answer says that it is not all."""
    assert years.ask("2025年和2026年延庆有什么变化？").text.count("与2025年相比") <= MOST_CHANGED
    assert not years.grounding.problems(PARTIAL, "")


def test_a_draft_without_a_name_is_of_what_was_talked_of(years: Engine) -> None:
    """征求意见稿里怎么写的 after a question on a place stays in that place."""
    first = "怀柔区和延庆区的绿视率怎么提升？"
    plans = cited(years, "征求意见稿里怎么写的？", f"延庆区{SPONGE}要达到多少？")
    assert plans == {DRAFT}
    assert all(plan.startswith("yq-") for plan in cited(years, "征求意见稿里怎么写的？", first))


def test_years_are_no_sum(years: Engine) -> None:
    """Measures of two years are counted apart."""
    text = years.ask("今年和去年，延庆区园林绿化局牵头的措施分别有多少条？").text
    assert "2025年计划中延庆区园林绿化局牵头" in text
    assert "2026年计划中延庆区园林绿化局牵头" in text


def test_nothing_out_of_force_is_found_unasked(years: Engine) -> None:
    """Search, lists, counts, dispatch, counterparts and the departments' counts hold what is in force."""
    gone = {DRAFT, RETIRED}
    assert not gone & {hit.plan.id for hit in years.search(SPONGE, 100)}
    assert not gone & {record.plan for record in records.every(years, Options())}
    assert not gone & {record.plan for record in records.every(years, Options(text=["海绵城市"]))}
    assert not gone & {plan.id for plan in counterparts(years).plans}
    dispatched = Dispatcher(years).dispatch("延庆有人在河里电鱼，鸟也被网住了，谁来管")
    shown = [*dispatched.candidates, *dispatched.near]
    assert not gone & {basis.plan.id for one in shown for basis in one.bases}
    count = years.ask("延庆区水务局牵头的措施有多少条？")
    assert not gone & {citation.plan.id for citation in count.citations}
    assert LAST not in {citation.plan.id for citation in count.citations}
    known = directory(years)
    assert {plan["id"] for plan in known.plans if not plan["in_force"]} == gone
    assert "门头沟区" not in known.districts
    assert known.departments("门头沟区生态环境局") == []


def test_what_is_named_is_reached(years: Engine) -> None:
    """A list by plan, status or year, a scope, a record by its id."""
    assert {r.plan for r in records.every(years, Options(plan=[DRAFT]))} == {DRAFT}
    assert {r.plan for r in records.every(years, Options(plan=["门头沟绿色低碳"]))} == {RETIRED}
    assert DRAFT in {r.plan for r in records.every(years, Options(status=["征求意见稿"]))}
    unasked = {record.plan for record in records.every(years, Options())}
    assert LAST not in unasked and PINGGU in unasked  # of 平谷 there is no newer one
    assert {r.plan for r in records.every(years, Options(plan=[LAST]))} == {LAST}
    assert {r.plan for r in records.every(years, Options(year=["2025年"]))} == {LAST, PINGGU}
    assert records.shown(years, f"{DRAFT}/11/1")["plan"] == DRAFT
    assert {h.plan.id for h in years.search(SPONGE, 5, Filters(plans=(DRAFT,)))} == {DRAFT}
    for options, plan, said in (
        (Options(plan=[DRAFT]), DRAFT, "已由正式文本"),
        (Options(plan=[LAST]), LAST, f"不是今年的计划，另有《{TITLE}》"),
    ):
        answer = years.ask(f"{SPONGE}是多少？", scope=chosen(options, years.store, years.bodies))
        assert {citation.plan.id for citation in answer.citations} == {plan}
        assert said in answer.text
    with pytest.raises(ConditionError, match="不是年份"):
        listed_by(Options(year=["去年"]), years.store, years.bodies)


def test_a_scan_stays_exact(years: Engine) -> None:
    """What is in force is a condition of the list, never of the store."""
    every = [r for r in years.store.get(years.store.ids) if r.plan in (DRAFT, RETIRED)]
    assert years.store.scan(Filters(plans=(DRAFT, RETIRED))) == every
    in_force = years.store.scan(Filters(in_force=True))
    assert [r.id for r in in_force] == [
        i for i in years.store.ids if years.store.plans[i.partition("/")[0]].in_force
    ]


def test_a_retired_plan_is_not_answered_as_in_force(years: Engine) -> None:
    """Asked for by name it is said to be retired."""
    answer = years.ask(f"门头沟区绿色低碳计划里{SPONGE}要达到多少？")
    assert answer.refused
    assert "《门头沟区加快绿色低碳转型2026年行动计划》已停用" in answer.text
    assert RETIRED not in cited(years, "门头沟区的重点任务有哪些？")


def test_an_only_edition_of_last_year_is_used_and_said(years: Engine) -> None:
    """平谷 has none of this year: the one there is answers, with its year; this year's is refused."""
    answer = years.ask(f"平谷区{SPONGE}要达到多少？")
    assert "《平谷区加快绿色低碳转型2025年行动计划》不是今年的计划，本库没有收入更新的文本。" in answer.text
    assert "平谷区2025年：" in answer.text
    assert years.ask(f"平谷区今年{SPONGE}要达到多少？").refused
    refused = years.ask(f"2024年平谷区{SPONGE}要达到多少？")
    assert refused.refused
    assert "本库没有平谷区2024年的计划" in refused.text


def test_lists_of_a_year_hold_that_year_alone(years: Engine) -> None:
    """A month without a year is of the year that is asked for."""
    answer = years.ask("2025年6月底前延庆完成的措施有哪些？")
    assert [citation.record.id for citation in answer.citations] == [f"{LAST}/31/1", f"{LAST}/37/1"]
    both = years.ask("今年和去年，延庆区园林绿化局牵头的措施分别有多少条？")
    assert {FINAL, LAST} <= {citation.plan.id for citation in both.citations}


def test_a_new_district_is_a_district(years: Engine) -> None:
    """Names, outline, lists, comparisons and refusals know it without a word of code."""
    assert "海淀区：" in years.ask(f"海淀区{SPONGE}要达到多少？").text
    assert cited(years, "海淀绿色低碳计划分几章？") == {HAIDIAN}
    assert cited(years, "海淀区水务局牵头的措施有哪些？") == {HAIDIAN}
    beside = years.ask(f"延庆、海淀和怀柔{SPONGE}有什么不同？").text
    assert "海淀区的61%比怀柔区的44%高17个百分点" in beside
    assert (
        "本库收有北京市、延庆区、怀柔区、海淀区、平谷区的年度生态环境行动计划"
        in years.ask("朝阳区绿色低碳计划里有什么？").text
    )


def test_suggestions_can_be_asked(years: Engine) -> None:
    """What is suggested names what is in force, and is answered."""
    for question in (f"延庆区{SPONGE}要达到多少？", f"2025年延庆区{SPONGE}要达到多少？"):
        answer = years.ask(question)
        assert answer.suggestions
        for suggestion in answer.suggestions:
            assert not years.ask(suggestion, [question]).refused


def test_the_bundled_plans_leave_nothing_to_choose(engine: Engine) -> None:
    """Every plan is in force and the newest of its family: readings and scans are what they were."""
    assert engine.editions.plain
    assert engine.desk(Filters(), engine.read("2025年延庆水务局牵头的措施有多少条？")).store is engine.store
    assert listed_by(Options(), engine.store, engine.bodies) == Filters(kinds=("measure",))


def test_families_hold_across_titles_and_links(corpus: Corpus) -> None:
    """Verbs, brackets and years do not part editions; a five-year plan is no edition of the next one."""
    plans = {entry.plan.id: entry.plan for entry in corpus_over_years(corpus).plans}
    base = plans[FINAL]
    other = replace(
        base, id="yq-green-2024", short="延庆绿色低碳2024年", title="延庆区推进绿色低碳转型工作方案（2024年）"
    )
    other = replace(other, year=2024, first_year=2024, last_year=2024)
    five: Plan = replace(
        plans["bj-eco-145"], id="bj-eco-155", short="十五五规划", year=2026, first_year=2026, last_year=2030
    )
    editions = Editions(plans | {other.id: other, five.id: five})
    assert set(editions.siblings(FINAL)) == {DRAFT, FINAL, LAST, other.id}
    assert editions.siblings(five.id) == [five.id]
    assert editions.called(base) == "延庆绿色低碳"
    assert editions.year == 2026


@pytest.mark.parametrize(
    ("question", "said", "unsaid"),
    [
        ("延庆收了哪几年的计划", ("2026年", "2025年"), "怀柔"),
        ("哪些计划还是征求意见稿", ("征求意见稿",), "正式文本"),
        ("哪些区有正式的计划", ("怀柔绿色低碳", "正式文本"), "市绿色低碳"),
        ("怀柔绿色低碳是正式的吗", ("怀柔绿色低碳是正式文本",), "征求意见稿"),
        ("房山收了哪几年的计划", ("本库没有收房山区",), "2026年"),
    ],
)
def test_what_is_held_can_be_asked(years: Engine, question: str, said: tuple[str, ...], unsaid: str) -> None:
    answer = years.ask(question).text
    assert all(words in answer for words in said), answer
    assert unsaid not in answer


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_stands_is_the_newest_edition_of_each_family(corpus: Corpus, data: st.DataObject) -> None:
    """Against the rule as it reads, over random editions of random plans."""
    bases = data.draw(st.lists(st.sampled_from([e.plan for e in corpus.plans]), min_size=1, max_size=12))
    plans: dict[str, Plan] = {}
    for n, base in enumerate(bases):
        first = data.draw(st.integers(2020, 2027))
        years = {
            "year": first,
            "first_year": first,
            "last_year": first + data.draw(st.sampled_from([0, 2, 4])),
        }
        gone = data.draw(st.sampled_from([{}, {}, {"retired": True}, {"superseded_by": "p0"}]))
        plans[f"p{n}"] = replace(base, id=f"p{n}", ordinal=n, **{"superseded_by": "", **years, **gone})
    editions = Editions(plans)
    asked = tuple(data.draw(st.lists(st.integers(2019, 2030), max_size=2)))
    named = tuple(data.draw(st.lists(st.sampled_from(list(plans)), max_size=3)))

    def covers(plan: str) -> bool:
        return any(year in plans[plan].years for year in asked)

    def stands(plan: str) -> bool:
        able = [p for p in editions.siblings(plan) if plans[p].in_force]
        newest = max(((plans[p].last_year, plans[p].first_year) for p in able), default=None)
        last = (plans[plan].last_year, plans[plan].first_year) == newest
        return plan in able and (covers(plan) if any(map(covers, able)) else last)

    of_year = [plan for plan in plans if plans[plan].in_force and covers(plan)]
    yearly = any(len(plans[plan].years) < LONG for plan in of_year)
    for whole in (False, True):
        chosen = of_year if whole and yearly else [plan for plan in plans if stands(plan)]
        expected = None if editions.plain else tuple(p for p in plans if p in chosen or p in named)
        assert editions.standing(named, asked, (), whole=whole) == expected
    for year in asked:
        yearly_held = [
            p for p in plans if plans[p].in_force and year in plans[p].years and len(plans[p].years) < LONG
        ]
        assert editions.held(year) == bool(yearly_held)
        assert editions.held(year, ("延庆区",)) == any(plans[p].district == "延庆区" for p in yearly_held)
