"""What readers think of answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, insert, select

from api.state.database import State
from api.state.tables import feedback
from corpus.masking import masked

Thumb = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Left:
    """A thumb on one answer, as it is kept: `at` in UTC, numbers of persons masked.

    `request` is the id of the request that got the answer, `who` a key's id, a user's name or
    nothing, `history` the earlier questions, the oldest first, `ids` what the answer cites.
    """

    id: int
    at: datetime
    request: str
    who: str
    thumb: Thumb
    reason: str
    question: str
    history: tuple[str, ...]
    answer: str
    ids: tuple[str, ...]
    route: str
    writer: str


class Feedback:
    """The feedback in a state. Every method raises StateError where the database fails."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(
        self,
        *,
        thumb: Thumb,
        question: str,
        answer: str,
        request: str = "",
        who: str = "",
        reason: str = "",
        history: Sequence[str] = (),
        ids: Sequence[str] = (),
        route: str = "",
        writer: str = "",
        at: datetime | None = None,
    ) -> int:
        """Keep one, masked; its number. It is on the disk when this returns."""
        row = {
            "at": at or datetime.now(UTC),
            "request": request,
            "who": who,
            "thumb": thumb,
            "reason": masked(reason),
            "question": masked(question),
            "history": [masked(earlier) for earlier in history],
            "answer": masked(answer),
            "ids": list(dict.fromkeys(ids)),
            "route": route,
            "writer": writer,
        }
        added = insert(feedback).values(row).returning(feedback.c.id)
        with self._state.begin() as connection:
            number: int = connection.execute(added).scalar_one()
        return number

    def withdraw(self, number: int, *, request: str, who: str) -> bool:
        """Take one back: that of this number, on that answer, by the same reader; whether there was one."""
        gone = delete(feedback).where(
            feedback.c.id == number, feedback.c.request == request, feedback.c.who == who
        )
        with self._state.begin() as connection:
            return connection.execute(gone).rowcount > 0

    def page(
        self, limit: int, offset: int, thumb: Thumb | None = None, since: datetime | None = None
    ) -> tuple[int, list[Left]]:
        """How many there are, and `limit` of them after the first `offset`, the newest first."""
        chosen = _chosen(thumb, since)
        rows = select(feedback).where(*chosen).order_by(feedback.c.id.desc()).limit(limit).offset(offset)
        with self._state.read() as connection:
            total: int = connection.execute(
                select(func.count()).select_from(feedback).where(*chosen)
            ).scalar_one()
            return total, [Left(**row) for row in connection.execute(rows).mappings()]

    def every(self, thumb: Thumb | None = None, since: datetime | None = None) -> Iterator[Left]:
        """All of them, the oldest first, read a part at a time."""
        for row in self._state.rows(feedback, *_chosen(thumb, since)):
            yield Left(**row)


def _chosen(thumb: Thumb | None, since: datetime | None) -> list[ColumnElement[Any]]:
    chosen: list[ColumnElement[Any]] = []
    if thumb is not None:
        chosen.append(feedback.c.thumb == thumb)
    if since is not None:
        chosen.append(feedback.c.at >= since)
    return chosen
