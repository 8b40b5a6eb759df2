"""Evidence: what is kept between the routes of one question stays what it was."""

from __future__ import annotations

from rag.engine import Engine


def test_evidence_is_found_anew_for_each_who_asks_though_it_is_kept(engine: Engine) -> None:
    """What one route does to its list does not reach the next; another depth is another search."""
    reading = engine.read("延庆区餐饮油烟由谁负责？")
    found = engine.finder.find(reading)
    kept = list(found)
    found.clear()
    assert kept and engine.finder.find(reading) == kept
    assert len(engine.finder.find(reading, 2 * len(kept))) > len(kept)


def test_the_problems_of_a_sentence_are_told_again_to_each_who_asks(engine: Engine) -> None:
    """A checked sentence is kept, the list of what is wrong with it is not shared."""
    answer = engine.ask("延庆区今年PM2.5目标是多少？")
    statement = next(s for s in answer.statements if s.kind == "quoted")
    changed = type(statement)(statement.text.replace("26", "27"), "quoted", statement.citations)
    first = engine.grounding.problems(changed)
    told = list(first)
    first.clear()
    assert told and engine.grounding.problems(changed) == told
    assert engine.grounding.problems(statement) == []
