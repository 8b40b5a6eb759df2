"""Which record is which in another edition."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from corpus.ingest import Corpus
from corpus.matching import assign, match
from corpus.types import Measure

GAINS = arrays.arrays(
    float,
    st.tuples(st.integers(1, 8), st.integers(1, 8)),
    elements=st.sampled_from([0.0, 0.0, 0.25, 0.5, 0.75, 1.0]),
)


@settings(max_examples=60, deadline=None)
@given(GAINS)
def test_no_other_assignment_gains_more(gain: np.ndarray) -> None:
    from scipy.optimize import linear_sum_assignment

    found = assign(gain)
    rows, columns = linear_sum_assignment(-gain)
    assert sum(gain[pair] for pair in found) == gain[rows, columns].sum()
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found)
    assert all(gain[pair] > 0 for pair in found)


def measures(corpus: Corpus, plan: str) -> list[Measure]:
    return next(list(entry.measures) for entry in corpus.plans if entry.plan.id == plan)


def test_a_number_alone_makes_no_pair(corpus: Corpus) -> None:
    """The same number, task, departments and deadline, another measure: one dropped and one added."""
    before = measures(corpus, "bj-green-2026")
    other = measures(corpus, "yq-pollution-2026")
    after = [replace(one, text=new.text) for one, new in zip(before, other, strict=False)]
    assert match(before, after).pairs == ()


def test_like_measures_are_told_apart_by_where_they_stand(corpus: Corpus) -> None:
    """Rows that say the same are paired in order, and each once."""
    row = replace(measures(corpus, "yq-green-2026")[0], text="落实相关工作。")
    found = match([row] * 3, [row] * 2)
    assert [(pair.before, pair.after) for pair in found.pairs] in ([(0, 0), (1, 1)], [(0, 0), (2, 1)])


def test_sister_plans_of_two_districts_pair_as_a_reader_would(corpus: Corpus) -> None:
    """延庆 and 怀柔 wrote the same programme each in its own words."""
    before, after = measures(corpus, "yq-green-2026"), measures(corpus, "hr-green-2026")
    found = {before[pair.before].id: after[pair.after].id for pair in match(before, after).pairs}
    read = {
        "yq-green-2026/2/1": "hr-green-2026/2/1",  # 碳达峰碳中和综合评价
        "yq-green-2026/2/2": "hr-green-2026/2/3",  # 碳排放评价
        "yq-green-2026/4/1": "hr-green-2026/4/1",  # 低碳领跑者
        "yq-green-2026/11/1": "hr-green-2026/11/1",  # 海绵城市
        "yq-green-2026/31/1": "hr-green-2026/30/1",  # 增绿提质
        "yq-green-2026/31/2": "hr-green-2026/30/2",  # 垂直绿化
    }
    assert {one: found.get(one) for one in read} == read


def test_five_hundred_measures_match_within_a_second(corpus: Corpus) -> None:
    every = [record for record in corpus.records if isinstance(record, Measure)]
    before = (every + every)[:500]
    started = time.process_time()
    assert len(match(before, list(reversed(before))).pairs) == 500
    assert time.process_time() - started < 3  # measured: 0.7 s; a busy machine gets its time
