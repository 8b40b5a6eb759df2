"""A scan in words: what it is narrowed to, and how many records of each plan it finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from corpus.types import ROLE_WORDS, Plan, Record, Role
from index.filters import Filters


def total(wanted: Filters, found: Sequence[Record], plans: Mapping[str, Plan]) -> str:
    """How many records meet `wanted`, by plan: 文字中含“噪声”的措施共3条（市多元共治3条）."""
    unit = "段" if wanted.kinds == ("passage",) else "条"
    said = [*conditions(wanted)]
    what = "段落" if unit == "段" else "措施"
    of = f"{'，'.join(said)}的{what}" if said else what
    of_years = "、".join(f"{year}年" for year in wanted.years)
    return (f"{of_years}计划中{of}" if of_years else of) + tallied(found, plans, unit)


def tallied(found: Sequence[Record], plans: Mapping[str, Plan], unit: str) -> str:
    """The number of records, and of each plan: 共3条（市多元共治2条，延庆指标1条）."""
    by_plan = Counter(plans[record.plan].short for record in found)
    return f"共{len(found)}{unit}（{'，'.join(f'{short}{n}{unit}' for short, n in by_plan.items())}）"


def conditions(wanted: Filters) -> list[str]:
    """The conditions in words, as the scan knows them."""
    said = []
    if wanted.departments:
        joint = [name for other in wanted.both for name in other.departments]
        together = f"与{'、'.join(joint)}同时" if joint else "单独" if wanted.sole else ""
        roles = "、".join(map(_role_words, wanted.roles)) or "参与"
        said.append(f"{'、'.join(wanted.departments)}{together}{roles}")
    if wanted.categories:
        said.append("类别为" + "、".join(wanted.categories))
    said += ["或".join(_holding(group)) for group in wanted.either]
    said += _holding((Filters(texts=wanted.texts, own_texts=wanted.own_texts),))
    if wanted.due:
        words = [window.printed for window in wanted.due if window.printed]
        said.append(f"时限为“{'”或“'.join(words)}”" if len(words) == len(wanted.due) else "所问时限内")
    said += ["同时在所问的另一时限内" for other in wanted.both if other.due]
    return [*said, *(_left_out(other, wanted) for other in wanted.excluding)]


def _holding(group: Sequence[Filters]) -> list[str]:
    """What records must hold: words in their texts, departments in their columns."""
    said = []
    for other in group:
        for texts, where in ((other.texts, "文字中含"), (other.own_texts, "原文含")):
            if texts:
                said.append(where + "、".join(f"“{text}”" for text in texts))
        said += [f"写明{name}" for name in other.departments]
    return said


def _left_out(other: Filters, wanted: Filters) -> str:
    if other.deadlines:
        return "完成时限不是" + "、".join(f"“{deadline}”" for deadline in other.deadlines)
    roles = "、".join(ROLE_WORDS[role] for role in other.roles)
    if other.districts:
        return f"不含{'、'.join(district or '市级' for district in other.districts)}计划"
    if not other.departments:
        return f"未列{roles}单位"
    whose = "其" if other.departments == wanted.departments else "、".join(other.departments)
    return f"不由{whose}{roles}" if roles else f"没有{whose}参与"


def _role_words(role: Role) -> str:
    return {"lead": "牵头（含牵头/主责合并）", "responsible": "主责（含牵头/主责合并）"}.get(
        role.value, ROLE_WORDS[role]
    )
