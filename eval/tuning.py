"""Learns the numbers of retrieval and support from the development questions (scipy).

fusion    a softmax over the candidates of each question: its gold records shall be first
support   a logistic regression: does the best record answer the question, or does nothing
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eval.metrics.case import Case
from eval.metrics.retrieval import counts
from eval.questions import Question
from index.retriever import HybridRetriever
from rag import selection, support
from rag.engine import Engine
from rag.errors import QuestionError

Floats = NDArray[np.float64]
FOLDS, TOTAL, RIDGE = 5, 10.0, 1e-3
REFUSED = 0.92  # of the unanswerable questions that no other rule refuses
RANKED = ("fact", "duty", "deadline")  # routes that rest on what was found


@dataclass(frozen=True, slots=True)
class Learnt:
    """Numbers learnt, how they do on questions held out (`FOLDS` folds) and on all; `now`: those in use."""

    numbers: tuple[float, ...]
    held_out: float
    all: float
    now: float
    questions: int


Ranked = tuple[Floats, NDArray[np.bool_], int]  # parts of the candidates, which are gold, how many gold
Asked = Sequence[tuple[Engine, Sequence[Question]]]


def fusion(asked: Asked, k: int = 5) -> Learnt:
    """Weights of the four scores (they sum to `TOTAL`) and the recall@k that they give.

    Each engine is asked its own questions.
    """
    cases = [case for engine, questions in asked for case in _cases(engine, questions)]

    def recall(weights: Floats, some: Sequence[Ranked]) -> float:
        found = [gold[np.argsort(-(parts @ weights), kind="stable")[:k]].sum() / n for parts, gold, n in some]
        return float(np.mean(found))

    folds = [cases[n::FOLDS] for n in range(FOLDS)]
    rest = [[case for m, fold in enumerate(folds) if m != n for case in fold] for n in range(FOLDS)]
    held_out = [recall(_softmax(others), fold) for others, fold in zip(rest, folds, strict=True)]
    weights = _softmax(cases)
    shown = tuple(round(float(w), 1) for w in weights / weights.sum() * TOTAL)
    now = recall(np.asarray(asked[0][0].index.retriever.weights.of_parts), cases)
    return Learnt(shown, float(np.mean(held_out)), recall(weights, cases), now, len(cases))


def _cases(engine: Engine, questions: Sequence[Question]) -> list[Ranked]:
    retriever = engine.index.retriever
    assert isinstance(retriever, HybridRetriever)
    place = {record_id: n for n, record_id in enumerate(engine.store.ids)}
    cases = []
    for question in questions:
        if not counts(Case(question, {})):
            continue
        filters, query, depth = engine.finder.scope(engine.read(question.question))
        places, raw = retriever.candidates(query, depth, filters)
        parts, _ = retriever.scored(places, raw, retriever.searched(filters))
        gold = np.isin(places, [place[record_id] for record_id in question.gold])
        if gold.any():
            cases.append((parts.astype(np.float64), gold, len(question.gold)))
    return cases


def _softmax(cases: Sequence[Ranked]) -> Floats:
    """The weights, none below zero, that make gold records likeliest among the candidates."""
    from scipy.optimize import minimize

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for parts, gold, _ in cases:
            scores = parts @ weights
            scores -= scores.max()
            chance = np.exp(scores) / np.exp(scores).sum()
            total -= float(np.log(chance[gold]).mean()) / len(cases)
            slope = slope - (parts[gold].mean(axis=0) - chance @ parts) / len(cases)
        return total, slope

    kinds = cases[0][0].shape[1]
    found = minimize(loss, np.ones(kinds), jac=True, method="L-BFGS-B", bounds=[(0, None)] * kinds)
    return np.asarray(found.x)


def supporting(asked: Asked) -> Learnt:
    """Weights of `support.NAMES` with the threshold last, and the share that they judge rightly.

    Each engine is asked its own questions. The weights are those of a logistic regression; the
    threshold is where `REFUSED` of the unanswerable questions stay below it, whatever that costs.
    """
    rows, answers = [], []
    for engine, questions in asked:
        for question in questions:
            found = _best(engine, question)
            if found is not None:
                rows.append(found)
                answers.append(not question.refuse)
    features, right = np.asarray(rows), np.asarray(answers)
    folds = np.arange(len(rows)) % FOLDS
    held_out = [
        np.mean(
            _judged(_numbers(features[folds != n], right[folds != n]), features[folds == n])
            == right[folds == n]
        )
        for n in range(FOLDS)
    ]
    learnt = _numbers(features, right)
    shown = tuple(round(float(number), 2) for number in learnt)
    in_use = np.asarray((*support.WEIGHTS, support.ENOUGH))
    of_all = [float(np.mean(_judged(numbers, features) == right)) for numbers in (learnt, in_use)]
    return Learnt(shown, float(np.mean(held_out)), of_all[0], of_all[1], len(rows))


def _best(engine: Engine, question: Question) -> tuple[float, ...] | None:
    """The features of the record that would answer, if support were no matter; None where nothing is learnt.

    That is where another rule refuses, or where a wrong record stands first.
    """
    try:
        reading = engine.read(question.question)
    except QuestionError:
        return None
    if question.history or question.clarify or reading.kind not in RANKED or reading.by_number:
        return None
    found = [replace(e, supported=True) for e in engine.finder.find(reading)]
    chosen = selection.select(reading, found)
    fine = {*question.gold, *question.also}
    match = chosen[0].match if chosen else None
    if match is None or match.whole or not (question.refuse or chosen[0].record.id in fine):
        return None
    return match.features


def found_by_register(
    engine: Engine, questions: Sequence[Question], k: int = 5
) -> dict[str, tuple[float, int]]:
    """Share of questions with a gold record among the first `k`, and how many they are, by register."""
    found: dict[str, list[bool]] = {}
    for question in questions:
        hits = {citation.record.id for citation in engine.search(question.question, k)}
        found.setdefault(question.register, []).append(not hits.isdisjoint(question.gold))
    return {register: (float(np.mean(hits)), len(hits)) for register, hits in found.items()}


def _judged(numbers: Floats, features: Floats) -> NDArray[np.bool_]:
    return np.asarray(features @ numbers[:-1] >= numbers[-1])


def _numbers(features: Floats, right: NDArray[np.bool_]) -> Floats:
    """The weights, and the threshold that refuses `REFUSED` of the unanswerable."""
    weights = _logistic(features, right)[:-1]
    threshold = np.quantile(features[~right] @ weights, REFUSED)
    return np.append(weights, threshold)


def _logistic(features: Floats, right: NDArray[np.bool_]) -> Floats:
    """Weights and threshold; both kinds of question count the same in all."""
    from scipy.optimize import minimize

    signs = np.where(right, 1.0, -1.0)
    share = np.where(right, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    widened = np.hstack([features, -np.ones((len(features), 1))])

    def loss(numbers: Floats) -> float:
        margins = signs * (widened @ numbers)
        return float(np.mean(share * np.logaddexp(0, -margins)) + RIDGE * (numbers[:-1] @ numbers[:-1]))

    bounds = [(0, None)] * features.shape[1] + [(None, None)]
    return np.asarray(minimize(loss, np.ones(widened.shape[1]), method="L-BFGS-B", bounds=bounds).x)
