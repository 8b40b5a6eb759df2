"""An answer as an office writes it: numbered marks in the text, and under it the numbered sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.types import STATUS_WORDS, Plan, Record
from index.catalogue import labelled
from index.store import Store
from rag.figures import labels_in
from ui.html import render
from ui.turns import Turn


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer rests on, looked up in the store; `label` is how the page's answer cites it."""

    number: int
    record: Record
    plan: Plan
    label: str
    quote: str

    @property
    def mark(self) -> str:
        """How the text refers to it: ［1］."""
        return f"［{self.number}］"

    @property
    def reference(self) -> str:
        """Where it stands: 《怀柔区加快绿色低碳转型2026年行动计划》第13项第2条."""
        return title(self.plan) + place(self.label)


@dataclass(frozen=True, slots=True)
class Numbered:
    """An answer whose labels are numbers; `missing` are ids that it cites and no record has any more."""

    text: str
    sources: tuple[Source, ...]
    missing: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.split("\n")


def numbered(turn: Turn, store: Store) -> Numbered:
    """The answer of `turn` with numbers for labels.

    A record has one number, by where the text first cites it; what is cited without a label in the text
    (the measures behind a count) comes after. A quote that does not stand in its record is not used.
    """
    quotes: Mapping[str, str] = {cited.id: cited.quote for cited in turn.cited}
    of_label = {store.label(record_id): record_id for record_id in quotes if record_id in store}
    said = labels_in(turn.text)
    if any(label not in of_label for label in said):  # what the turn itself does not cite
        of_label |= labelled(store, said)
    in_text = [of_label[label] for label in said if label in of_label]
    ids = dict.fromkeys([*in_text, *quotes])
    records = store.get(record_id for record_id in ids if record_id in store)
    sources = tuple(
        Source(number, record, store.plans[record.plan], store.label(record.id), _quote(record, quotes))
        for number, record in enumerate(records, start=1)
    )
    text = turn.text
    for source in sources:
        text = text.replace(source.label, source.mark)
    return Numbered(text, sources, tuple(record_id for record_id in ids if record_id not in store))


def title(plan: Plan) -> str:
    """The title in its brackets; that it is a draft stands behind where the title does not say so."""
    draft = STATUS_WORDS["draft"]
    unsaid = plan.status == "draft" and draft not in plan.title
    return f"《{plan.title}》" + (f"（{draft}）" if unsaid else "")


def place(label: str) -> str:
    """Where in its plan: 第13项第2条; a section with the brackets of Chinese print: 三（一）1."""
    within = label.strip("〔〕").partition("·")[2]
    return within.replace("(", "（").replace(")", "）")


def copied(turn: Turn, store: Store) -> tuple[str, str]:
    """The answer with its sources for any other document: as plain text, and as markup.

    A word processor takes the markup with its paragraphs.
    """
    answer = numbered(turn, store)
    parts = [answer.text]
    if turn.note:
        parts.append(f"（{turn.note}）")
    if answer.sources:
        parts += ["", "依据：", *(source.mark + source.reference for source in answer.sources)]
    return "\n".join(parts), render("official", answer=answer, note=turn.note)


def _quote(record: Record, quotes: Mapping[str, str]) -> str:
    said = quotes.get(record.id, "")
    return said if said and said in record.text else record.text
