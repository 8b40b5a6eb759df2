"""The report of a preview: rows in, records out, what was left, names unknown, what has to be asked."""

from __future__ import annotations

from collections import Counter
from typing import Any

from corpus.addition import Preview, Proposal
from corpus.types import Role


def preview_report(preview: Preview) -> dict[str, Any]:
    """The report as plain data, for programs and pages; sentences in it are Chinese."""
    left: dict[str, list[dict[str, str]]] = {}
    for kind, place, text in preview.left:
        left.setdefault(kind, []).append({"place": place, "text": text[:200]})
    return {
        "file": preview.document.name,
        "format": preview.document.format,
        "complete": preview.complete,
        "replaces": preview.replaces,
        "questions": [
            {"part": q.part, "name": q.name, "words": q.words, "choices": [list(c) for c in q.choices]}
            for q in preview.questions
        ],
        "plans": [_proposal(proposal) for proposal in preview.proposals],
        "left": [{"kind": kind, "count": len(items), "items": items} for kind, items in left.items()],
        "characters": preview.characters,
        "unknown_departments": [{"name": n, "nearest": list(near)} for n, near in preview.unknown.items()],
        "notes": list(preview.document.notes),
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    known = proposal.known
    said: dict[str, Any] = {
        "part": proposal.part,
        "marker": proposal.marker,
        "title": known.title,
        "level": known.level,
        "district": known.district,
        "years": [known.first_year, known.last_year],
        "status": known.status,
        "hints": list(known.hints),
        "supersedes": list(proposal.supersedes),
        "superseded_by": proposal.superseded_by,
        "rows": proposal.rows,
    }
    if proposal.read is None:
        return said
    measures = proposal.read.measures
    roles = Counter(duty.role for measure in measures for duty in measure.duties)
    return said | {
        "id": proposal.plan.id,
        "short": proposal.plan.short,
        "tasks": len(proposal.read.tasks),
        "measures": len(measures),
        "passages": len(proposal.read.passages),
        "duties": {role.value: roles[role] for role in Role},
        "without_departments": [m.id for m in measures if not m.duties],
        "without_dates": [m.id for m in measures if not m.due],
        "notes": list(proposal.read.notes),
    }
