"""The ingest report: rows in, records out, leftovers, what was inferred, names unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from corpus.bank import BankQuestion
from corpus.ingest import Corpus, PlanRecords
from corpus.types import Measure, Role


def report(corpus: Corpus, bank: Sequence[BankQuestion] = ()) -> dict[str, Any]:
    """The whole report as plain data (written as ingest-report.json beside the index)."""
    return {
        "plans": [_plan(entry) | {"questions": _questions(entry, bank)} for entry in corpus.plans],
        "characters": corpus.characters,
        "unknown_departments": sorted(_unknown(corpus)),
        "printed_departments": dict(sorted(_printed(corpus).items())),
    }


def _plan(entry: PlanRecords) -> dict[str, Any]:
    merged = [m.id for m in entry.measures if m.names(Role.LEAD_RESPONSIBLE)]
    return {
        "plan": entry.plan.id,
        "title": entry.plan.title,
        "status": entry.plan.status,
        "tasks": len(entry.tasks),
        "measures": len(entry.measures),
        "passages": len(entry.passages),
        "sentences": sum(len(passage.sentences) for passage in entry.passages),
        "gaps": sum(passage.gap_before for passage in entry.passages),
        "lost_headings": len({p.path for p in entry.passages if "〔标题缺〕" in p.path[-1]}),
        "duties": sum(len(measure.duties) for measure in entry.measures),
        "merged_lead_responsible": merged,
        "open_ended": [m.id for m in entry.measures if any(duty.open_ended for duty in m.duties)],
        "inferred": list(entry.notes),
    }


def _questions(entry: PlanRecords, bank: Sequence[BankQuestion]) -> dict[str, Any]:
    """How many questions of the bank are at home in the plan, by who made them; records without any."""
    own = Counter(question.made for question in bank if question.plan == entry.plan.id)
    answering = {i for question in bank for i in question.ids}
    return {"by": dict(own), "records_without": [r.id for r in entry.records if r.id not in answering]}


def _duties(corpus: Corpus) -> Iterator[tuple[Measure, str, str, bool]]:
    for entry in corpus.plans:
        for measure in entry.measures:
            for duty in measure.duties:
                yield measure, duty.printed, duty.department, duty.known


def _unknown(corpus: Corpus) -> set[str]:
    return {
        f"{printed}（{measure.id}，{measure.span.words}）"
        for measure, printed, _, known in _duties(corpus)
        if not known
    }


def _printed(corpus: Corpus) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for _, printed, name, _ in _duties(corpus):
        counts.setdefault(name, Counter())[printed] += 1
    return {name: dict(printed) for name, printed in counts.items()}
