"""The word index, written batch by batch, scores as bm25s does over all texts at once."""

from __future__ import annotations

from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.ingest import Corpus
from corpus.normal import normal
from index import words as module
from index.expansion import Expansion, everyday
from index.statistics import K1, B, Statistics
from index.store import searchable
from index.tokens import Together, tokens
from index.words import WordIndex, WordWriter

letters = st.text(alphabet="水气土河湖pm2.5 %\n26kw-㐀鿿、", max_size=30).map(normal)


@given(st.lists(letters, max_size=8))
def test_texts_read_together_have_the_tokens_that_each_has_alone(texts: list[str]) -> None:
    statistics = Statistics()
    number, place, times, lengths = statistics.add(texts)
    names = list(statistics.numbers)
    found = {
        (names[n], p): t for n, p, t in zip(number.tolist(), place.tolist(), times.tolist(), strict=True)
    }
    own = [tokens(text) for text in texts]
    assert found == {(token, n): held.count(token) for n, held in enumerate(own) for token in held}
    assert lengths.tolist() == [len(held) for held in own]
    together = Together.of(texts)
    three = together.codes(together.windows(3), 3)
    assert len(three) == sum(len(run) - 2 for text in texts for run in _runs(text) if len(run) > 2)


def _runs(text: str) -> list[str]:
    return "".join(char if "\u3400" <= char <= "\u9fff" else " " for char in text).split()


@pytest.fixture(scope="module")
def texts(corpus: Corpus) -> list[str]:
    return [searchable(record) for record in corpus.records]


def test_scores_are_those_of_bm25s_whatever_the_batches(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 100)
    writer = WordWriter(tmp_path / "words")
    for start in range(0, len(texts), 7):
        writer.add(texts[start : start + 7])
    made = writer.finish()
    peer = bm25s.BM25(k1=K1, b=B, backend="numpy")
    peer.index([tokens(text) for text in texts], show_progress=False)
    for query in ["生活垃圾资源化利用率达到80%", "PM2.5", "龘龘", *texts[::50]]:
        known = [peer.vocab_dict[t] for t in tokens(query) if t in peer.vocab_dict]
        theirs = peer.get_scores_from_ids(known) if known else np.zeros(len(texts))
        assert np.array_equal(made.scores(query), theirs), query
    assert sorted(path.name for path in (tmp_path / "words").glob("*-*")) == []


def test_an_index_that_is_continued_scores_what_is_new_by_the_words_of_the_old(
    texts: list[str], tmp_path: Path
) -> None:
    """The old records keep their scores; a new one scores as an old one that says the same."""
    first = WordWriter(tmp_path / "first")
    first.add(texts)
    before = first.finish()
    second = WordWriter(tmp_path / "second", before.statistics)
    second.add([texts[5], "龘龘湖清淤", texts[9]])
    second.finish()
    both = WordIndex.load(tmp_path / "first", tmp_path / "second")
    assert both.size == len(texts) + 3
    lexicon = everyday()
    for query in ["楼下饭馆天天冒油烟", *texts[:40:4]]:
        expansions: tuple[Expansion, ...] = lexicon.expansions(query)
        scores = both.scores(query, expansions)
        assert np.array_equal(scores[: len(texts)], before.scores(query, expansions))
        assert scores[len(texts)] == scores[5] and scores[len(texts) + 2] == scores[9]
    assert both.scores("龘龘湖").argmax() == len(texts) + 1


def test_a_document_and_a_query_multiply_to_the_score(texts: list[str], tmp_path: Path) -> None:
    """What another engine needs to score as this one does."""
    writer = WordWriter(tmp_path / "words")
    writer.add(texts)
    made = writer.finish()
    for query in ["垃圾分类", "延庆区生活垃圾资源化利用率", *texts[::80]]:
        wanted = made.statistics.query(query)
        scores = made.scores(query)
        for place in (0, 17, int(scores.argmax())):
            numbers, weights = made.statistics.document(texts[place])
            product = sum(
                wanted.get(n, 0.0) * w for n, w in zip(numbers.tolist(), weights.tolist(), strict=True)
            )
            assert product == pytest.approx(float(scores[place]), rel=1e-4)
