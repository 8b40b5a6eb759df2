"""A stream is cut into the same sentences however it arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.sentences import Cutter, Sentence

STREAM = (
    "<think>先想想。再想想[1]。</think>\n延庆区要达到52%[1]。怀柔区达到44%。[2][3]\n- **海绵城市**达到52%"
    "【1、2】；其他[3]。以下如下：\n1. “第一条。”[4]2.5公里[措施5]。\n半句话没有写完"
)


def cut(text: str, sizes: list[int], *, broken: bool) -> list[Sentence]:
    cutter, found, at = Cutter(), [], 0
    for size in sizes:
        found += cutter.feed(text[at : at + size])
        at += size
    return found + cutter.feed(text[at:]) + cutter.finish(cut=broken)


@given(st.lists(st.integers(1, 9), max_size=60))
def test_the_pieces_do_not_matter(sizes: list[int]) -> None:
    assert cut(STREAM, sizes, broken=True) == cut(STREAM, [], broken=True)


def test_numbers_signs_and_thoughts() -> None:
    found = [(s.text, s.numbers) for s in cut(STREAM, [], broken=True)]
    assert found == [
        ("延庆区要达到52%", (1,)),
        ("怀柔区达到44%", (2, 3)),
        ("海绵城市达到52%", (1, 2)),
        ("其他", (3,)),
        ("以下如下：", ()),
        ("“第一条。”", (4,)),
        ("2.5公里", (5,)),
    ]


@pytest.mark.parametrize(
    ("text", "broken", "sentences"),
    [
        ("", False, []),
        ("。。。\n\n---\n", False, []),
        ("没有句号的话[1]", False, ["没有句号的话"]),
        ("没有句号的话", True, []),
        ("带着编号断了的话[1]", True, ["带着编号断了的话"]),
        ("<think>一直想到最后", False, []),
        ("模板开了头的思考。</think>答复[1]。", False, ["答复"]),
    ],
)
def test_what_is_left_at_the_end(text: str, broken: bool, sentences: list[str]) -> None:
    assert [s.text for s in cut(text, [], broken=broken)] == sentences


def test_each_part_of_a_sentence_keeps_its_own_numbers() -> None:
    (sentence,) = cut("延庆为52%[1]，怀柔为44%[2]，都在年底前完成。", [], broken=False)
    assert [(s.text, s.numbers) for s in sentence.segments] == [
        ("延庆为52%", (1,)),
        ("怀柔为44%，都在年底前完成", (2,)),
    ]
    assert sentence.text == "延庆为52%，怀柔为44%，都在年底前完成"


@given(st.text(alphabet="延庆52%。[]1２【】、；\n<>/thinkd：\ud800\x00\u202e", max_size=80))
def test_whatever_comes_is_cut_without_an_error(text: str) -> None:
    for sentence in cut(text, [3, 5], broken=True) + cut(text, [], broken=False):
        assert sentence.text.isprintable() and sentence.text.encode()
        assert all(n >= 0 for n in sentence.numbers)


def test_a_sentence_leaves_as_soon_as_its_numbers_cannot_grow() -> None:
    cutter = Cutter()
    assert cutter.feed("达到52%。") == []
    assert cutter.feed("[1]") == []
    assert [s.numbers for s in cutter.feed("怀")] == [(1,)]
