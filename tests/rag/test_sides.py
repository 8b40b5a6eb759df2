"""What a question sets beside each other."""

from __future__ import annotations

import pytest

from rag.engine import Engine
from rag.question import clean
from rag.sides import sides


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("延庆和怀柔的海绵城市比例哪个高", ["延庆区", "怀柔区"]),
        ("市里和延庆的森林覆盖率对比", ["全市", "延庆区"]),
        ("十四五规划和今年延庆海绵城市比例的差别", ["十四五规划", "延庆区"]),
        ("可再生能源消费占比2025目标和2026目标", ["十四五规划", "全市"]),
        ("十三五末PM2.5是多少，十四五打算降到多少", ["十四五规划所回顾的时期", "十四五规划"]),
        ("海绵城市比例各级分别是多少", ["全市", "延庆区", "怀柔区"]),
    ],
)
def test_sides(engine: Engine, question: str, names: list[str]) -> None:
    reading = engine.read(clean(question))
    assert reading.kind == "compare"
    assert [side.name for side in sides(reading, engine.store.plans)] == names


def test_two_periods_of_one_plan(engine: Engine) -> None:
    answer = engine.ask("十三五末咱北京PM2.5是多少，十四五打算再降到多少")
    assert [c.record.id for c in answer.citations] == ["bj-eco-145/1.1.2/1", "bj-eco-145/2.3/2"]
    assert "38微克/立方米" in answer.text and "35微克/立方米" in answer.text


def test_a_difference_of_bounds_says_so(engine: Engine) -> None:
    answer = engine.ask("十四五规划和今年延庆海绵城市达标比例的差别")
    assert "就数字看，延庆区的52%比十四五规划的40%以上高12个百分点" in answer.text
