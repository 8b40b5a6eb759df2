"""What the page does with an engine that is not there or breaks, and with what it is sent."""

import json

import pytest

from api.answering import Answering
from api.serving import NotReadyError
from index.errors import IndexFolderError
from rag.engine import Engine
from ui import page


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotReadyError("正在加载。"), "正在加载。"),
        (IndexFolderError("索引坏了。"), "索引坏了。"),
        (ZeroDivisionError("secret"), page.FAILED),
    ],
)
def test_a_failure_is_one_sentence_and_the_text_stays(error: Exception, said: str) -> None:
    def engine() -> Engine:
        raise error

    earlier = '[["先前","答过"]]'
    ((typed, _, _, notice, past),) = page._replies(Answering(engine), "谁牵头？", earlier)
    assert (typed, past) == ("谁牵头？", earlier)
    assert said in notice
    assert "secret" not in notice


def test_a_long_conversation_is_remembered_at_its_end(engine: Engine) -> None:
    earlier = json.dumps([[f"第{n}问", "答" * 15_000] for n in range(9)])
    *_, (_, messages, _, _, past) = page._replies(Answering(lambda: engine), "你好", earlier)
    assert [asked for asked, _ in json.loads(past)] == ["第7问", "第8问", "你好"]
    assert [m["content"] for m in messages if m["role"] == "user"] == ["第7问", "第8问", "你好"]


@pytest.mark.parametrize("past", ["", "{", "[[1,2]]", '[["a"]]', '[[{"path": "/etc/passwd"}, "b"]]'])
def test_what_is_no_conversation_is_one_sentence(engine: Engine, past: str) -> None:
    ((typed, _, _, notice, _),) = page._replies(Answering(lambda: engine), "你好", past)
    assert typed == "你好"
    assert page.FAILED in notice
