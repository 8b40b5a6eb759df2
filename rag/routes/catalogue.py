"""What there is in the corpus itself: which plans are held, of which years, final or for comment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.types import STATUS_WORDS, Plan
from index.store import Store
from rag.answer import Reply, Statement
from rag.cues import cues
from rag.editions import edition_words
from rag.reading import Reading

_YEARS = re.compile(r"[几些]年")
_RESTS = "答案只出自这些文本，并注明出处。"


def answer(reading: Reading, store: Store) -> Reply | None:
    """Which plans there are, or how those stand that the question names; None for any other question."""
    text = reading.text
    if reading.elsewhere:
        return None
    if not cues().chat_corpus.search(text):
        if not (reading.plans and cues().chat_status.search(text)):
            return None
        named = [store.every_plan[plan] for plan in reading.plans]
        return Reply("chat", [Statement("".join(map(_standing, named)), "absence")])
    here = [plan for plan in store.every_plan.values() if plan.in_force and _asked(plan, reading)]
    if not here or (reading.outside and not reading.districts):
        places = "、".join(dict.fromkeys((*reading.outside, *reading.districts))) or "所问"
        return Reply("chat", [Statement(f"本库没有收{places}的这类计划。", "absence")])
    return Reply("chat", [_listed(here, years=_YEARS.search(text) is not None)])


def _asked(plan: Plan, reading: Reading) -> bool:
    """Whether the places, years and status that the question names are the plan's."""
    draft, final = edition_words().draft.search(reading.text) is not None, "正式" in reading.text
    if draft != final and (plan.status == "draft") != draft:
        return False
    there = plan.district in reading.districts if reading.districts else True
    there = there and (plan.district != "" or "哪些区" not in reading.text)
    return there and (not reading.years or any(year in plan.years for year in reading.years))


def _listed(plans: Sequence[Plan], *, years: bool) -> Statement:
    """Final texts and drafts apart, with their `years` where those are asked for."""
    groups = [
        ([plan.dated if years else plan.short for plan in plans if (plan.status == "draft") == draft], words)
        for draft, words in ((False, "正式文本"), (True, STATUS_WORDS["draft"]))
    ]
    said = "；".join(f"{'、'.join(names)}（{words}）" for names, words in groups if names)
    return Statement(f"本库收有{said}。{_RESTS}", "absence")


def _standing(plan: Plan) -> str:
    status = "正式文本" if plan.status == "final" else STATUS_WORDS["draft"]
    if plan.retired:
        return f"{plan.short}是{status}，已停用。"
    return (
        f"{plan.short}是{status}，已被正式文本取代。" if plan.superseded_by else f"{plan.short}是{status}。"
    )
