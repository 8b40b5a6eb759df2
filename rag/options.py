"""What narrows a list or a search, as a user writes it, to filters; errors list what is valid.

The options of `wence list` and `wence search`, the parameters of the API, the arguments of its tools.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date

from corpus.normal import normal
from corpus.places import places
from corpus.types import ROLE_WORDS, STATUS_WORDS, Level, Role, Status
from index.filters import NO_FILTERS, DueWindow, Filters
from index.store import Store
from rag.bodies import Bodies
from rag.question import simplified

CITY = ("市", "市级", "全市", "北京", "北京市")
_DISTRICT_LEVEL = ("区", "区级", "各区")
FEW = 5  # ids, or mistakes, that are told one by one
_MONTHS = 12
UNSAID = "未写明"
"""As a deadline: no date and no 长期实施 stands there."""
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"(20\d\d)年?")


class ConditionError(ValueError):
    """A condition that cannot be met; the message names the valid ones."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a user wrote for each option.

    The values of one are alternatives, but texts must all occur, and every department of `together`
    must hold a duty in the measure, beside one of `department`.
    """

    plan: Sequence[str] = ()
    district: Sequence[str] = ()
    department: Sequence[str] = ()
    role: Sequence[str] = ()
    deadline: Sequence[str] = ()
    text: Sequence[str] = ()
    level: Sequence[str] = ()
    status: Sequence[str] = ()
    together: Sequence[str] = ()
    id: Sequence[str] = ()
    year: Sequence[str] = ()


NAMES = {
    "level": "级别",
    "district": "区",
    "plan": "计划",
    "year": "年份",
    "status": "状态",
    "department": "部门",
    "role": "职责",
    "together": "同时涉及",
    "deadline": "完成时限",
    "text": "含有文字",
    "id": "编号",
}
"""The conditions as a reader calls them, in the order in which they are told."""


def value_in_words(name: str, value: str, store: Store) -> str:
    """One value of the condition `name` as a reader says it.

    Raises:
        ConditionError: the value is not known.
    """
    if name == "level":
        return read_level(value) + "级"
    if name == "district":
        return read_district(value) or "市级"
    if name == "plan":
        return store.plans[read_plan(value, store)].short
    if name == "status":
        return STATUS_WORDS[read_status(value)]
    if name == "year":
        return f"{read_year(value)}年"
    if name == "role":
        return ROLE_WORDS[read_role(value)]
    if name == "deadline":
        meant = read_deadline(value, store)
        month = _MONTH.fullmatch(meant)
        return f"{int(month[1])}年{int(month[2])}月内" if month else meant
    return f"“{value}”" if name == "text" else value


def in_words(options: Options, store: Store) -> list[tuple[str, str]]:
    """Every condition that is set and what it says: 部门, 水务局或环保局.

    Raises:
        ConditionError: a value is not known.
    """
    told = []
    for name, called in NAMES.items():
        values = getattr(options, name)
        said = [value_in_words(name, value, store) for value in values]
        if name == "id" and len(said) > FEW:
            told.append((called, f"选定的 {len(said)} 条"))
        elif said:
            told.append((called, ("、" if name in ("text", "together", "id") else "或").join(said)))
    return told


def listed_by(options: Options, store: Store, bodies: Bodies) -> Filters:
    """The filters of a list: without a plan or an id, measures alone, of plans that are in force.

    A plan without a table gives passages. One asked for by 征求意见稿 holds the drafts that were replaced.

    Raises:
        ConditionError: a value is not known.
    """
    districts, conflicting = _districts(options, store)
    due, either = _due(options, store)
    together = (Filters(departments=_department(bodies, value)) for value in options.together)
    return Filters(
        plans=tuple(read_plan(value, store) for value in options.plan),
        districts=districts,
        departments=tuple(name for value in options.department for name in _department(bodies, value)),
        roles=tuple(map(read_role, options.role)),
        due=due,
        texts=tuple(simplified(value) for value in options.text if normal(value)),
        kinds=() if options.plan or options.id else ("measure",),
        statuses=tuple(map(read_status, options.status)),
        years=tuple(map(read_year, options.year)),
        in_force=not (options.plan or options.id) and not all(p.in_force for p in store.plans.values()),
        ids=tuple(_id(store, value) for value in options.id),
        both=(*conflicting, *together),
        either=either,
    )


def searched_by(options: Options, store: Store, bodies: Bodies) -> Filters:
    """The filters of a search: those of a list, but none at all where no option is set.

    Raises:
        ConditionError: a value is not known.
    """
    return listed_by(options, store, bodies) if any(astuple(options)) else NO_FILTERS


def read_plan(value: str, store: Store) -> str:
    """The id of the plan that `value` names.

    Raises:
        ConditionError: there is no such plan.
    """
    for plan in sorted(store.plans.values(), key=lambda plan: not plan.in_force):
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


def _districts(options: Options, store: Store) -> tuple[tuple[str, ...], tuple[Filters, ...]]:
    """The named districts that lie at the levels asked for; where none does, what nothing meets besides."""
    named = tuple(map(read_district, options.district))
    if not options.level:
        return named, ()
    known = dict.fromkeys(plan.district for plan in store.plans.values() if plan.district)
    of_level = {"市": ("",), "区": tuple(known) or places().district_names}
    at_levels = tuple(district for level in map(read_level, options.level) for district in of_level[level])
    if not named:
        return at_levels, ()
    common = tuple(district for district in named if district in at_levels)
    return (common, ()) if common else (named, (Filters(districts=at_levels),))


def read_level(value: str) -> Level:
    """The level that `value` names.

    Raises:
        ConditionError: there is no such level.
    """
    if value in CITY:
        return "市"
    if value in _DISTRICT_LEVEL:
        return "区"
    raise ConditionError(f"没有级别“{value}”。可用：市、区。")


def read_status(value: str) -> Status:
    """The status that `value` names.

    Raises:
        ConditionError: there is no such status.
    """
    for status, word in STATUS_WORDS.items():
        if value in (status, word):
            return status
    known = "、".join(f"{status}（{word}）" for status, word in STATUS_WORDS.items())
    raise ConditionError(f"没有状态“{value}”。可用：{known}。")


def read_year(value: str) -> int:
    """The year that `value` names: 2025, 2025年.

    Raises:
        ConditionError: it is no year.
    """
    said = _YEAR.fullmatch(normal(value))
    if said is None:
        raise ConditionError(f"“{value[:20]}”不是年份。可写 2025 或 2025年。")
    return int(said[1])


def read_deadline(value: str, store: Store) -> str:
    """The deadline that `value` is understood as, in words that mean the same: 6月 is 6月底前.

    Raises:
        ConditionError: it is no deadline.
    """
    if value == UNSAID:
        return value
    year = _year(store)
    window = _deadline(value, year)
    if window.start or window.end is None:
        return value.strip()
    end = window.end
    in_year = "" if end.year == year else f"{end.year}年"
    if end == date(end.year, _MONTHS, 31):
        return f"{in_year or '年'}底前"
    day = "" if end.day == monthrange(end.year, end.month)[1] else f"{end.day}日"
    return f"{in_year}{end.month}月{day or '底'}前"


def _id(store: Store, value: str) -> str:
    if value not in store:
        raise ConditionError(f"没有编号为“{value[:60]}”的措施或段落。")
    return value


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


def read_role(value: str) -> Role:
    """The role that `value` names.

    Raises:
        ConditionError: there is no such role.
    """
    try:
        return _ROLE_WORDS.get(value) or Role(value)
    except ValueError:
        raise ConditionError(f"没有角色“{value}”。可用：{'、'.join([*Role, *_ROLE_WORDS])}。") from None


def _due(options: Options, store: Store) -> tuple[tuple[DueWindow, ...], tuple[tuple[Filters, ...], ...]]:
    """The windows asked for; where what states no deadline counts too, as one of several conditions."""
    year = _year(store)
    windows = tuple(_deadline(value, year) for value in options.deadline if value != UNSAID)
    if UNSAID not in options.deadline:
        return windows, ()
    silent = Filters(excluding=(Filters(due=(DueWindow(permanent=True), DueWindow(end=date.max))),))
    return (), ((silent, Filters(due=windows)) if windows else (silent,),)


def _year(store: Store) -> int:
    """The year that a month without one is of."""
    return store.year


def _deadline(value: str, year: int) -> DueWindow:
    """A date, a month, words of a plan: 2026-06-30 and 6月底前 (due by then), 2026-06 (within), 长期实施."""
    if month := _MONTH.fullmatch(value.strip()):
        year, number = map(int, month.groups())
        if not 1 <= number <= _MONTHS or not year:
            raise ConditionError(f"“{value}”不是有效的月份。")
        return DueWindow(start=date(year, number, 1), end=date(year, number, monthrange(year, number)[1]))
    if iso := _ISO.fullmatch(value.strip()):
        try:
            return DueWindow(end=date(*map(int, iso.groups())))
        except ValueError:
            raise ConditionError(f"“{value}”不是有效的日期。") from None
    window = DueWindow.read(value, year)
    if window is None:
        raise ConditionError(
            f"看不懂时限“{value}”。可写 2026-06-30、2026-06、6月底前、年底前、6-9月、长期实施。"
        )
    return window
