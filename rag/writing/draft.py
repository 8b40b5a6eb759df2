"""An answer before anybody words it anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event

from rag.answer import Reply, Statement
from rag.reading import Reading

WORDED = ("fact", "deadline", "summary", "compare")  # the routes whose sentences a model may word


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as the routes have composed and grounded it, before anybody words it anew.

    `ranked` gives the ids that a search for the question finds, best first. Once `cancelled` is set
    nobody waits for the answer any more; it was asked for when the monotonic clock said `started`.
    """

    question: str
    reading: Reading
    reply: Reply
    ranked: Callable[[], Sequence[str]]
    cancelled: Event = field(default_factory=Event)
    started: float = field(default_factory=time.monotonic)

    @property
    def worded(self) -> tuple[Statement, ...]:
        """The statements that a model may put in its own words: none of departments, none computed."""
        if self.reply.route not in WORDED or self.reply.clarify:
            return ()
        return tuple(s for s in self.reply.statements if s.kind == "quoted" and not s.departments)
