"""What the page does with an engine that is not there or breaks, and with what it is sent."""

import pytest

from api.answering import Answering
from api.serving import NotReadyError
from index.errors import IndexFolderError, StoreUnreachableError
from rag.engine import Engine
from ui import chat
from ui.failures import failed
from ui.house import House
from ui.turns import CONVERSATION, Turn

NOTHING: tuple[list[str], ...] = ([], [], [], [])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotReadyError("正在加载。"), "正在加载。"),
        (StoreUnreachableError("主机 db.inside 没有应答"), StoreUnreachableError.to_readers),
        (IndexFolderError("索引坏了。"), "索引坏了。"),
        (ZeroDivisionError("secret"), failed("回答")),
    ],
)
def test_a_failure_is_one_sentence_and_the_text_stays(error: Exception, said: str) -> None:
    def engine() -> Engine:
        raise error

    earlier = '[{"question":"先前","text":"答过"}]'
    ((typed, _, _, notice, past),) = chat.replies(House(Answering(engine)), "谁牵头？", earlier, *NOTHING)
    assert (typed, past) == ("谁牵头？", earlier)
    assert said in notice
    assert "secret" not in notice


def test_a_scope_that_is_not_known_is_said(engine: Engine) -> None:
    scope = ([], ["火星区"], [], [])
    ((typed, _, _, notice, _),) = chat.replies(House(Answering(lambda: engine)), "谁牵头？", "[]", *scope)
    assert typed == "谁牵头？"
    assert "火星区" in notice


def test_a_long_conversation_is_remembered_at_its_end(engine: Engine) -> None:
    earlier = CONVERSATION.dump_json(
        [Turn(question=f"第{n}问", text="答" * 15_000) for n in range(9)]
    ).decode()
    *_, (_, talk, _, notice, past) = chat.replies(House(Answering(lambda: engine)), "你好", earlier, *NOTHING)
    assert [told.question for told in CONVERSATION.validate_json(past)] == ["第6问", "第7问", "第8问", "你好"]
    assert "第5问" not in talk
    assert chat.LONG in notice


@pytest.mark.parametrize("past", ["", "{", "[[1,2]]", '[{"question":1}]', '[{"path":"/etc/passwd"}]'])
def test_what_is_no_conversation_is_one_sentence(engine: Engine, past: str) -> None:
    ((typed, _, _, notice, _),) = chat.replies(House(Answering(lambda: engine)), "你好", past, *NOTHING)
    assert typed == "你好"
    assert failed("回答") in notice
