"""An upload as it would become plans: its parts, its records, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from api.plan_staging import Upload
from corpus.about import title_of
from corpus.addition import Preview, Proposal
from corpus.document import Document
from corpus.errors import SourceError
from corpus.labels import labels
from corpus.published import Published
from corpus.types import Record
from rag.listing import row

_GONE = "没有编号为 {id} 的条目；请重新预览。"


class UnknownPartError(LookupError):
    """There is no such record, page or original; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class PartSeen:
    """A part of a file that could be a plan, whether or not it is wanted."""

    part: int
    marker: str
    title: str
    leave: bool


@dataclass(frozen=True)
class Looked:
    """An upload as it would become plans now. Where `preview` is None, `problem` says why.

    `twice` is the id of the plan that is held already, where that is the problem.
    """

    upload: Upload
    path: Path
    document: Document
    preview: Preview | None
    problem: str = ""
    twice: str = ""

    @property
    def complete(self) -> bool:
        """Whether it can be confirmed as it is."""
        return self.preview is not None and self.preview.complete

    @cached_property
    def published(self) -> Published:
        """The document, its parts and lines.

        Raises:
            SourceError: a column of it has to be named first.
        """
        return Published(self.document, self.upload.mapping)

    @cached_property
    def parts(self) -> tuple[PartSeen, ...]:
        """The parts that can be plans; none while a column has to be named."""
        try:
            found = enumerate(self.published.parts)
        except SourceError:
            return ()
        left = {part for part, given in self.upload.given.items() if given.leave}
        return tuple(PartSeen(n, p.marker, title_of(p), n in left) for n, p in found if not p.empty)

    @property
    def records(self) -> list[Record]:
        """Every record that would be added."""
        found = (_read(proposal) for proposal in (self.preview.proposals if self.preview else ()))
        return [record for records in found for record in records]

    def rows(self, part: int | None = None) -> list[dict[str, Any]]:
        """The records (of one part) as rows of a list, each with the page of its place."""
        proposals = self.preview.proposals if self.preview else ()
        made = []
        for proposal in proposals:
            if proposal.read is None or part not in (None, proposal.part):
                continue
            records = _read(proposal)
            called = labels([proposal.plan], records)
            for record in records:
                page = self.published.transcript.place(record.span.first).page
                more = {"part": proposal.part, "page": page}
                made.append(row(record, proposal.plan, called[record.id]) | more)
        return made

    def record(self, record_id: str) -> Record:
        """The record of that id.

        Raises:
            UnknownPartError: there is none.
        """
        found = next((record for record in self.records if record.id == record_id), None)
        if found is None:
            raise UnknownPartError(_GONE.format(id=record_id[:60]))
        return found


def _read(proposal: Proposal) -> list[Record]:
    return [*proposal.read.measures, *proposal.read.passages] if proposal.read else []
