"""An embedding model behind a server: the vectors of its model, or an error that says what is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedding import Encoder, Vectors, bulk_encoder
from index.embedding_server import FEW, REQUESTS, RETRIES, TEXTS, ServedEncoder, described
from index.errors import ModelError
from index.manifest import Inputs
from index.served import Served, embedding_model
from tests.model_server import Embed, ModelServer, Say, model_server

KEY = "sk-secret"


@pytest.fixture(autouse=True)
def _asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.0)


@contextmanager
def serving(
    says: Callable[[dict[str, Any]], Say | Embed], name: str = "model"
) -> Iterator[tuple[ModelServer, ServedEncoder]]:
    with (
        model_server(says) as server,
        closing(ServedEncoder(Served(name, server.url, KEY))) as encoder,
    ):
        yield server, encoder


def texts(count: int) -> list[str]:
    return [f"第{n}项：餐饮油烟专项治理{n * 7}家" for n in range(count)]


def embedding(encoder: Encoder, **how: Any) -> Callable[[dict[str, Any]], Embed]:
    """What a server says that has the model of `encoder`."""
    return lambda body: Embed(encoder.encode(body["input"]) * 3, **how)


@pytest.mark.parametrize("base64", [True, False])
def test_a_server_gives_the_vectors_of_its_model(encoder: Encoder, base64: bool) -> None:
    """Several requests under way at a time, answers in any order, blanks not sent."""
    together = threading.Barrier(REQUESTS)

    def says(body: dict[str, Any]) -> Embed:
        if len(body["input"]) == TEXTS:
            together.wait(timeout=20)  # fails where fewer are under way
        numbers = list(reversed(range(len(body["input"]))))
        return Embed(encoder.encode([body["input"][n] for n in numbers]), numbers, base64)

    asked = ["", *texts(TEXTS * REQUESTS), " \n", "油烟"]
    with serving(says) as (server, served):
        vectors = served.encode(asked)
        assert sorted(len(body["input"]) for body in server.asked) == [1, *[TEXTS] * REQUESTS]
        assert {body["model"] for body in server.asked} == {"model"}
        assert set(server.keys) == {f"Bearer {KEY}"}
        np.testing.assert_array_equal(served.encode([""]), np.zeros_like(vectors[:1]))
    assert vectors.dtype == np.float32
    assert not vectors[0].any() and not vectors[-2].any()
    filled = [at for at, text in enumerate(asked) if text.strip()]
    np.testing.assert_allclose(vectors[filled], encoder.encode([asked[at] for at in filled]), atol=1e-6)


def test_words_in_front_go_by_the_models_name(encoder: Encoder) -> None:
    with serving(embedding(encoder), "BAAI/bge-large-zh-v1.5") as (server, served):
        served.encode(["油烟"])
        served.encode_queries(["油烟"])
    assert [body["input"] for body in server.asked] == [
        ["油烟"],
        ["为这个句子生成表示以用于检索相关文章：油烟"],
    ]


def test_a_server_that_stumbles_is_asked_again(encoder: Encoder) -> None:
    stumbles = [Say(status=429, again_ms=1), Say(status=503), Say(then="cut"), Say(status=500)]

    def says(body: dict[str, Any]) -> Say | Embed:
        return stumbles.pop() if stumbles else Embed(encoder.encode(body["input"]))

    asked = texts(FEW + 1)
    with serving(says) as (server, served):
        np.testing.assert_allclose(served.encode(asked), encoder.encode(asked), atol=1e-6)
        assert len(server.asked) == 5


@pytest.mark.parametrize(
    ("say", "asked", "said"),
    [
        (Say(status=503), RETRIES + 1, "模型服务出错（503）"),
        (Say(then="cut"), RETRIES + 1, "连不上模型服务"),
        (Say(status=401), 1, "不接受密钥；请检查环境变量 WENCE_API_KEY"),
        (Say(status=404), 1, "模型服务没有 model，或地址不对"),
        (Say(status=400), 1, f"最长的一条有 {len(texts(FEW + 1)[-1])} 字"),
    ],
)
def test_a_server_that_fails_is_an_error_after_a_limit(say: Say, asked: int, said: str) -> None:
    with serving(lambda body: say) as (server, served):
        with pytest.raises(ModelError, match=said) as told:
            served.encode(texts(FEW + 1))
        assert server.url in str(told.value) and KEY not in str(told.value)
        assert len(server.asked) == asked


def test_a_question_waits_for_no_long_retries() -> None:
    with serving(lambda body: Say(status=503)) as (server, served):
        with pytest.raises(ModelError, match="503）），暂时不能查找") as told:
            served.encode_queries(["油烟"])
        assert len(server.asked) == 2
        assert "127.0.0.1" not in str(told.value)  # who asks a question reads it


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Embed([[1, 0]]), "要 2 条文本的向量，给了 1 条"),
        (Embed([[1, 0]] * 3), "要 2 条文本的向量，给了 3 条"),
        (Embed([[1, 0]] * 2, [0, 0]), "编号不对"),
        (Embed([[1, 0], [0, float("nan")]]), "不是数的值"),
        (Embed([[1, 0], [0, float("inf")]], base64=True), "不是数的值"),
        (Embed([[1, 0], [1]]), "答复不是向量"),
        (Embed([[], []]), "不是数的值"),
        (Embed([]), "答复不是向量"),
        (Say("说的是话"), "答复不是向量"),
    ],
)
def test_an_answer_that_is_no_vectors_is_an_error(answer: Say | Embed, said: str) -> None:
    with serving(lambda body: answer) as (_, served), pytest.raises(ModelError, match=said):
        served.encode(["油烟", "噪声"])


def test_dimensions_do_not_change() -> None:
    sizes = iter((2, 3))
    with serving(lambda body: Embed([[1.0] * next(sizes)])) as (_, served):
        served.encode(["油烟"])
        with pytest.raises(ModelError, match="先给 2 维的向量，又给 3 维的"):
            served.encode(["油烟"])


@pytest.mark.parametrize("spec", ["openai:bge", "openai:bge@ftp://h/v1", "openai:bge@http://u:secret@h/v1"])
def test_a_setting_that_names_no_model_is_told(tmp_path: Path, spec: str) -> None:
    with pytest.raises(ModelError) as told:
        embedding_model(spec, tmp_path)
    assert "secret" not in str(told.value)
    assert embedding_model("openai:bge:x@http://h/v1", tmp_path, KEY) == Served("bge:x", "http://h/v1")


def test_another_model_behind_the_same_name_is_noticed(encoder: Encoder) -> None:
    """And the same one is known, though another machine gives it with a little noise."""
    noise = np.random.default_rng(7).normal(0, 1e-3, (1, encoder.encode(["油"]).shape[1]))
    models: list[Callable[[Vectors], Vectors]] = [
        lambda vectors: vectors,
        lambda vectors: vectors + noise.astype(np.float32),
        lambda vectors: np.roll(vectors, 1, axis=1),
        lambda vectors: vectors[:, :99],
    ]
    with model_server(lambda body: Embed(models[0](encoder.encode(body["input"])))) as server:
        served = Served("m", server.url, KEY)
        built = Inputs({}, {}, {}, described(served), "")
        for same in (True, True, False, False):
            now = replace(built, model=described(served))
            assert built.same_vectors(now) is same
            assert built.changes(now) == ([] if same else ["向量模型"])
            models.pop(0)
    assert KEY not in str(built)


def test_a_build_with_workers_closes_what_it_opens(encoder: Encoder) -> None:
    with model_server(embedding(encoder)) as server, bulk_encoder(Served("m", server.url), 2) as served:
        assert served.encode(["油烟"]).shape == (1, 256)
    with pytest.raises(RuntimeError, match="closed"):
        served.encode(["油烟"])
