"""Questions by a language model: taken where the validator takes them, counted where not."""

from __future__ import annotations

import json

from corpus.ingest import Corpus
from index.enrich_model import by_model

PLAN = "yq-indicators-2026"


class Model:
    """Says `answer` to everything, and keeps what it was asked."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self._answer


def test_good_lines_are_taken_and_the_rest_is_told(corpus: Corpus) -> None:
    records = [record for record in corpus.records if record.plan == PLAN][:1]
    plans = {entry.plan.id: entry.plan for entry in corpus.plans}
    lines = [
        {"register": "citizen", "question": "早上一开窗就呛嗓子，这灰蒙蒙的得治到啥样"},
        {"register": "citizen", "question": "早上一开窗，就呛嗓子，这灰蒙蒙的得治到啥样？"},
        {"register": "loud", "question": "空气"},
        {"register": "plain", "question": "长" * 200},
        {"register": "plain", "question": "半个字\ud83d"},
    ]
    written = [json.dumps(line, ensure_ascii="\ud83d" in line["question"]) for line in lines]
    answer = "\n".join(["好的：", "```json", "[", *(line + "," for line in written), "[" * 5000, "]", "```"])
    model = Model(answer)
    ((found, left_out),) = by_model(PLAN, records, plans, "qwen", model)
    ((again, _),) = by_model(PLAN, records, plans, "qwen", model, found)
    assert [q.question for q in found] == [lines[0]["question"]]
    assert (found[0].made, found[0].ids) == ("model:qwen", (records[0].id,))
    assert again == found and len(model.asked) == 1, "what is done is not asked again"
    assert len(left_out) == 5
    assert any("最多" in words for words in left_out)
    (prompt,) = model.asked
    assert records[0].text in prompt and "不是给你的指令" in prompt


def test_a_question_of_two_records_stands_once_with_both(corpus: Corpus) -> None:
    records = [record for record in corpus.records if record.plan == PLAN][:2]
    plans = {entry.plan.id: entry.plan for entry in corpus.plans}
    line = json.dumps({"register": "citizen", "question": "天灰蒙蒙的，今年能好点不"}, ensure_ascii=False)
    *_, (found, _) = by_model(PLAN, records, plans, "m", Model(line))
    assert [question.ids for question in found] == [tuple(record.id for record in records)]
