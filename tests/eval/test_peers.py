"""The usual pipeline, which the dev extra installs."""

from __future__ import annotations

import warnings

from eval.questions import BUNDLED, read_questions
from index.embedding import Encoder
from index.folder import OpenIndex


def test_the_usual_pipeline_is_measured_beside_ours(index: OpenIndex, encoder: Encoder) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the optional packages, at import
        from corpus.manifest import BUNDLED as SOURCES
        from eval.peers import run_peer

        questions = [q for q in read_questions(BUNDLED / "dev.jsonl") if q.category == "fact"]
        peer = run_peer(questions, index.store, encoder, SOURCES, bigrams=True)
    assert peer["n"] == len(questions)
    assert 0.2 < peer["metrics"]["recall@10"]["all"] < 1
