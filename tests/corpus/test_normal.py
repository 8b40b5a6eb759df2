"""The normalised form: its quick way for most texts, and the long one, are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.normal import normals, with_origin

PRINTED = st.text(st.one_of(st.characters(), st.sampled_from("延庆，。（）ＰＭ２．５—–﹣_{} 　a1“”ﬁ①㎡İ")))


@given(PRINTED)
def test_a_blank_in_front_moves_the_places_and_nothing_else(printed: str) -> None:
    """A blank forces the long way, and is dropped at the start of a text."""
    form, behind_blank = with_origin(printed), with_origin(f" {printed}")
    assert behind_blank.text == form.text
    assert list(behind_blank.origin) == [place + 1 for place in form.origin]


@given(st.lists(PRINTED))
def test_texts_read_together_are_normalised_as_each_is_alone(printed: list[str]) -> None:
    assert normals(printed) == [with_origin(text).text for text in printed]


@pytest.mark.parametrize(
    ("printed", "expected", "origin"),
    [
        ("市级，PM2.5—年底", "市级,pm2.5-年底", list(range(11))),
        ("25㎡", "25m2", [0, 1, 2, 2]),
        ("PM _{2.5}", "pm2.5", [0, 1, 5, 6, 7]),
        ("a　b 市", "a b市", [0, 2, 2, 4]),
        ("甲\u200b乙", "甲乙", [0, 2]),
    ],
)
def test_each_character_leads_back_to_where_it_was_printed(
    printed: str, expected: str, origin: list[int]
) -> None:
    form = with_origin(printed)
    assert form.text == expected
    assert list(form.origin) == origin
