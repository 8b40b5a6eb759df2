"""An engine that reads nothing whole answers as one that does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.questions import BUNDLED, read_questions
from index import printed
from index.folder import OpenIndex
from rag import near
from rag.counterparts import AllPairs
from rag.engine import Engine


def test_what_is_asked_of_the_database_gives_the_same_answers(
    index: OpenIndex, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(near.counterparts(engine), AllPairs)
    monkeypatch.setattr(printed, "IN_MEMORY", 0)
    monkeypatch.setattr(near, "AT_ONCE", 0)
    large = Engine(index)
    assert isinstance(near.counterparts(large), near.Searched)
    dev = read_questions(BUNDLED / "dev.jsonl")
    lists = [question for question in dev if question.category == "list"]
    assert len(lists) > 40
    for question in [*lists, *dev[::6]]:
        asked = [one.ask(question.question, question.history) for one in (large, engine)]
        given, expected = (replace(answer, timings_ms={}) for answer in asked)
        assert given == expected, question.id
