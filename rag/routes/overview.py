"""A plan or a place and nothing else: which plans there are, how large, and what their chapters are."""

from __future__ import annotations

from index.filters import Filters
from rag.answer import Reply, Statement
from rag.desk import Desk
from rag.numbers import Numbers
from rag.reading import Reading
from rag.routes import listing, outline
from rag.routes.outline_words import whole

MOST = 2  # plans whose chapters are told


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """How many measures each plan has, and the chapters of a few; None where something is asked of them."""
    bare = len(reading.topic) < 2 and reading.numbers == Numbers() and not reading.aspects
    if not bare or not (reading.plans or reading.districts) or reading.mentions or reading.past:
        return None
    plans = outline.plans_meant(reading, desk)
    if desk.finder.editions.other_year(plans, reading.years):
        return None  # 门头沟去年的计划, where only this year's is held
    of_year = tuple(plan.id for plan in plans if not plan.prose)
    statements: list[Statement] = []
    if of_year:
        wanted = Filters(plans=of_year, kinds=("measure",))
        statements.append(listing.counted(wanted, desk.store.scan(wanted), desk))
    if len(plans) <= MOST:
        statements += [s for plan in plans for s in whole(plan, desk)]
    asked = tuple(f"{plan.short}分几章？" for plan in plans) if len(plans) > MOST else ()
    return Reply("outline", statements, suggestions=asked) if statements else None
