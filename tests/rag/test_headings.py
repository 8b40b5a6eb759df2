"""Headings: how much one is about a topic, and overviews that go by them."""

from __future__ import annotations

import pytest

from corpus.normal import normal
from index.expansion import Expansion
from index.filters import Filters
from rag.engine import Engine
from rag.headings import Headings
from rag.outline import title


@pytest.fixture(scope="module")
def headings(engine: Engine) -> Headings:
    return Headings(engine.store)


def test_shares_are_shares_and_a_heading_is_about_itself(engine: Engine, headings: Headings) -> None:
    tasks = {r.task for r in engine.store.scan(Filters(kinds=("measure",))) if r.task}
    itself = (pytest.approx(1), pytest.approx(1))
    assert all(headings.about(normal(title(task)), task) == itself for task in tasks)
    for heading in ("（五）汛期污染防治", "一、应对气候变化"):
        shares = [share for task in tasks for share in headings.about(task, heading)]
        assert all(0 <= share <= 1 + 1e-9 for share in shares)


def test_a_word_that_few_headings_share_says_more(headings: Headings) -> None:
    flood, soil = (headings.about("汛期的污染", heading)[0] for heading in ("汛期污染防治", "土壤污染防治"))
    assert flood > 2 * soil > 0


def test_an_everyday_word_is_held_by_what_it_stands_for(headings: Headings) -> None:
    stands = (Expansion(0, 3, ("饮用水",), 0.9),)
    assert headings.about("喝的水安全", "保障饮用水安全", stands) > headings.about(
        "喝的水安全", "保障饮用水安全"
    )


@pytest.mark.parametrize("question", ["延庆“无废城市”工作的框架", "概括一下延庆的无废城市建设"])
def test_a_chapter_that_is_the_topic_comes_whole(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    wanted = Filters(plans=("yq-green-2026",))
    chapter = [r.id for r in engine.store.scan(wanted) if r.path[0] == "二、“无废城市”建设"]
    assert answer.route == "summary"
    assert [c.record.id for c in answer.citations] == chapter


def test_of_several_things_named_none_is_left_out(engine: Engine) -> None:
    answer = engine.ask("请归纳市里碳市场、碳普惠、碳足迹的安排")
    texts = "".join(c.record.text for c in answer.citations)
    assert answer.route == "summary"
    assert all(word in texts for word in ("碳市场", "碳普惠", "碳足迹"))
