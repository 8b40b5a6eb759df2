"""Differences: worked out rightly, and caught where they are not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Statement
from rag.differences import difference, is_difference, wrong
from rag.engine import Engine
from rag.figures import Figure, figures

AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=2)
UNITS = st.sampled_from(["%", "家", "公里", "微克/立方米", "吨", "项"])


@given(AMOUNTS, AMOUNTS, UNITS)
def test_a_difference_holds_against_its_own_figures(one: Decimal, other: Decimal, unit: str) -> None:
    sides = [("全市", Figure(one, unit)), ("延庆区", Figure(other, unit))]
    said = difference(sides)
    assert said is not None and is_difference(said)
    assert wrong(said, [figure for _, figure in sides]) == []


@given(AMOUNTS, AMOUNTS, UNITS, st.decimals(min_value=1, max_value=99, places=0))
def test_a_difference_of_other_figures_is_caught(
    one: Decimal, other: Decimal, unit: str, more: Decimal
) -> None:
    sides = [("全市", Figure(one, unit)), ("延庆区", Figure(other, unit))]
    said = difference(sides)
    assert said is not None
    held = [Figure(one + more, unit), Figure(other + 2 * more, unit)]
    if {f.value for f in held} != {one, other}:
        assert wrong(said, held) != []


@given(AMOUNTS, AMOUNTS)
def test_higher_and_lower_cannot_trade_places(one: Decimal, other: Decimal) -> None:
    said = difference([("全市", Figure(one, "家")), ("延庆区", Figure(other, "家"))])
    assert said is not None
    if one != other:
        assert wrong(said.replace("高", "低"), [Figure(one, "家"), Figure(other, "家")]) != []


@pytest.mark.parametrize(
    "texts", [("44%", "52个"), ("2%-5%", "3%"), ("44%",)], ids=["other units", "a range", "one side"]
)
def test_what_cannot_be_compared_is_not(texts: tuple[str, ...]) -> None:
    assert difference([("甲", figures(text)[0]) for text in texts]) is None


def test_the_door_works_a_difference_out_again(engine: Engine) -> None:
    answer = engine.ask("延庆的森林覆盖率目标比全市高多少？")
    (said,) = [s for s in answer.statements if s.kind == "computed"]
    assert "20.22个百分点" in said.text
    assert engine.grounding.problems(said) == []
    for one, other in (("20.22", "20.23"), ("45%", "46%"), ("高", "低"), ("延庆", "怀柔")):
        changed = replace(said, text=said.text.replace(one, other))
        if one != "延庆":
            assert engine.grounding.problems(changed) != [], (one, other)


def test_a_difference_without_its_labels_does_not_leave(engine: Engine) -> None:
    ids = ("bj-green-2026/33/1", "yq-green-2026/31/1")
    bare = Statement("延庆区的65.22%比全市的45%高20.22个百分点。", "computed", ids)
    assert engine.grounding.problems(bare) != []
