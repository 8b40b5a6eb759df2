"""What narrows a search, in Milvus' terms.

The store alone decides which records meet filters: plans may be retired or superseded without a row in
Milvus being touched. What it decides is said here in few terms: whole plans, and single records of others.
"""

from __future__ import annotations

import numpy as np

from index.milvus.schema import PLAN, POSITION, QUESTION, RECORD
from index.plan_table import PlanTable, Positions, Ranges

_NONE = np.zeros(0, dtype=np.int64)
RECORDS = f"{QUESTION} == {RECORD}"
ASKED_QUESTIONS = f"{QUESTION} != {RECORD}"


def starts(plans: PlanTable) -> Positions:
    """The positions of the first records of all plans that have any, in order."""
    return np.array(sorted(a for a, b in plans.ranges.values() if a < b), dtype=np.int64)


def among(allowed: Ranges | Positions, plans: Positions, records: int) -> str:
    """The expression that holds for the `allowed` of the first `records`, and for no others of them.

    Empty where all are allowed. `allowed` is not empty and in order; `plans` are their `starts`.

    >>> among(np.array([0, 1, 2, 5]), np.array([0, 3, 7]), 9)
    'plan in [0] or position in [5]'
    """
    if len(allowed) == records:
        return ""
    if isinstance(allowed, Ranges):
        whole, single = allowed.holds(plans), _NONE
    else:
        of = np.searchsorted(plans, allowed, side="right") - 1
        whole = np.bincount(of, minlength=len(plans)) == np.diff(plans, append=records)
        single = allowed[~whole[of]]
    terms = []
    if 2 * np.count_nonzero(whole) > len(plans):
        terms.append(f"{PLAN} not in {_listed(plans[~whole])}")
    elif whole.any():
        terms.append(f"{PLAN} in {_listed(plans[whole])}")
    if single.size:
        terms.append(f"{POSITION} in {_listed(single)}")
    return " or ".join(terms)


def joined(*conditions: str) -> str:
    """Those that say something, all together."""
    return " and ".join(f"({condition})" for condition in conditions if condition)


def before(records: int) -> str:
    """The condition that leaves out what was added later."""
    return f"{POSITION} < {records}"


def within(start: int, end: int) -> str:
    """The condition that a record stands at `start` or behind it, and before `end`."""
    return f"{POSITION} >= {start} and {POSITION} < {end}"


def _listed(values: Positions) -> str:
    return f"[{', '.join(map(str, values.tolist()))}]"
