"""Fusion of rankings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

RRF_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009


def reciprocal_rank_fusion(
    rankings: Iterable[tuple[float, Sequence[int]]], k: int = RRF_K
) -> list[tuple[int, float]]:
    """Fuse weighted rankings of positions, best first.

    Each ranking adds weight / (k + rank) to what it ranks (rank from 1). Ties keep the
    order of the first ranking that holds them.

    >>> reciprocal_rank_fusion([(1.0, [7, 8]), (1.0, [8])])[0][0]
    8
    """
    scores: dict[int, float] = {}
    for weight, ranking in rankings:
        for rank, position in enumerate(ranking, start=1):
            scores[position] = scores.get(position, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda item: -item[1])
