"""Before the engine is there, when it cannot be loaded, and when it breaks."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from api.app import create_app
from api.problems import INTERNAL
from api.serving import LOADING, WARM_UP
from corpus.errors import SourceError
from index.errors import IndexFolderError, ModelError
from rag.engine import Engine
from rag.writing.writer import Extractive
from tests.api.serving import readiness, served, wait_ready

CHECKED = SimpleNamespace(check=lambda: None)
QUESTION = {"question": "谁牵头管秸秆露天焚烧？"}


def broken(error: Exception) -> Callable[..., Any]:
    def fail(*arguments: Any, **keywords: Any) -> Any:
        raise error

    return fail


def get(url: str) -> tuple[int, Any]:
    response = httpx.get(url, trust_env=False)
    return response.status_code, response.json()


def test_it_is_alive_at_once_and_ready_when_warm(engine: Engine) -> None:
    asked: list[str] = []
    go = threading.Event()

    class Warmed:
        index = CHECKED

        def ask(self, question: str) -> None:
            asked.append(question)
            go.wait()

    with served(create_app(lambda: cast("Engine", Warmed()))) as url:
        assert get(f"{url}/healthz") == (200, {"status": "ok"})
        response = httpx.post(f"{url}/v1/ask", json=QUESTION, trust_env=False)
        assert (response.status_code, response.json()["detail"]) == (503, LOADING)
        for path in ("/readyz", "/v1/measures/bj-green-2026/13/1"):
            status, problem = get(url + path)
            assert (status, problem["detail"]) == (503, LOADING)
        go.set()
        wait_ready(url)
    assert asked == [WARM_UP]
    assert not engine.ask(WARM_UP).refused


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (IndexFolderError("索引坏了。"), "加载失败：索引坏了。"),
        (ModelError("找不到模型。"), "加载失败：找不到模型。"),
        (SourceError("plan.txt", 7, "缺一列。"), "加载失败：plan.txt 第7行：缺一列。"),
        (RuntimeError("secret"), "加载失败（内部错误），请查看服务日志。"),
    ],
)
def test_a_failed_load_is_said_and_the_process_lives(error: Exception, said: str) -> None:
    with served(create_app(broken(error))) as url:
        problem = readiness(url, lambda response: response.json()["detail"] != LOADING)
        assert problem["detail"].startswith(said)
        assert "secret" not in problem["detail"]
        assert get(f"{url}/healthz") == (200, {"status": "ok"})
        response = httpx.post(f"{url}/v1/ask", json=QUESTION, trust_env=False)
        assert (response.status_code, response.json()["detail"]) == (503, problem["detail"])


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (IndexFolderError("索引坏了。"), 503, "索引坏了。"),
        (ZeroDivisionError("secret"), 500, INTERNAL),
    ],
)
def test_an_engine_that_breaks_shows_no_traceback(error: Exception, status: int, said: str) -> None:
    breaks = SimpleNamespace(
        index=CHECKED, ask=lambda question: None, stream=broken(error), writer=Extractive()
    )
    with served(create_app(lambda: cast("Engine", breaks))) as url:
        wait_ready(url)
        response = httpx.post(f"{url}/v1/ask", json=QUESTION, trust_env=False)
    assert (response.status_code, response.json()["detail"]) == (status, said)
