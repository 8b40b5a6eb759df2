"""What narrows a list or a search, as a user writes it, to filters; errors list what is valid.

The options of `wence list` and `wence search`, the parameters of the API, the arguments of its tools.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date

from corpus.normal import normal
from corpus.places import places
from corpus.types import Role
from index.filters import NO_FILTERS, DueWindow, Filters
from index.store import Store
from rag.bodies import Bodies
from rag.question import simplified

CITY = ("市", "市级", "全市", "北京", "北京市")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


class ConditionError(ValueError):
    """A condition that cannot be met; the message names the valid ones."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a user wrote for each option; the values of one are alternatives, texts must all occur."""

    plan: Sequence[str] = ()
    district: Sequence[str] = ()
    department: Sequence[str] = ()
    role: Sequence[str] = ()
    deadline: Sequence[str] = ()
    text: Sequence[str] = ()


def listed_by(options: Options, store: Store, bodies: Bodies) -> Filters:
    """The filters of a list: without a plan named, measures alone; a plan without a table gives passages.

    Raises:
        ConditionError: a value is not known.
    """
    return Filters(
        plans=tuple(_plan(store, value) for value in options.plan),
        districts=tuple(map(read_district, options.district)),
        departments=tuple(name for value in options.department for name in _department(bodies, value)),
        roles=tuple(map(_role, options.role)),
        due=tuple(_deadline(value, max(p.year for p in store.plans.values())) for value in options.deadline),
        texts=tuple(simplified(value) for value in options.text if normal(value)),
        kinds=() if options.plan else ("measure",),
    )


def searched_by(options: Options, store: Store, bodies: Bodies) -> Filters:
    """The filters of a search: those of a list, but none at all where no option is set.

    Raises:
        ConditionError: a value is not known.
    """
    return listed_by(options, store, bodies) if any(astuple(options)) else NO_FILTERS


def _plan(store: Store, value: str) -> str:
    for plan in store.plans.values():
        if value in (plan.id, plan.short, plan.title):
            return plan.id
    known = "、".join(f"{plan.id}（{plan.short}）" for plan in store.plans.values())
    raise ConditionError(f"没有计划“{value}”。现有：{known}。")


def read_district(value: str) -> str:
    """The district that `value` names, "" for the city.

    Raises:
        ConditionError: there is no such district.
    """
    if value in CITY:
        return ""
    district = places().districts.get(value)
    if district is None:
        raise ConditionError(f"不认识“{value}”。可用：市、{'、'.join(places().district_names)}。")
    return district


def _department(bodies: Bodies, value: str) -> tuple[str, ...]:
    names = bodies.resolve(value)
    if not names:
        near = bodies.nearest(value)
        hint = f"相近的有：{'、'.join(near)}。" if near else "请用计划里的部门名称。"
        raise ConditionError(f"计划里没有部门“{value}”。{hint}")
    return names


_ROLE_WORDS = {
    "牵头": Role.LEAD,
    "主责": Role.RESPONSIBLE,
    "协办": Role.ASSISTING,
    "配合": Role.ASSISTING,
    "牵头/主责": Role.LEAD_RESPONSIBLE,
}


def _role(value: str) -> Role:
    try:
        return _ROLE_WORDS.get(value) or Role(value)
    except ValueError:
        raise ConditionError(f"没有角色“{value}”。可用：{'、'.join([*Role, *_ROLE_WORDS])}。") from None


def _deadline(value: str, year: int) -> DueWindow:
    """A date or words of a plan: 2026-06-30, 6月底前 (due by then), 6-9月, 长期实施."""
    if iso := _ISO.fullmatch(value.strip()):
        try:
            return DueWindow(end=date(*map(int, iso.groups())))
        except ValueError:
            raise ConditionError(f"“{value}”不是有效的日期。") from None
    window = DueWindow.read(value, year)
    if window is None:
        raise ConditionError(f"看不懂时限“{value}”。可写 2026-06-30、6月底前、年底前、6-9月、长期实施。")
    return window
