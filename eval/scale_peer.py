"""LangChain's ensemble over the same texts, words and vectors, as far as it goes on this machine.

It has no filter that comes before ranking for both its parts: a question with a scope is asked as it is, and
its words read the plan's title, which names county and year, before each text.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from eval.memory import Memory, watched
from eval.peers import ensemble
from eval.scale_ask import one_core, timed
from eval.synthetic import Synthetic
from eval.synthetic_questions import Asked, named, scoped
from index.embedding import SHIPPED, load_encoder
from index.store import searchable

TOP = 10


def ask(size: int, seed: int, vectors: Path, questions: int, seconds: float) -> dict[str, Any]:
    """Build the ensemble of the first `size` measures in memory and ask it as ours is asked.

    It is asked fewer questions where all of them would take longer than `seconds`.

    Raises:
        PeersMissingError: the optional packages are not installed.
    """
    one_core()
    corpus = Synthetic(seed)
    ids, texts = [], []
    for entry in corpus.plans(size):
        for measure in entry.measures:
            ids.append(measure.id)
            texts.append(f"{entry.plan.title} {searchable(measure)}")
    with watched() as peak:
        started = time.perf_counter()
        retriever = ensemble(texts, np.load(vectors, mmap_mode="r")[:size], load_encoder(SHIPPED))
        built = time.perf_counter() - started

    def search(asked: Asked) -> list[str]:
        found = retriever.invoke(asked.question)
        return [ids[document.metadata["n"]] for document in found[:TOP]]

    first = named(corpus, size, 1, seed)[0]
    started = time.perf_counter()
    search(first)
    bearable = min(questions, max(10, int(seconds / 2.5 / (time.perf_counter() - started))))
    of_kind = {
        "scoped": scoped(corpus, size, bearable + bearable // 4, seed),
        "named": named(corpus, size, bearable + bearable // 4, seed),
    }
    queries = timed(of_kind, search)
    memory = Memory.now()
    return {
        "build": {"seconds": round(built, 3), "rate": round(size / built), "peak": {"rss": peak.rss}},
        "memory": None
        if memory is None
        else {"rss": memory.rss, "pss": memory.pss, "anonymous": memory.anonymous},
        "queries": queries,
    }
