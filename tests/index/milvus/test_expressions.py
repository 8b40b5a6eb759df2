"""What narrows a search holds in Milvus for the very records that the store finds."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.ingest import Corpus
from corpus.types import Role
from index.filters import Filters
from index.milvus.expressions import RECORDS, among, joined, starts
from index.milvus.schema import POSITION
from index.plan_table import Ranges
from tests.index.milvus.conftest import Collection, Parts

PLANS = ("bj-green-2026", "bj-eco-145", "yq-pollution-2026", "hr-green-2026", "no-such-plan")
some = st.lists(st.sampled_from(PLANS), max_size=3, unique=True).map(tuple)
simple = st.builds(
    Filters,
    plans=some,
    districts=st.lists(st.sampled_from(["", "延庆区", "怀柔区"]), max_size=2, unique=True).map(tuple),
    roles=st.lists(st.sampled_from(list(Role)), max_size=1).map(tuple),
    kinds=st.lists(st.sampled_from(["measure", "passage"]), max_size=1).map(tuple),
    statuses=st.lists(st.sampled_from(["final", "draft"]), max_size=1).map(tuple),
    years=st.lists(st.sampled_from([2023, 2026]), max_size=1).map(tuple),
    texts=st.lists(st.sampled_from(["水", "污染", "龘"]), max_size=1).map(tuple),
    in_force=st.booleans(),
)
filters = st.builds(
    lambda one, others, without: Filters(both=(one,), either=others, excluding=without),
    simple,
    st.lists(st.lists(simple, min_size=1, max_size=2).map(tuple), max_size=1).map(tuple),
    st.lists(simple, max_size=1).map(tuple),
)


def found(collection: Collection, expression: str) -> list[int]:
    """Positions of the records for which the server holds `expression` true."""
    condition = joined(RECORDS, expression)
    rows = collection.server.searched("query", collection.name, filter=condition, output_fields=[POSITION])
    return sorted(row[POSITION] for row in rows)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(chosen=filters)
@example(chosen=Filters(in_force=True))
@example(chosen=Filters(texts=("水",)))
@example(chosen=Filters(excluding=(Filters(texts=("垃圾",)),)))
def test_filters_hold_in_milvus_for_the_same_records(
    collection: Collection, parts: Parts, chosen: Filters
) -> None:
    store = parts.store
    allowed = store.allowed(chosen)
    if not len(allowed):
        return
    expression = among(allowed, starts(store.plan_table), store.count())
    assert found(collection, expression) == store.positions(chosen).tolist()


def test_positions_by_the_thousand_are_one_short_expression_where_they_are_whole_plans() -> None:
    plans = np.arange(0, 100_000, 20)
    most = Ranges(np.array([[0, 40], [60, 100_000]]))
    assert among(most, plans, 100_000) == "plan not in [40]"
    assert among(most.positions(), plans, 100_000) == "plan not in [40]"
    assert among(Ranges(np.array([[0, 100_000]])), plans, 100_000) == ""


def test_thousands_of_single_positions_are_found(
    collection: Collection, parts: Parts, corpus: Corpus
) -> None:
    """An expression may name far more positions than there are."""
    every = np.arange(0, 2 * 20_000, 2)
    expression = among(every, np.array([0]), 10**6)
    assert found(collection, expression) == list(range(0, len(corpus.records), 2))
