"""What a reader has chosen to look in: as filters, and in words.

Everything for an answer is looked up at a desk whose store, finder and outline hold the records of
that scope and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from corpus.types import ROLE_WORDS, STATUS_WORDS, Plan
from index.filters import NO_FILTERS, Filters
from index.store import Store
from rag.bodies import Bodies
from rag.options import Options, listed_by
from rag.scan_words import conditions

_KINDS = {"measure": "措施", "passage": "规划段落"}


def chosen(options: Options, store: Store, bodies: Bodies) -> Filters:
    """The filters of a scope: those of a list, but the passages of a plan of prose are in it as well.

    Which editions an answer in it may rest on is the engine's part.

    Raises:
        ConditionError: a value is not known.
    """
    return replace(listed_by(options, store, bodies), kinds=(), in_force=False)


def described(scope: Filters, plans: Mapping[str, Plan]) -> str:
    """A scope in words: 延庆绿色低碳，延庆区水务局参与; nothing where it narrows nothing."""
    parts = [
        "、".join(plans[plan].short for plan in scope.plans),
        "、".join(district or "市级" for district in scope.districts),
        "、".join(STATUS_WORDS[status] for status in scope.statuses),
        "、".join(f"{year}年" for year in scope.years),
        "、".join(_KINDS[kind] for kind in scope.kinds),
        "、".join(f"第{number}项" for number in scope.numbers),
        f"所选{len(scope.ids)}条" if scope.ids else "",
        "" if scope.departments else "、".join(f"有{ROLE_WORDS[role]}单位" for role in scope.roles),
        *conditions(replace(scope, both=())),
        *(described(other, plans) for other in scope.both),
    ]
    return "，".join(part for part in parts if part) or ("所选条件" if scope != NO_FILTERS else "")


def parts_plans(scope: Filters) -> bool:
    """Whether it holds some records of a plan without the others."""
    return replace(scope, plans=(), districts=(), statuses=(), years=(), both=()) != NO_FILTERS or any(
        map(parts_plans, scope.both)
    )
