"""What the plans print: the database says the same as the text in memory."""

from __future__ import annotations

from itertools import chain

import pytest

from corpus.normal import normal
from eval.questions import BUNDLED, read_questions
from index.filters import NO_FILTERS
from index.folder import OpenIndex
from index.printed import PrintedRecords, PrintedText
from index.words import tokens


@pytest.fixture(scope="module")
def words() -> list[str]:
    """Pairs of characters, Latin words and figures of all development questions, and what they begin."""
    asked = [normal(question.question) for question in read_questions(BUNDLED / "dev.jsonl")]
    pairs = dict.fromkeys(chain.from_iterable(map(tokens, asked)))
    longer = (text[at : at + 5] for text in asked[::3] for at in range(0, len(text) - 5, 4))
    return [*pairs, *dict.fromkeys(longer), "河", "50%", "_", ""]


@pytest.mark.parametrize("narrowed", [False, True])
def test_the_database_says_what_the_text_says(index: OpenIndex, words: list[str], narrowed: bool) -> None:
    standing = ("bj-green-2026", "yq-green-2026", "bj-eco-145") if narrowed else None
    store = index.store.within(NO_FILTERS, standing)
    held, asked = PrintedText(store.printed()), PrintedRecords(store, index.spelling.may_print)
    found = [word for word in words if held.holds(word)]
    assert len(words) > 4000 and len(found) > 1000
    assert [word for word in words if asked.holds(word)] == found
    for word in found[:: 8 if narrowed else 2]:
        assert asked.lines(word, 61) == held.lines(word, 61)
        assert asked.times(word, 3) == held.times(word, 3)
        assert word in asked.around(word)
    rare = [word for word in found if held.lines(word, 201) <= 200 and word]
    for word in rare[::20]:
        assert asked.around(word).count(word) == held.around(word).count(word)
