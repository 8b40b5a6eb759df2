"""A model's sentence becomes a statement: its numbers become measures, and code looks whether they say it."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.normal import normal
from corpus.types import STATUS_WORDS, Record
from index.store import Store
from rag import spans
from rag.answer import Statement
from rag.bodies import Bodies
from rag.grounding import Grounding
from rag.routes.wording import joined_labels
from rag.writing.faithful import idle, unfaithful
from rag.writing.sentences import Segment, Sentence


class Checker:
    """Checks sentences against one store."""

    def __init__(self, store: Store, grounding: Grounding, bodies: Bodies) -> None:
        self.store = store
        self._grounding = grounding
        self._bodies = bodies

    def checked(
        self,
        sentence: Sentence,
        shown: Sequence[Record],
        writer: str,
        said: Sequence[Statement],
        question: str,
    ) -> tuple[Statement | None, list[str]]:
        """The statement that `sentence` makes of the measures `shown`, or what is wrong with it.

        The first sentence on a plan that is a draft says so, after those `said` before it.
        """
        sentence = sentence.without(f"（{STATUS_WORDS['draft']}）")  # said below, where it is so
        if not sentence.numbers:
            return None, ["没有注明依据的措施编号"]
        if strange := set(sentence.numbers).difference(sentence.among(len(shown))):
            return None, [f"没有编号为[{n}]的措施，编号只有1到{len(shown)}" for n in sorted(strange)]
        wrong = [problem for segment in sentence.segments for problem in self._wrong(segment, shown)]
        statement = self._statement(sentence, [shown[n - 1] for n in sentence.numbers], writer, said)
        wrong = list(dict.fromkeys([*self._grounding.problems(statement, question), *wrong]))
        return (None, wrong) if wrong else (statement, [])

    def _wrong(self, segment: Segment, shown: Sequence[Record]) -> list[str]:
        """What is wrong with a part of a sentence and the numbers behind it."""
        records = [shown[n - 1] for n in segment.numbers]
        plans = [self.store.plans[record.plan] for record in records]
        wrong = unfaithful(segment.text, records, plans, self._bodies)
        if len(records) > 1:
            cited = zip(segment.numbers, records, plans, strict=True)
            wrong += [f"编号[{n}]的措施没有说这件事" for n, r, p in cited if idle(segment.text, r, p)]
        word = STATUS_WORDS["draft"]
        if word in segment.text and all(plan.status != "draft" for plan in plans):
            wrong.append(f"编号{list(segment.numbers)}的措施不是{word}")
        return wrong

    def _statement(
        self, sentence: Sentence, records: Sequence[Record], writer: str, said: Sequence[Statement]
    ) -> Statement:
        ids = tuple(record.id for record in records)
        drafts = dict.fromkeys(p.short for r in records if (p := self.store.plans[r.plan]).status == "draft")
        told = {self.store.plans[r.plan].short for s in said for r in self.store.get(s.citations)}
        word = STATUS_WORDS["draft"]
        note = ""
        if word not in sentence.text and (new := [short for short in drafts if short not in told]):
            alone = len(drafts) == len({record.plan for record in records})
            note = f"（{word}）" if alone else f"（其中{'、'.join(new)}为{word}）"
        text = f"{sentence.text}{note}{joined_labels(ids, self.store)}。"
        quotes = tuple((r.id, q) for r in records for q in [_quote(r, sentence)] if q)
        return Statement(text, "quoted", ids, quotes, writer=writer)


def _quote(record: Record, sentence: Sentence) -> str:
    """The sentence of `record` that holds most of what is said: what a reader should look at."""
    clauses = spans.best(record.text, normal(sentence.text), most=1, figure=True)
    return spans.trimmed(clauses[0].text) if clauses else ""
