"""Words, vectors, fusion: what is found, what is not, and filters before ranking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Role
from index import retriever as module
from index.embedding import Encoder
from index.filters import Filters
from index.folder import IndexFolder, OpenIndex
from index.fusion import convex_combination, scaled
from index.retriever import Weights
from index.tokens import tokens
from index.vectors import VectorIndex
from index.words import WordIndex

unit = st.floats(0, 1, width=32, allow_subnormal=False)


def test_tokens_are_bigrams_with_figures_and_latin_words_whole() -> None:
    assert tokens("PM _{2.5} 降到２６微克") == ["pm2.5", "降到", "26", "微克"]
    assert tokens("水") == ["水"]
    assert tokens("！？") == []


@pytest.mark.parametrize("query", ["xyzzy qwerty", "龘龘龘龘", "！！！", "🌧️"])
def test_a_query_whose_words_match_nothing_finds_nothing(index: OpenIndex, query: str) -> None:
    assert index.retriever.search(query) == []


def test_word_scores_are_zero_where_no_token_is_shared() -> None:
    words = WordIndex.build(["餐饮油烟治理", "噪声治理"])
    assert not words.scores("龘龘").any()
    scores = words.scores("油烟")
    assert scores[0] > 0
    assert scores[1] == 0


def test_filters_apply_before_ranking(index: OpenIndex) -> None:
    best = index.retriever.search("生活垃圾资源化利用率", 3)
    assert best[0].id.startswith(("bj-", "yq-", "hr-"))
    narrow = Filters(districts=("怀柔区",), departments=("怀柔区水务局",), roles=(Role.LEAD,))
    allowed = {record.id for record in index.store.scan(narrow)}
    found = index.retriever.search("生活垃圾资源化利用率达到百分之八十", 50, narrow)
    assert found
    assert {hit.id for hit in found} <= allowed
    assert index.retriever.search("垃圾", 5, Filters(plans=("no-such-plan",))) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("餐饮油烟", "yq-pollution-2026/8/3"),
        ("生态环境质量指数EI", "bj-green-2026/27/1"),
        ("海绵城市达标面积比例52%", "yq-green-2026/11/1"),
        ("五即规范化建设", "bj-green-2026/21/3"),
        ("轨道交通运营里程1600公里", "bj-eco-145/3.3.2/3"),
    ],
)
def test_a_measure_is_found_by_its_words(index: OpenIndex, query: str, expected: str) -> None:
    assert expected in [hit.id for hit in index.retriever.search(query, 5)]


@given(st.lists(st.tuples(unit, unit, unit), min_size=1, max_size=8), st.tuples(unit, unit, unit))
def test_fusion_is_a_weighted_mean_and_scaling_keeps_the_order(
    rows: list[tuple[float, ...]], weights: tuple[float, ...]
) -> None:
    parts = np.asarray(rows, dtype=np.float32)
    if not sum(weights) > 0:
        with pytest.raises(ValueError, match="no weight"):
            convex_combination(parts, weights)
        return
    fused = convex_combination(parts, weights)
    assert np.all(fused >= parts.min(axis=1) - 1e-5) and np.all(fused <= parts.max(axis=1) + 1e-5)
    one = scaled(parts[:, 0])
    assert one.min() >= 0 and one.max() <= 1
    assert np.array_equal(np.argsort(one, kind="stable"), np.argsort(parts[:, 0], kind="stable"))


def test_vectors_are_exact_cosines_among_the_allowed() -> None:
    rows = np.eye(4, dtype=np.float32)
    vectors = VectorIndex.build(rows)
    positions, cosines = vectors.search(rows[2], 2, allowed=[0, 2])
    assert positions.tolist() == [2, 0]
    assert cosines.tolist() == [1.0, 0.0]
    assert vectors.search(rows[2], 2, allowed=[])[0].size == 0
    nothing, _ = vectors.search(np.zeros(4, dtype=np.float32), 2)
    assert nothing.size == 0


def test_few_records_among_many_are_searched_by_themselves_and_score_the_same(
    index_dir: Path, index: OpenIndex, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large index only the postings of the allowed records are looked at: runs, or one by one."""
    monkeypatch.setattr(module, "LARGE", 0)
    monkeypatch.setattr(module, "FEW", 1)
    large = IndexFolder(index_dir).open(encoder)
    scopes = [
        Filters(districts=("怀柔区",)),
        Filters(plans=("bj-green-2026", "yq-pollution-2026")),
        Filters(departments=("延庆区水务局",)),
        Filters(texts=("的",)),
        Filters(plans=("no-such-plan",)),
    ]
    for query in ("垃圾分类", "楼下饭馆天天冒油烟", "PM2.5降到26微克", "雾霾天怎么办", "xyz", "龘龘"):
        for filters in scopes:
            assert large.retriever.search(query, 20, filters) == index.retriever.search(query, 20, filters)


def test_words_count_more_where_many_are_searched() -> None:
    weights = Weights()
    assert weights.among(624) == weights.of_parts
    words, *others = weights.among(100 * module.CROWD)
    assert words == pytest.approx(10 * weights.words) and tuple(others) == weights.of_parts[1:]


def test_what_was_searched_before_does_not_change_what_is_found(index: OpenIndex) -> None:
    """Filters, vectors and expansions are kept between searches; none of them leaks into another."""
    narrow = Filters(districts=("怀柔区",))
    first = [index.retriever.search("餐饮油烟", 20), index.retriever.search("餐饮油烟", 20, narrow)]
    assert first[0] != first[1]
    again = [index.retriever.search("餐饮油烟", 20, narrow), index.retriever.search("餐饮油烟", 20)]
    assert again == first[::-1]


def test_the_likeness_of_sentences_is_the_same_however_often_it_is_asked(
    index: OpenIndex, encoder: Encoder
) -> None:
    texts = ["加强餐饮油烟治理。", "推进海绵城市建设。"]
    query = encoder.encode_queries(["饭馆油烟"])[0]
    expected = (encoder.encode(texts) @ query).tolist()
    assert [index.retriever.likeness("饭馆油烟", texts) for _ in range(2)] == [expected, expected]
