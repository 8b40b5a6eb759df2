"""The five-year plan: 556 sentences once each, in the committed reading order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from corpus.ingest import Corpus, read_corpus
from corpus.labels import labels
from corpus.manifest import BUNDLED
from corpus.types import Passage

SOURCES = BUNDLED.parent


@pytest.fixture(scope="module")
def passages(corpus: Corpus) -> tuple[Passage, ...]:
    return next(entry.passages for entry in corpus.plans if entry.plan.id == "bj-eco-145")


def test_every_sentence_stands_once_in_reading_order(passages: tuple[Passage, ...]) -> None:
    printed = (SOURCES / "bj-eco-145.txt").read_text(encoding="utf-8")
    cut = [part.strip() for part in re.split(r"(?<=[。；\n])", printed)]
    sentences = [part for part in cut if part]
    order = json.loads((SOURCES / "bj-eco-145.order.json").read_text(encoding="utf-8"))
    expected = [sentences[entry["sentence"]][entry["heading_chars"] :] for entry in order]
    assert len(sentences) == 753
    assert [s for passage in passages for s in passage.sentences] == expected
    assert len(expected) == 556


def test_passages_keep_to_their_section_and_stop_at_lost_text(passages: tuple[Passage, ...]) -> None:
    assert [p.ordinal for p in passages] == list(range(len(passages)))
    assert sum(p.gap_before for p in passages) == 44
    assert len({p.id for p in passages}) == len(passages)
    sections = {p.section: p.path for p in passages}
    assert all(p.path == sections[p.section] for p in passages)


def test_a_section_that_goes_on_after_its_items_counts_on(passages: tuple[Passage, ...]) -> None:
    own = [p for p in passages if p.section == "1.2"]
    assert [p.item for p in own] == list(range(1, len(own) + 1))
    assert own[0].text.startswith("“十三五”时期，全市生态环境保护工作取得了显著成效")
    assert own[1].text.startswith("“十四五”时期，生态环境持续改善具有多方面优势")
    assert own[0].ordinal + 1 < own[1].ordinal


def test_headings_are_cut_from_the_text_and_lost_ones_keep_their_number(
    passages: tuple[Passage, ...],
) -> None:
    by_id = {p.id: p for p in passages}
    assert by_id["bj-eco-145/0.1/1"].number == "印发通知"
    assert by_id["bj-eco-145/0.2/1"].text.startswith("“十四五”时期是我国")
    assert by_id["bj-eco-145/3.1.1/1"].path[-1] == "1.大力发展新能源和可再生能源"
    assert by_id["bj-eco-145/3.1.1/1"].text.startswith("加强可再生能源供应保障。")
    assert by_id["bj-eco-145/4.2.1/1"].path[-1] == "1.〔标题缺〕"
    assert by_id["bj-eco-145/4.2.1/1"].number == "四(二)1"


def test_achievements_of_the_thirteenth_are_told_apart(passages: tuple[Passage, ...]) -> None:
    assert {p.period for p in passages if p.section.startswith("1.1")} == {"“十三五”时期"}
    assert {p.period for p in passages if not p.section.startswith("1.1")} == {""}


def test_labels_say_the_passage_only_where_there_are_several(corpus: Corpus) -> None:
    label = labels([entry.plan for entry in corpus.plans], corpus.records)
    assert label["bj-green-2026/7/2"] == "〔市绿色低碳·第7项第2条〕"
    assert label["yq-pollution-2026/37/1"] == "〔延庆污染防治·第37项〕"
    assert label["bj-eco-145/3.1.1/1"] == "〔十四五规划·三(一)1第1段〕"
    assert label["bj-eco-145/3.3.3/1"] == "〔十四五规划·三(三)3〕"
    assert len(set(label.values())) == len(label)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda order: order.pop(200), "没有归入任何字段"),
        (lambda order: order[5].update(sentence=9999), "没有第 9999 句"),
        (lambda order: order[7].update(repeated_at=3), "并不相同"),
        (lambda order: order[4].update(heading_chars=5), "对不上"),
        (lambda order: order.append(dict(order[3])), "被读了两次"),
    ],
)
def test_an_order_that_does_not_fit_the_text_is_an_error(tmp_path: Path, change: object, said: str) -> None:
    from corpus.errors import SourceError

    for name in ("bj-eco-145.txt", "bj-eco-145.order.json"):
        (tmp_path / name).write_bytes((SOURCES / name).read_bytes())
    order = json.loads((tmp_path / "bj-eco-145.order.json").read_text(encoding="utf-8"))
    change(order)  # type: ignore[operator]
    (tmp_path / "bj-eco-145.order.json").write_text(json.dumps(order), encoding="utf-8")
    entry = BUNDLED.read_text(encoding="utf-8").partition('id = "bj-eco-145"')
    (tmp_path / "sources.toml").write_text('[[plan]]\nid = "bj-eco-145"' + entry[2], encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        read_corpus(tmp_path / "sources.toml")
