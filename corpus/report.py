"""The ingest report: rows in, records out, leftovers, what was inferred, names unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from corpus.bank import BankQuestion
from corpus.ingest import Corpus, PlanRecords
from corpus.types import Role


def report(corpus: Corpus, bank: Sequence[BankQuestion] = ()) -> dict[str, Any]:
    """The report of a whole corpus."""
    made = Report(bank)
    for entry in corpus.plans:
        made.add(entry)
    return made.document(corpus.characters)


class Report:
    """The report of plans that come one after another, with the questions of `bank`."""

    def __init__(self, bank: Sequence[BankQuestion] = ()) -> None:
        self._plans: list[dict[str, Any]] = []
        self._unknown: set[str] = set()
        self._printed: dict[str, Counter[str]] = {}
        self._asked: dict[str, Counter[str]] = {}
        for question in bank:
            self._asked.setdefault(question.plan, Counter())[question.made] += 1
        self._answering = {i for question in bank for i in question.ids}

    def add(self, entry: PlanRecords) -> None:
        """Take a further plan."""
        without = [r.id for r in entry.records if r.id not in self._answering]
        by = dict(self._asked.get(entry.plan.id, {}))
        self._plans.append(_plan(entry) | {"questions": {"by": by, "records_without": without}})
        for measure in entry.measures:
            for duty in measure.duties:
                self._printed.setdefault(duty.department, Counter())[duty.printed] += 1
                if not duty.known:
                    self._unknown.add(f"{duty.printed}（{measure.id}，{measure.span.words}）")

    def document(self, characters: dict[str, dict[str, int]]) -> dict[str, Any]:
        """The whole report as plain data (written as ingest-report.json beside the index)."""
        return {
            "plans": self._plans,
            "characters": characters,
            "unknown_departments": sorted(self._unknown),
            "printed_departments": {name: dict(self._printed[name]) for name in sorted(self._printed)},
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
