"""An answer in official style: every label a number, every number a source."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.engine import Engine
from rag.figures import labels_in
from ui.official import copied, numbered, title
from ui.turns import Cited, Turn, turn

_MARK = re.compile(r"［(\d+)］")
QUESTIONS = (
    "海绵城市达标面积比例，市里和怀柔各是多少？",
    "怀柔区生态环境局牵头的措施有哪些？",
    "怀柔区生态环境局牵头的措施有多少条？",
    "楼下饭馆天天冒油烟，归谁管？",
    "十四五规划对PM2.5有什么目标？",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_real_answer_has_numbers_for_labels_and_a_source_for_each(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    made = numbered(turn(answer), engine.store)
    assert labels_in(made.text) == []
    assert {source.record.id for source in made.sources} == {c.record.id for c in answer.citations}
    assert [source.number for source in made.sources] == list(range(1, len(made.sources) + 1))
    assert {int(n) for n in _MARK.findall(made.text)} <= set(range(1, len(made.sources) + 1))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_label_has_one_number_and_every_number_a_source(engine: Engine, data: st.DataObject) -> None:
    store = engine.store
    ids = data.draw(st.lists(st.sampled_from(store.ids), max_size=12))
    words = data.draw(st.lists(st.text(alphabet="措施。\n〔2025〕号［］", max_size=8), min_size=len(ids) + 1))
    text = words[0] + "".join(store.label(i) + said for i, said in zip(ids, words[1:], strict=False))
    cited = data.draw(st.lists(st.sampled_from(store.ids), max_size=4))
    made = numbered(Turn(question="问", text=text, cited=[Cited(id=i, quote="") for i in cited]), store)
    of_id = {source.record.id: source for source in made.sources}
    assert len(of_id) == len(made.sources)
    assert of_id.keys() == {*ids, *cited}
    assert not set(labels_in(made.text)) & {store.label(i) for i in ids}
    for record_id in set(ids):
        assert made.text.count(of_id[record_id].mark) >= ids.count(record_id)
    assert [source.number for source in made.sources] == list(range(1, len(made.sources) + 1))


def test_what_is_copied_is_clean_text_with_the_titles_of_the_plans(engine: Engine) -> None:
    asked = turn(engine.ask("海绵城市达标面积比例，市里和怀柔各是多少？"))
    said, markup = copied(asked, engine.store)
    assert "达到44%［1］。" in said
    assert said.endswith(
        "依据：\n［1］《北京市加快绿色低碳转型2026年行动计划》第13项\n［2］《怀柔区加快绿色低碳转型2026年行动计划》第11项"
    )
    assert markup.count("<p ") == len([line for line in said.split("\n") if line])
    assert "〔" not in said + markup


def test_a_passage_is_said_by_its_section_and_a_draft_says_so(engine: Engine) -> None:
    passage = turn(engine.ask("十四五时期空气质量目标"))
    assert "《北京市“十四五”时期生态环境保护规划》二（三）第2段" in copied(passage, engine.store)[0]
    draft = next(plan for plan in engine.store.plans.values() if plan.status == "draft")
    assert title(draft).count("（征求意见稿）") == 1
    assert title(replace(draft, title="某计划")) == "《某计划》（征求意见稿）"


def test_markup_in_an_answer_is_text(engine: Engine) -> None:
    _, markup = copied(Turn(question="问", text="<script>alert(1)</script>"), engine.store)
    assert "<script>" not in markup
    assert "&lt;script&gt;" in markup
