"""Every measure of the seven table plans, against an independent transcription."""

from __future__ import annotations

import json
from pathlib import Path

from corpus.ingest import Corpus
from corpus.types import Measure, Role

GOLD = Path(__file__).parent / "gold" / "measures.jsonl"
COUNTS = {
    "bj-green-2026": (40, 87),
    "bj-governance-2026": (19, 61),
    "yq-pollution-2026": (45, 102),
    "yq-green-2026": (37, 71),
    "yq-governance-2026": (15, 39),
    "yq-indicators-2026": (22, 22),
    "hr-green-2026": (36, 72),
}


def as_gold(measure: Measure) -> dict[str, object]:
    """A measure in the fields of the transcription."""
    return {
        "id": measure.id,
        "task": measure.task or None,
        "path": list(measure.path),
        "text": measure.text,
        "deadline": measure.deadline,
        "target": measure.target,
        "category": measure.category,
        "roles": {role.value: measure.names(role) for role in Role if measure.names(role)},
        "open_ended": list(dict.fromkeys(d.role.value for d in measure.duties if d.open_ended)),
        "lines": [measure.span.first, measure.span.last],
    }


def test_all_454_measures_equal_the_transcription(corpus: Corpus) -> None:
    gold = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    read = [as_gold(measure) for entry in corpus.plans for measure in entry.measures]
    assert len(gold) == len(read) == 454
    for expected, found in zip(gold, read, strict=True):
        assert found == expected


def test_tasks_and_measures_by_plan(corpus: Corpus) -> None:
    counts = {e.plan.id: (len(e.tasks), len(e.measures)) for e in corpus.plans if e.measures}
    assert counts == COUNTS


def test_numbers_run_from_one_without_a_gap(corpus: Corpus) -> None:
    for entry in corpus.plans:
        assert [task.number for task in entry.tasks] == list(range(1, len(entry.tasks) + 1))


def test_every_department_is_known_and_has_one_full_name(corpus: Corpus) -> None:
    duties = [(e.plan.district, d) for e in corpus.plans for m in e.measures for d in m.duties]
    assert all(duty.known for _, duty in duties)
    names = {(district, duty.printed): duty.department for district, duty in duties}
    assert all(names[district, duty.printed] == duty.department for district, duty in duties)
    assert names["延庆区", "区水务局"] == "延庆区水务局"
    assert names["怀柔区", "区水务局"] == "怀柔区水务局"


def test_every_character_of_every_source_is_accounted_for(corpus: Corpus) -> None:
    from corpus.manifest import BUNDLED

    for name, kinds in corpus.characters.items():
        text = (BUNDLED.parent / name).read_text(encoding="utf-8")
        assert sum(kinds.values()) == sum(not char.isspace() for char in text)
