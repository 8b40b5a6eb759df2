"""An embedding model behind an OpenAI-compatible server: vLLM, TEI, Ollama, llama.cpp, a vendor's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding import Vectors, prefixes, unit
from index.errors import ModelError
from index.served import Served

if TYPE_CHECKING:
    from openai import OpenAI

log = logging.getLogger("wence.embedding")
TEXTS = 64  # of one request
REQUESTS = 8  # under way at a time
FEW = 8  # texts that a question may need: answered or given up within seconds
READ_S, FEW_READ_S = 120.0, 10.0
RETRIES, FEW_RETRIES = 6, 1
PROBE = "延庆区生态环境局牵头，2026年底前细颗粒物年均浓度控制在26微克/立方米。"
SAME = 0.999  # cosine of the probe's vectors: the same model on other hardware or in another batch is above


class ServedEncoder:
    """See `Encoder`. Blank texts, which servers refuse, get a vector of zeros.

    The dimensions are learnt from the first answer. Whatever is asked raises ModelError where the server
    cannot be reached, refuses, or gives something other than one finite vector for each text.
    """

    def __init__(self, served: Served) -> None:
        self.name = served.model
        self._served = served
        self._query, self._document = prefixes(served.model)
        self._bulk = served.client(READ_S, RETRIES)
        self._first = self._bulk.with_options(max_retries=FEW_RETRIES)  # the server may load its model yet
        self._quick = served.client(FEW_READ_S, FEW_RETRIES)
        self._dimensions = 0
        self._learning = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`; `REQUESTS` requests of `TEXTS` texts at a time."""
        return self._encoded(texts, self._document)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encoded(texts, self._query)

    def probe(self) -> Vectors:
        """The vector of `PROBE`, shape (dimensions,), length one."""
        vectors: Vectors = unit(self._answered([PROBE], self._first))[0]
        return vectors

    def close(self) -> None:
        """Let the connections go."""
        self._bulk.close()
        self._quick.close()

    def _encoded(self, texts: Sequence[str], prefix: str) -> Vectors:
        filled = [at for at, text in enumerate(texts) if text.strip()]
        asked = [prefix + texts[at] for at in filled]
        parts = [asked[at : at + TEXTS] for at in range(0, len(asked), TEXTS)]
        asking = partial(self._answered, client=self._quick if len(asked) <= FEW else self._bulk)
        if len(parts) > 1:
            with ThreadPoolExecutor(REQUESTS) as pool:  # what has not begun when one fails is not asked
                answers = list(pool.map(asking, parts))
        else:
            answers = [asking(part) for part in parts]
        vectors = np.zeros((len(texts), self._dimensions or len(self.probe())), dtype=np.float32)
        if answers:
            vectors[filled] = unit(np.concatenate(answers))
        return vectors

    def _answered(self, texts: list[str], client: OpenAI) -> Vectors:
        """The vectors of one request."""
        import openai

        try:
            answer = client.embeddings.create(model=self._served.model, input=texts)
            return self._checked(answer.data, len(texts))
        except openai.OpenAIError as error:
            why = self._served.wrong(error) + _longest(error, texts)
        except _NoVectorsError as error:
            why = str(error)
        except (ValueError, TypeError, AttributeError) as error:  # what an odd answer makes of itself
            why = f"答复不是向量（{type(error).__name__}）"
        raise self._failed(why, client)

    def _checked(self, data: Sequence[Any], asked: int) -> Vectors:
        """The vectors of an answer in the order of the texts, shape (asked, dimensions)."""
        ordered = sorted(data, key=lambda item: item.index)
        if [item.index for item in ordered] != list(range(asked)):
            raise _NoVectorsError(f"要 {asked} 条文本的向量，给了 {len(data)} 条或编号不对")
        vectors = np.asarray([item.embedding for item in ordered], dtype=np.float32)
        if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
            raise _NoVectorsError("给的向量里有不是数的值")
        with self._learning:
            self._dimensions = self._dimensions or vectors.shape[1]
        if vectors.shape[1] != self._dimensions:
            raise _NoVectorsError(f"先给 {self._dimensions} 维的向量，又给 {vectors.shape[1]} 维的")
        return vectors

    def _failed(self, why: str, client: OpenAI) -> ModelError:
        """The error for whoever asked: who builds is told the address, who asks a question is not."""
        there = f"{self._served.model}@{self._served.url}"
        if client is self._quick:
            log.warning("%s: %s", there, why)
            return ModelError(f"向量模型用不了（{why}），暂时不能查找；请稍后再试，或告知管理员。")
        return ModelError(f"向量模型 {there} 用不了：{why}。请检查 WENCE_EMBEDDING 和那边的服务。")


class _NoVectorsError(ValueError):
    """An answer that does not give each text its vector; the message says why."""


def _longest(error: Exception, texts: Sequence[str]) -> str:
    """What to add where a server refuses the texts: mostly one is longer than its model reads."""
    if getattr(error, "status_code", 0) not in (400, 413, 422):
        return ""
    return f"，最长的一条有 {max(map(len, texts))} 字；如果超过模型的长度，请让服务自动截断"


def described(served: Served) -> dict[str, str]:
    """What tells the model behind a server from others, for the manifest: it has no files to hash.

    Its name and address, the dimensions, and the vector of `PROBE` to four places: another model
    behind the same name is noticed by it. Compare by `same_model`.

    Raises:
        ModelError: the server does not answer.
    """
    encoder = ServedEncoder(served)
    try:
        probe = encoder.probe()
    finally:
        encoder.close()
    known = {"served": served.model, "url": served.url, "dimensions": str(len(probe))}
    return known | {"probe": " ".join(f"{value:.4f}" for value in probe)}


def same_model(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two descriptions in manifests are of the same model; the probe's vectors to within `SAME`."""
    if without_probe(one) != without_probe(other):
        return False
    first, second = (np.array([float(x) for x in a.get("probe", "").split()]) for a in (one, other))
    if first.shape != second.shape:
        return False
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    return lengths == 0 or float(first @ second) / lengths >= SAME


def without_probe(model: Mapping[str, str]) -> dict[str, str]:
    """What of a description is the same to the letter each time."""
    return {name: said for name, said in model.items() if name != "probe"}
