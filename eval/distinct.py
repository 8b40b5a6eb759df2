"""Questions made from the records, each a different one: tens of thousands of them.

They time the way through the engine, which would know a question that came again by its caches, and say
nothing about quality. Most are answered (a test holds their share); callers report how many were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from corpus.types import Measure, Record
from index.store import Store

ASKING = (
    "由谁负责？",
    "的要求是什么？",
    "什么时候完成？",
    "哪个部门牵头？",
    "有什么措施？",
    "谁来配合？",
    "归哪个部门管？",
    "怎么推进？",
    "由哪个单位主责？",
    "的完成时限是什么时候？",
)
_OPENINGS = ("", "请问", "想问一下", "麻烦问下", "", "我想了解", "请教一下")
_PIECE = re.compile(r"[^，。；、：“”《》（）()\n,;:.!?]{6,18}")


def distinct(store: Store) -> Iterator[str]:
    """Questions on the pieces of the records' sentences, in turns through all records, until none is new."""
    records = store.get(store.ids)
    pieces = [_PIECE.findall(record.text) or [record.text[:12]] for record in records]
    seen: set[str] = set()
    for turn in count():
        before = len(seen)
        for n, record in enumerate(records):
            piece = pieces[n][turn % len(pieces[n])]
            place = _place(store, record, n + turn)
            opening = _OPENINGS[(n + turn // len(ASKING)) % len(_OPENINGS)]
            question = f"{opening}{place}{piece}{ASKING[(3 * n + turn) % len(ASKING)]}"
            if question not in seen:
                seen.add(question)
                yield question
        if len(seen) == before:
            return


def _place(store: Store, record: Record, n: int) -> str:
    """Whose plan it is, in full, for short, or not at all."""
    if not isinstance(record, Measure):
        return ""
    district = store.plans[record.plan].district
    return ("", district or "北京市", district.removesuffix("区") or "全市")[n % 3]
