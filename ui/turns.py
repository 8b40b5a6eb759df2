"""A conversation as the browser keeps it: what was asked, what was answered, what the answer rests on.

It comes back from the browser with the next question, so that the service holds no conversation; what
comes back is read strictly and shown as text. Records are looked up by their ids again, so no text of a
plan is ever taken from a browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from rag.answer import Answer, marked

REMEMBERED = 150_000  # bytes of a conversation that goes back and forth; a body may have 256 KB


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cited(_Kept):
    """A record by its id, and the exact span of its text that the answer rests on."""

    id: str = Field(max_length=200)
    quote: str = Field(max_length=20_000)


class Compared(_Kept):
    """What is compared: every cell was copied from the record of its row."""

    columns: list[str]
    rows: list[list[str]]
    citations: list[str]


class Turn(_Kept):
    """One question and its answer. `text` holds the labels of what each sentence rests on.

    `understood` is the question with its slips mended where it had any; `note` says who worded the
    answer where a model did; `unfinished` that it still comes; `request` is the id under which the
    audit has it; `thumb` and `reason` are what the reader thought of it,
    kept under the number `rating`; `scope` is in what it was
    looked for, in words.
    """

    question: str = Field(max_length=20_000)
    text: str = ""
    cited: list[Cited] = []
    route: str = ""
    refused: bool = False
    unfinished: bool = False
    understood: str = ""
    note: str = ""
    suggestions: list[str] = []
    table: Compared | None = None
    writer: str = ""
    request: str = ""
    scope: str = ""
    thumb: Literal["", "up", "down"] = ""
    reason: str = ""
    rating: int = 0

    @property
    def lines(self) -> list[str]:
        """The lines of the answer."""
        return self.text.split("\n")


CONVERSATION = TypeAdapter(list[Turn])


def turn(answer: Answer, *, request: str = "", scope: str = "") -> Turn:
    """`answer` as a turn, whole or as far as it has come."""
    table = answer.table
    return Turn(
        question=answer.question,
        text=marked(answer.statements),
        cited=[Cited(id=c.record.id, quote=c.quote) for c in answer.citations],
        route=answer.route,
        refused=answer.refused,
        unfinished=not answer.timings_ms,  # the whole answer has them
        understood=answer.understood,
        note=answer.writing.note.rstrip("。") if answer.writing else "",
        suggestions=list(answer.suggestions),
        table=Compared(**table.as_json()) if table else None,
        writer=answer.writer,
        request=request,
        scope=scope,
    )


def recent(turns: Sequence[Turn]) -> list[Turn]:
    """The end of a long conversation, so that it can be sent back with the next question."""
    size, kept = 0, 0
    for told in reversed(turns):
        size += len(told.model_dump_json().encode())
        if kept and size > REMEMBERED:
            break
        kept += 1
    return list(turns[len(turns) - kept :])
