"""What kind of answer a question wants."""

from __future__ import annotations

import re
from typing import Literal

from rag.cues import cues

Kind = Literal["fact", "duty", "deadline", "list", "count"]

_ITEMS = re.compile(r"措施|任务|条目|指标|事项")
_LISTED = re.compile(r"[哪那](些|几条|几项|几个)")
_ENUMERATION = re.compile(
    rf"({_LISTED.pattern}|列|所有|全部|找出来).{{0,12}}({_ITEMS.pattern})"
    rf"|({_ITEMS.pattern}).{{0,10}}({_LISTED.pattern}|列|全|清单|都有|找出来)"
)
_WHO = re.compile(
    r"谁|[哪那](个|些|几个|几家|家)?(部门|单位|局|委)|[什啥]么?(部门|单位)"
    r"|(部门|单位)(是|有|都有)?(哪|谁|什么|啥)"
)


def kind_of(text: str, has_department: bool, has_role: bool) -> Kind:
    """The kind of a normalised question.

    Asking who (谁, 哪个部门) is never a list, though 哪些部门 looks like one.
    """
    known = cues()
    lists = known.list.search(text) is not None
    duty = known.duty.search(text) is not None
    counts = known.count.search(text) is not None and not _LISTED.search(text)
    if not _WHO.search(text):
        if counts and (has_department or has_role or _ITEMS.search(text)):
            return "count"
        if (lists or counts or _LISTED.search(text)) and (has_department or _ENUMERATION.search(text)):
            return "list"
    if duty or has_role:
        return "duty"
    if known.deadline.search(text):
        return "deadline"
    return "fact"
