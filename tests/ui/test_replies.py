"""What the page does with an engine that is not there or breaks."""

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

    earlier = [{"role": "user", "content": [{"type": "text", "text": "先前"}]}]
    ((typed, messages, _, notice),) = page._replies(Answering(engine), "谁牵头？", earlier)
    assert (typed, messages) == ("谁牵头？", earlier)
    assert said in notice
    assert "secret" not in notice
