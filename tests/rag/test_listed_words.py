"""The words of a list: the longest that stand in records, however long the question is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Row, Select

from index.filters import NO_FILTERS
from index.folder import OpenIndex
from index.printed import QUICK, WHOLE, PrintedRecords, PrintedText
from rag.listed_words import ListedWords, Words

LONG = 2000


@pytest.fixture(scope="module")
def words(index: OpenIndex) -> ListedWords:
    return ListedWords(PrintedText(index.store.printed()))


def read(words: ListedWords, rest: str) -> Words:
    return words.read(rest, [], "", marked=True, narrowed=False)


def test_the_longest_word_of_the_records_counts(words: ListedWords) -> None:
    assert read(words, "餐饮油烟") == Words((("餐饮油烟",),))
    assert read(words, "餐饮油烟鼯鼠鼹鼠") == Words((("餐饮油烟",),), ("鼯鼠鼹鼠",))
    assert read(words, "鼯鼠鼹鼠餐饮油烟鼯鼠鼹鼠密云水库").groups == (("餐饮油烟",), ("密云水库",))


def test_words_of_no_record_are_unread(words: ListedWords) -> None:
    long = "鼯鼠鼹鼠" * (LONG // 4)
    assert read(words, long) == Words((), (long,))


def test_many_words_in_one_are_all_found(words: ListedWords) -> None:
    several = "餐饮油烟鼯鼠鼹鼠密云水库鼹鼠鼯鼠"
    found = read(words, several * (LONG // len(several)))
    assert found.groups == (("餐饮油烟",), ("密云水库",))
    assert set(found.unread) == {"鼯鼠鼹鼠", "鼹鼠鼯鼠"}


def test_a_question_costs_a_large_store_no_more_than_some_passes(
    index: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Select[Any]] = []
    rows = index.store.rows

    def counted(query: Select[Any]) -> Sequence[Row[Any]]:
        asked.append(query)
        return rows(query)

    store = index.store.within(NO_FILTERS)
    monkeypatch.setattr(store, "rows", counted)
    words = ListedWords(PrintedRecords(store, known=lambda word: True))
    assert read(words, "餐饮油烟鼯鼠鼹鼠") == Words((("餐饮油烟",),), ("鼯鼠鼹鼠",))
    del asked[:]
    common = "".join(dict.fromkeys("".join(index.store.get(index.store.ids[:9])[n].text for n in range(9))))
    found = read(words, common[:300])
    assert WHOLE <= len(asked) <= WHOLE / QUICK
    assert found.unread
    assert all(word in index.store.printed() for group in found.groups for word in group)
