"""Rhetorical questions: what they take to be so, as the plain question that asks for it.

“目标不是28微克吗？”, “难道目标是28微克？” and “不是说要降到28微克吗？” all hold that it is 28.
"""

from __future__ import annotations

import re

from rag.asking import asks_openly, asks_who

_ENDS = r"[^,。?!;]*(?:[吗么嘛][?。!]*|\?)$"  # the clause that closes the question
_SURELY = re.compile(rf"难道(?:说)?(?={_ENDS})")
_SAID = re.compile(rf"(?<!是)不(?:都|就)?是(?:都)?(?:说|讲|写|定)(?:了|过|好)?(?:的?是)?(?={_ENDS})")
_NOT_SO = re.compile(rf"(?<!是)(?<![要可])不(?:就|都|应该?|该|正)?是(?![^,。?!;]*的?有[吗么])(?={_ENDS})")
_BE_OR_NOT = re.compile(r"是不是")
# 只有26微克 claims the amount; of departments it claims more (see `ALONE`).
_ONLY = re.compile(r"(?:就只有?|只有|仅仅?有?|只)(?=是?\d)")
ALONE = re.compile(r"(?:只有|只由|仅由|只归|仅有|单独|独自|一家)")


def affirmed(text: str) -> str:
    """A normalised question with what it takes to be so said plainly; itself where it asks for more."""
    if asks_openly(text) or asks_who(text):
        return text
    plain = _NOT_SO.sub("是", _SAID.sub("", _SURELY.sub("", text)))
    plain = plain if plain.endswith(("吗", "吗?")) or plain == text else _asked(plain)
    asks = plain != text or _BE_OR_NOT.search(text) or re.search(r"[吗吧]\??$", text)
    return _ONLY.sub("", plain) if asks else text


def _asked(text: str) -> str:
    """`text` as it asks for a yes."""
    return f"{text.rstrip('?。!吗么嘛')}吗?"


def takes_for_granted(text: str) -> bool:
    """Whether a bare 不是 in reply could be taken for agreement with it."""
    return any(pattern.search(text) for pattern in (_SURELY, _SAID, _NOT_SO))
