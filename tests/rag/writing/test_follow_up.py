"""A model may say what a follow-up leaves out; it may not move it to another place or department."""

from __future__ import annotations

import pytest

from index.folder import OpenIndex
from rag.engine import Engine
from rag.writing.follow_up import FollowUps
from rag.writing.server import OpenAIModel
from tests.model_server import Say, model_server, user

FIRST, THEN = "怀柔区海绵城市达标面积比例是多少？", "谁牵头？"


def asked(index: OpenIndex, says: Say, question: str = THEN) -> tuple[str, str, str]:
    """The text, what it was understood as, and what the model was asked."""
    with model_server(lambda body: says) as server:
        engine = Engine(index, follow_ups=FollowUps(OpenAIModel("m", server.url), 1.5))
        answer = engine.ask(question, [FIRST])
        return answer.text, answer.understood, user(server.asked[0])


def test_a_full_question_is_answered_and_shown(index: OpenIndex) -> None:
    full = "怀柔区海绵城市达标面积比例由谁牵头？"
    text, understood, prompt = asked(index, Say(f"<think>补全</think>{full}"))
    assert understood == full.replace("？", "?") or understood == full
    assert text == Engine(index).ask(full).text and "怀柔绿色低碳·第11项" in text
    assert f"<前面的问题>\n{FIRST}\n</前面的问题>" in prompt and f"<追问>{THEN}</追问>" in prompt


@pytest.mark.parametrize(
    "says",
    [
        Say("延庆区海绵城市达标面积比例由谁牵头？"),
        Say("海绵城市达标面积比例由谁牵头？"),
        Say("怀柔区水务局牵头的海绵城市达标面积比例是多少？"),
        Say("怀柔区海绵城市达标面积比例达到50%由谁牵头？"),
        Say("怀柔区海绵城市达标面积比例6月底前由谁牵头？"),
        Say("好的。" * 200),
        Say(""),
        Say("", "hang"),
        Say(status=500),
    ],
    ids=["place", "no place", "department", "figure", "date", "long", "nothing", "hangs", "fails"],
)
def test_where_it_says_more_or_other_the_rules_hold(index: OpenIndex, says: Say) -> None:
    text, understood, _ = asked(index, says)
    assert (text, understood) == (Engine(index).ask(THEN, [FIRST]).text, "")


def test_a_first_question_is_not_rewritten(index: OpenIndex) -> None:
    with model_server("延庆区") as server:
        engine = Engine(index, follow_ups=FollowUps(OpenAIModel("m", server.url), 1.5))
        assert engine.ask(FIRST).understood == ""
        assert server.asked == []
