"""The words of a list: the longest that stand in records, however long the question is."""

from __future__ import annotations

import pytest

from index.folder import OpenIndex
from rag.listed_words import ListedWords, Words

LONG = 2000


@pytest.fixture(scope="module")
def words(index: OpenIndex) -> ListedWords:
    return ListedWords(index.store)


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
