"""Fusion: scores of several kinds to one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SAMPLED = 64  # times the depth: so many scores tell from which on the best are found


def convex_combination(parts: Floats, weights: Sequence[float]) -> Floats:
    """The weighted mean of `parts`, shape (records, kinds), all within 0 to 1: shape (records,).

    A convex combination of scaled scores needs few questions to learn its weights from and
    finds more than reciprocal ranks do (Bruch, Gai and Ingber, "An Analysis of Fusion
    Functions for Hybrid Retrieval", TOIS 2023).

    Raises:
        ValueError: no weight is above zero.

    >>> convex_combination(np.float32([[1, 0], [0, 1]]), (3.0, 1.0)).tolist()
    [0.75, 0.25]
    """
    share = np.asarray(weights, dtype=np.float32)
    if not share.sum() > 0:
        raise ValueError("no weight is above zero")
    fused: Floats = parts @ (share / share.sum())
    return fused


def scaled(scores: Floats) -> Floats:
    """`scores`, none below zero, divided by the best one; all zero stay zero."""
    best = scores.max(initial=0)
    return scores / best if best > 0 else scores


def fused(raw: Floats, written: NDArray[np.bool_] | None, weights: Sequence[float]) -> tuple[Floats, Floats]:
    """The parts of each record's score within 0 to 1, shape (n, 4), and the score, shape (n,).

    `raw` holds for each record that any ranking found the BM25 of its text, its cosine, the BM25 of it
    together with its questions, and the best cosine of a question; `written` which of them have questions
    that somebody wrote, shape (n,), None where there is no bank.
    """
    parts = raw.copy()
    parts[:, 0], parts[:, 2] = scaled(raw[:, 0]), scaled(raw[:, 2])
    if written is not None:
        unasked = ~written
        parts[unasked, 2] = np.maximum(parts[unasked, 2], _expected(parts[unasked]))
        parts[unasked, 3] = np.maximum(parts[unasked, 3], parts[unasked, 1])
    return parts, convex_combination(parts, weights)


def _expected(parts: Floats) -> Floats:
    """What the words of its questions would give a record that nobody has written any for.

    Guessed from its own text, so that a plan without a bank is not outdone by those with one.
    Set on dev with each plan left out.
    """
    expected: Floats = np.minimum(1, 3.5 * parts[:, 1] + 0.6 * parts[:, 0])
    return expected


def best(scores: Floats, depth: int, allowed: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Places with a score above zero, best first and of equal ones the first, at most `depth`.

    `allowed` are the places that may be found, in order; None for all.
    """
    of = scores if allowed is None else scores[allowed]
    least = 0.0
    if len(of) > SAMPLED * depth:  # the best of a sample are no better than the best of all
        sample = of[:: max(1, len(of) // (SAMPLED * depth))]
        least = float(np.partition(sample, len(sample) - depth)[len(sample) - depth])
    candidates = np.flatnonzero(of >= least) if least > 0 else np.flatnonzero(of)
    found = candidates[np.argsort(-of[candidates], kind="stable")[:depth]]
    return found if allowed is None else allowed[found]
