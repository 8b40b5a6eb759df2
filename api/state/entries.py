"""What is written into the audit, and who asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it was answered: an entry of the audit.

    `at` is in UTC, `ms` counts milliseconds until the whole answer stood. `via` is the way in
    (ask, chat, mcp, page), `who` a key's id, a user's name or nothing. `question` is masked before
    it is stored.
    """

    at: datetime
    request: str
    who: str
    via: str
    question: str
    route: str
    ids: tuple[str, ...]
    refused: bool
    writer: str
    ms: float
