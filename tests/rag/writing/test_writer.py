"""Whatever a model says, the answer is grounded, and the counts say what was done to it."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from rag.answer import Answer
from rag.engine import Engine
from rag.writing.model import Limits
from tests.model_server import Say, honest, measures, user
from tests.rag.writing.conftest import Scripted

COMPARE = "延庆和怀柔在海绵城市上有什么不同"
FACT = "延庆区今年PM2.5目标是多少？"
SUMMARY = "概述延庆区噪声污染防治的措施"
FIGURE = "延庆区建成区海绵城市达标面积比例达到{}[1]。"


def repaired(body: dict[str, Any]) -> bool:
    """Whether a request asks to mend a sentence."""
    return "<原句>" in user(body)


def grounded(engine: Engine, answer: Answer) -> bool:
    return not any(engine.grounding.problems(s, answer.question) for s in answer.statements)


def counts(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = answer.as_json()["writing"]
    return found


@pytest.mark.parametrize(
    "question",
    [
        COMPARE,
        FACT,
        SUMMARY,
        "海绵城市达标面积比例各级目标是多少",
        "怀柔区什么时候建成区海绵城市达标面积比例达到44%？",
    ],
)
def test_an_honest_model_is_kept_word_for_word(scripted: Scripted, question: str) -> None:
    engine, server = scripted(honest)
    answer = engine.ask(question)
    written = counts(answer)
    assert written["sentences"] == written["supported"] == len(measures(server.asked[0]))
    assert (written["replaced"], written["repaired"], written["dropped"], written["fallback"]) == (
        0,
        0,
        0,
        "",
    )
    assert answer.writer == "openai:scripted"
    own = [s for s in answer.statements if s.writer == "openai:scripted"]
    assert own and all(s.text.startswith("计划提出，") for s in own)
    assert grounded(engine, answer)
    assert {c.record.id for c in answer.citations} == {
        c.record.id for c in Engine(engine.index).ask(question).citations
    }


WRONG = {
    "an invented figure": FIGURE.format("58%"),
    "a figure of another measure": FIGURE.format("44%"),
    "another place": "朝阳区建成区海绵城市达标面积比例达到52%[1]。",
    "the city for a district": "全市建成区海绵城市达标面积比例达到52%[1]。",
    "another department": "海绵城市建设由区商务局牵头[1]。",
    "a number that is not there": "延庆区建成区海绵城市达标面积比例达到52%[99]。",
    "no number": "延庆区建成区海绵城市达标面积比例达到52%。",
    "another date": "延庆区建成区海绵城市达标面积比例在6月底前达到52%[1]。",
    "a bound": FIGURE.format("不低于52%"),
    "crossed figures": "海绵城市达标面积比例，延庆区达到44%，怀柔区达到52%[1][2]。",
    "a clause of its own": "延庆区建成区海绵城市达标面积比例达到52%，未完成的将予以通报批评[1]。",
    "a negation": "延庆区不再开展海绵城市建设[1]。",
    "English": "The sponge city ratio of Yanqing will reach 52% [1].",
    "a label of its own": "延庆区达到52%〔延庆指标·第9项〕[1]。",
    "a wall of text": "延庆区持续开展海绵城市建设" * 30 + "[1]。",
}  # fmt: skip


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
def test_what_is_untrue_does_not_leave(scripted: Scripted, said: str) -> None:
    """The model insists when it is asked to mend it: the plan's own words stand in its place."""
    engine, _ = scripted(said)
    plain = Engine(engine.index).ask(COMPARE)
    answer = engine.ask(COMPARE)
    written = counts(answer)
    assert (written["sentences"], written["supported"], written["repaired"]) == (1, 0, 0)
    assert written["problems"] and written["fallback"]
    assert (answer.writer, answer.text) == ("extractive", plain.text)
    assert all(s.writer == "extractive" for s in answer.statements)
    named = re.search(r"\[[12]\]", said) is not None
    assert written["replaced"] == named == any(s.replaced for s in answer.statements)
    assert written["dropped"] == (not named)


def test_a_sentence_is_mended_once_by_what_is_wrong_with_it(scripted: Scripted) -> None:
    def says(body: dict[str, Any]) -> Say:
        if repaired(body):
            return Say(FIGURE.format("52%"))
        return Say(FIGURE.format("58%") + "怀柔区建成区海绵城市达标面积比例达到44%[2]。")

    engine, server = scripted(says)
    answer = engine.ask(COMPARE)
    written = counts(answer)
    assert (written["supported"], written["repaired"], written["replaced"]) == (1, 1, 0)
    assert "58%" in user(server.asked[1]) and "58% 在引用处没有" in user(server.asked[1])
    assert "58%" not in answer.text
    assert [s.writer for s in answer.statements] == ["openai:scripted"] * 2 + ["extractive"]
    assert answer.statements[-1].kind == "computed", "the difference is the store's"


def test_a_sentence_that_stays_wrong_is_the_plans_own_and_marked(scripted: Scripted) -> None:
    engine, _ = scripted(
        lambda body: Say(
            "" if repaired(body) else FIGURE.format("58%") + "怀柔区建成区海绵城市达标面积比例达到44%[2]。"
        )
    )
    answer = engine.ask(COMPARE)
    first, second, _ = answer.statements
    assert first.writer == "openai:scripted" and not first.replaced
    assert second.writer == "extractive" and "58%" in second.replaced and "52%" in second.text
    assert answer.as_json()["statements"][1]["replaced"] == second.replaced
    assert counts(answer)["replaced"] == 1
    assert grounded(engine, answer)


@pytest.mark.parametrize("then", ["hang", "ping", "drop"])
def test_a_stream_that_breaks_off_keeps_what_stood(scripted: Scripted, then: Any) -> None:
    """Half a sentence does not leave; the measure that it was about is quoted."""
    half = FIGURE.format("52%") + "怀柔区的达标面积比例达到"
    engine, _ = scripted(lambda body: Say(half, then), Limits(first_s=20, total_s=1.5))
    answer = engine.ask(COMPARE)
    assert [s.writer for s in answer.statements] == ["openai:scripted", "extractive", "extractive"]
    written = counts(answer)
    assert (written["supported"], written["added"]) == (1, 1)
    assert "怀柔区的达标面积比例达到" not in answer.text.replace("达到44%", "")
    if then != "drop":
        assert "限定的时间" in written["stopped"]


@pytest.mark.parametrize(
    ("say", "why"),
    [
        (Say(status=500), "模型服务出错（500）"),
        (Say(status=401), "WENCE_API_KEY"),
        (Say(status=404), "404"),
        (Say(status=429), "限流"),
        (Say(""), "没有写出"),
        (Say("", "hang"), "限定的时间"),
        (Say("嗯" * 4000), "没有写出"),
        (Say("好的，以下是答复：\n"), "没有写出"),
    ],
)
def test_a_model_that_says_nothing_leaves_the_quoting_answer(scripted: Scripted, say: Say, why: str) -> None:
    engine, server = scripted(lambda body: say, Limits(first_s=1.5, total_s=3), key="sk-secret")
    answer = engine.ask(COMPARE)
    assert answer.text == Engine(engine.index).ask(COMPARE).text
    assert answer.writer == "extractive"
    assert why in counts(answer)["fallback"]
    assert "sk-secret" not in str(answer.as_json()) and "127.0.0.1" not in str(answer.as_json())
    assert set(server.keys) == {"Bearer sk-secret"}


def test_several_questions_share_the_time_of_one(scripted: Scripted) -> None:
    """Each part is worded for itself; what comes after the time is up is quoted."""
    both = "延庆区今年PM2.5目标是多少？怀柔区建成区海绵城市达标面积比例要达到多少？"
    engine, server = scripted(honest)
    assert counts(engine.ask(both))["supported"] == len(server.asked) == 2
    engine, server = scripted(lambda body: Say("", "hang"), Limits(1, 1))
    answer = engine.ask(both)
    assert len(server.asked) == 1, "the second is not even asked"
    assert answer.text == Engine(engine.index).ask(both).text


def test_a_model_that_repeats_itself_is_stopped(scripted: Scripted) -> None:
    engine, _ = scripted(FIGURE.format("52%") * 40)
    answer = engine.ask(COMPARE)
    written = counts(answer)
    assert (written["supported"], written["repeated"]) == (1, 3)
    assert "重复" in written["stopped"]
    assert answer.text.count("52%（") == 1


def test_lists_duties_and_refusals_are_never_worded(scripted: Scripted) -> None:
    engine, server = scripted(honest)
    for question in (
        "延庆区水务局牵头哪些措施？",
        "一共有多少条措施提到噪声？",
        "楼下饭馆天天冒油烟，归谁管？",
        "延庆区森林覆盖率是不是要达到70%？",
        "上海的无废城市谁负责？",
        "你好",
    ):
        answer = engine.ask(question)
        assert answer.writing is None and answer.writer == "extractive"
    assert server.asked == []


def test_what_does_not_fit_is_counted_with_its_labels(scripted: Scripted) -> None:
    """Whole measures are left out, the weakest first; none is cut, and all are cited."""
    engine, server = scripted(honest, context=2200)
    answer = engine.ask(SUMMARY)
    plain = Engine(engine.index).ask(SUMMARY)
    written = counts(answer)
    shown = measures(server.asked[0])
    assert written["left_out"] > 3 and len(shown) == written["supported"]
    whole = {citation.record.text for citation in plain.citations}
    assert {columns["内容"] for _, columns in shown} <= whole
    last = answer.statements[-1]
    assert last.kind == "computed" and f"共{written['left_out']}条" in last.text
    assert {c.record.id for c in answer.citations} == {c.record.id for c in plain.citations}
    assert grounded(engine, answer)


def test_nothing_fits(scripted: Scripted) -> None:
    engine, server = scripted(honest, context=700)
    answer = engine.ask(COMPARE)
    assert "放不进" in counts(answer)["fallback"] and server.asked == []
    assert answer.text == Engine(engine.index).ask(COMPARE).text


def test_the_stream_gives_evidence_first_and_then_each_sentence(scripted: Scripted) -> None:
    engine, _ = scripted(honest)
    answers = list(engine.stream(COMPARE))
    assert answers[0].statements == () and len(answers[0].citations) == 2
    assert [len(a.statements) for a in answers] == [0, 1, 2, 3, 3]
    for before, after in pairwise(answers):
        assert after.text.startswith(before.text)


def test_many_at_once_get_the_quoting_answer_where_the_line_is_full(scripted: Scripted) -> None:
    engine, _ = scripted(honest, running=1, waiting=0)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(engine.ask, [COMPARE] * 16))
    assert all(grounded(engine, answer) for answer in answers)
    busy = [a for a in answers if "正忙" in counts(a)["stopped"]]
    assert len(busy) < len(answers) and all(a.writer == "extractive" for a in busy)


@pytest.mark.parametrize("then", ["hang", "ping"])
def test_a_silent_server_is_left_at_once_when_nobody_waits(scripted: Scripted, then: Any) -> None:
    """The line to it is broken off, so that the next question has its turn."""
    gone = threading.Event()

    def says(body: dict[str, Any]) -> Say:
        gone.set()
        return Say("", then)

    engine, _ = scripted(says, Limits(60, 60), running=1, waiting=0)
    *_, last = engine.stream(COMPARE, cancelled=gone)
    assert last.text == Engine(engine.index).ask(COMPARE).text
    gate = engine.writer.model._gate  # type: ignore[attr-defined]
    with gate._changed:
        assert gate._changed.wait_for(lambda: gate._inside == 0, 20)


def test_a_server_that_knows_less_is_asked_in_plain_words(scripted: Scripted) -> None:
    """A 400 for what only some servers know (chat_template_kwargs) is asked again without."""
    engine, server = scripted(
        lambda body: Say(status=400) if "chat_template_kwargs" in body else honest(body)
    )
    assert counts(engine.ask(COMPARE))["supported"] == 2
    assert counts(engine.ask(COMPARE))["supported"] == 2
    assert ["chat_template_kwargs" in body for body in server.asked] == [True, False, False]
