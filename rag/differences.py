"""The difference of two figures in a sentence, and whether such a sentence is true."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from rag.figures import Figure, figures

_BY_FIGURES = "就数字看，"  # 95%以上 may be as much as 100%
_SAYS = re.compile(
    r"(?P<one>[^，。]*?)比(?P<other>[^，。]*?)(?P<way>高|低)(?P<by>[^，。]*)$|(?P<same>.*)数字相同，(?:均)?为(?P<figure>[^，。]*)$"
)


def difference(sides: Sequence[tuple[str, Figure]]) -> str | None:
    """One sentence on how the figures of several sides differ, or None where they cannot be compared.

    >>> difference([("全市", figures("44%")[0]), ("延庆区", figures("52%")[0])])
    '延庆区的52%比全市的44%高8个百分点'
    """
    if (
        len(sides) < 2
        or len({figure.unit for _, figure in sides}) > 1
        or any(f.top is not None for _, f in sides)
    ):
        return None
    if len({figure.value for _, figure in sides}) == 1:
        return f"{'、'.join(name for name, _ in sides)}的数字相同，均为{_said(sides[0][1])}"
    (high, most), (low, least) = max(sides, key=lambda s: s[1].value), min(sides, key=lambda s: s[1].value)
    bounded = any(f.before or f.after for f in (most, least))
    opening = _BY_FIGURES if bounded else ""
    return f"{opening}{high}的{_said(most)}比{low}的{_said(least)}高{_said(_apart(most, least))}"


def is_difference(text: str) -> bool:
    """Whether `text` (without labels) is a sentence of that form."""
    return _form(text) is not None


def wrong(text: str, held: Sequence[Figure]) -> list[str]:
    """What in the sentence is not worked out rightly from the figures `held`, in Chinese."""
    match = _form(text)
    if match is None:
        return ["不是比较的句子"]
    amounts = {(figure.value, figure.unit) for figure in held} | {
        (f.top, f.unit) for f in held if f.top is not None
    }
    if match["same"] is not None:
        said = figures(match["figure"])
        return [] if said and all((f.value, f.unit) in amounts for f in said) else ["所说数字在引用处没有"]
    one, other, by = (figures(match[name]) for name in ("one", "other", "by"))
    if not (one and other and len(by) == 1):
        return ["比较的数字不全"]
    a, b = one[-1], other[-1]
    problems = [f"{f} 在引用处没有" for f in (a, b) if (f.value, f.unit) not in amounts]
    apart = a.value - b.value if match["way"] == "高" else b.value - a.value
    unit = "个百分点" if a.unit == "%" else a.unit
    if a.unit != b.unit or by[0].value != apart or by[0].unit != unit or apart <= 0:
        problems.append(f"相差不是{by[0]}")
    return problems


def _form(text: str) -> re.Match[str] | None:
    return _SAYS.match(text.rstrip("。").removeprefix(_BY_FIGURES))


def _apart(most: Figure, least: Figure) -> Figure:
    return Figure(most.value - least.value, "个百分点" if most.unit == "%" else most.unit)


def _said(figure: Figure) -> str:
    value = figure.value
    for scale, word in ((Decimal(10**8), "亿"), (Decimal(10**4), "万")):
        if value >= scale and (value * 100 / scale) % 1 == 0:
            return f"{figure.before}{(value / scale).normalize():f}{word}{figure.unit}{figure.after}"
    return f"{figure.before}{value.normalize():f}{figure.unit}{figure.after}"
