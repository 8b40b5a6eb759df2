"""Which record of one edition of a plan is which of another: a one-to-one assignment, the best in all.

Two records are the same measure where their texts say the same; task, departments and place in the plan
only help to tell like texts apart. A number never makes a pair: numbers shift with every row put in.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corpus.normal import normal
from corpus.types import Measure, Record

Matrix = NDArray[np.float64]

# Set on editions with known edits made of the bundled plans (tests/rag/test_editions.py measures them).
SAME_TEXT = 0.24
"""The cosine of two texts below which they are never one measure, whatever else agrees."""
SAME = 0.42
"""The likeness below which two records are one added and one dropped."""
_TEXT, _TASK, _BODIES, _PLACE = 0.7, 0.1, 0.1, 0.1
_HELD = 0.6  # the share of a new record's text from which it is a part of an old one
_NUMBER = re.compile(r"(?<![a-z\d.])\d[\d,.]*")  # not of PM2.5


@dataclass(frozen=True, slots=True)
class Pair:
    """Places of one record in both editions, and how like they are (0 to 1)."""

    before: int
    after: int
    likeness: float


@dataclass(frozen=True, slots=True)
class Matching:
    """Pairs in the order of the later edition.

    `split` gives for what was added the place of the earlier record whose text holds it, `merged` for what
    was dropped the place of the later record that holds its text.
    """

    pairs: tuple[Pair, ...] = ()
    split: Mapping[int, int] = field(default_factory=dict)
    merged: Mapping[int, int] = field(default_factory=dict)


def match(before: Sequence[Record], after: Sequence[Record]) -> Matching:
    """The pairs of the two editions; `match(b, a)` gives the same ones the other way round."""
    if not before or not after:
        return Matching()
    # Of assignments that are equally good one is taken: the same from either side.
    mirrored = turned(before, after)
    rows, columns = (after, before) if mirrored else (before, after)
    texts = _Texts([_words(record) for record in rows], [_words(record) for record in columns])
    likeness = _likeness(rows, columns, texts.cosines)
    gain = np.where((likeness >= SAME) & (texts.cosines >= SAME_TEXT), likeness - SAME, 0.0)
    same = _equal([_words(record) for record in rows], [_words(record) for record in columns])
    # Squared: one sure pair and one doubtful are better than two middling ones.
    found = assign(gain**2 + same * (gain > 0))
    held = texts.held
    if mirrored:
        likeness, held = likeness.T, (held[1].T, held[0].T)
        found = [(second, first) for first, second in found]
    pairs = [Pair(b, a, float(min(1.0, likeness[b, a]))) for b, a in found]
    later = {pair.after: pair.before for pair in pairs}
    earlier = {pair.before: pair.after for pair in pairs}
    return Matching(
        tuple(sorted(pairs, key=lambda pair: pair.after)),
        _parts(held[1].T, later, earlier),
        _parts(held[0], earlier, later),
    )


def assign(gain: Matrix) -> list[tuple[int, int]]:
    """The one-to-one pairs (row, column) of the greatest sum of `gain` (≥ 0); pairs of no gain are left out.

    Rows and columns that gain together are assigned group by group, which keeps large plans quick.
    """
    return [
        (rows[i], columns[j])
        for rows, columns in _groups(gain > 0)
        for i, j in _assign(gain[np.ix_(rows, columns)])
    ]


def turned(before: Sequence[Record], after: Sequence[Record]) -> bool:
    """Whether `after` is worked with as if it were the earlier: the same of two editions from either side."""
    one, other = ([(record.text, record.id) for record in side] for side in (before, after))
    return other < one


def _words(record: Record) -> str:
    return normal(record.text)


def _title(record: Record) -> str:
    if isinstance(record, Measure):
        return normal(record.task) or normal(record.path[-1] if record.path else "")
    return normal(record.path[-1]) if record.path else ""


def _features(text: str) -> set[str]:
    """Characters and their pairs, a number standing for any; each number once by itself."""
    form = _NUMBER.sub("#", text)
    pairs = {form[i : i + 2] for i in range(len(form) - 1)}
    return pairs | set(form) | {"=" + number for number in _NUMBER.findall(text)}


class _Texts:
    """Every text of one side beside every text of the other, words that few texts have weighing more."""

    def __init__(self, rows: Sequence[str], columns: Sequence[str]) -> None:
        sides = [[_features(text) for text in texts] for texts in (rows, columns)]
        counts = Counter(feature for side in sides for features in side for feature in features)
        total = len(rows) + len(columns)
        # A character alone says less than two together, a number less than the words around it.
        weight = {
            feature: math.log1p(total / count) * (1.0 if len(feature) == 2 and feature[0] != "=" else 0.6)
            for feature, count in counts.items()
        }
        common = set().union(*sides[0]) & set().union(*sides[1])
        column = {feature: n for n, feature in enumerate(sorted(common))}
        vectors, norms = [], []
        for side in sides:
            vector = np.zeros((len(side), len(column)))
            for n, features in enumerate(side):
                for feature in features & common:
                    vector[n, column[feature]] = weight[feature]
            vectors.append(vector)
            norms.append(np.array([math.fsum(weight[f] ** 2 for f in features) for features in side]))
        dot = vectors[0] @ vectors[1].T
        own = [np.maximum(norm, 1e-9) for norm in norms]
        self.cosines: Matrix = dot / np.sqrt(own[0][:, None] * own[1][None, :])
        self.held: tuple[Matrix, Matrix] = (dot / own[0][:, None], dot / own[1][None, :])
        """The share of the row's text that the column's holds, and of the column's that the row's holds."""


def _likeness(rows: Sequence[Record], columns: Sequence[Record], cosines: Matrix) -> Matrix:
    titles = [[_title(record) for record in side] for side in (rows, columns)]
    bodies = [[_bodies(record) for record in side] for side in (rows, columns)]
    own = [np.array([bool(body) for body in side]) for side in bodies]
    shared = _dice(bodies[0], bodies[1])
    places = [(np.arange(len(side)) + 0.5) / len(side) for side in (rows, columns)]
    apart = (places[0][:, None] - places[1][None, :]) ** 2
    # What neither says, the text must say: it then counts as much as the text does.
    named = [np.array([bool(title) for title in side]) for side in titles]
    titled = named[0][:, None] & named[1][None, :]
    task = np.where(titled, _Texts(titles[0], titles[1]).cosines, cosines)
    duties = np.where(own[0][:, None] & own[1][None, :], shared, cosines)
    return _TEXT * cosines + _TASK * task + _BODIES * duties + _PLACE * (1 - apart)


def _bodies(record: Record) -> frozenset[str]:
    duties = record.duties if isinstance(record, Measure) else ()
    return frozenset(duty.department for duty in duties)


def _dice(rows: Sequence[frozenset[str]], columns: Sequence[frozenset[str]]) -> Matrix:
    """The share of names that two sets have in common, for every two."""
    column = {name: n for n, name in enumerate(sorted(frozenset().union(*rows, *columns)))}
    held = [np.zeros((len(side), len(column))) for side in (rows, columns)]
    for matrix, side in zip(held, (rows, columns), strict=True):
        for n, names in enumerate(side):
            matrix[n, [column[name] for name in names]] = 1
    total = held[0].sum(axis=1)[:, None] + held[1].sum(axis=1)[None, :]
    shared: Matrix = 2 * (held[0] @ held[1].T) / np.maximum(total, 1)
    return shared


def _equal(rows: Sequence[str], columns: Sequence[str]) -> NDArray[np.bool_]:
    number = {text: n for n, text in enumerate({*rows, *columns})}
    one, other = (np.array([number[text] for text in side]) for side in (rows, columns))
    found: NDArray[np.bool_] = one[:, None] == other[None, :]
    return found


def _parts(held: Matrix, paired: Mapping[int, int], others: Mapping[int, int]) -> dict[int, int]:
    """For each unpaired row the column, itself paired, that holds most of its text, if it holds enough."""
    found: dict[int, int] = {}
    for row in range(held.shape[0]):
        best = int(held[row].argmax())
        if row not in paired and best in others and held[row, best] >= _HELD:
            found[row] = best
    return found


def _groups(linked: NDArray[np.bool_]) -> list[tuple[list[int], list[int]]]:
    """Rows and columns that `linked` joins, directly or through others."""
    left = set(np.flatnonzero(linked.any(axis=1)).tolist())
    groups: list[tuple[list[int], list[int]]] = []
    while left:
        rows, columns = set[int](), set[int]()
        new = {min(left)}
        while new:
            rows |= new
            columns |= set(np.flatnonzero(linked[sorted(new)].any(axis=0)).tolist())
            new = set(np.flatnonzero(linked[:, sorted(columns)].any(axis=1)).tolist()) - rows
        left -= rows
        groups.append((sorted(rows), sorted(columns)))
    return groups


def _assign(gain: Matrix) -> list[tuple[int, int]]:
    """The Hungarian method (shortest augmenting paths, Jonker and Volgenant 1987), a row at a time."""
    if gain.shape[0] > gain.shape[1]:
        return [(i, j) for j, i in _assign(gain.T)]
    rows, columns = gain.shape
    cost = gain.max() - gain
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    owner = np.full(columns, -1)
    for start in range(rows):
        dearest = np.full(columns, np.inf)  # the cost of the cheapest path to each column
        via = np.full(columns, -1)
        done = np.zeros(columns, dtype=bool)
        row, reached, last = start, 0.0, -1
        while True:
            paths = reached + cost[row] - row_price[row] - column_price
            nearer = ~done & (paths < dearest)
            dearest[nearer], via[nearer] = paths[nearer], last
            open_paths = np.where(done, np.inf, dearest)
            reached = float(open_paths.min())
            ends = np.flatnonzero(open_paths <= reached)
            free = ends[owner[ends] < 0]
            last = int(free[0] if free.size else ends[0])
            done[last] = True
            if owner[last] < 0:
                break
            row = int(owner[last])
        # Prices follow the paths, so that each pair taken stays the cheapest of its row.
        passed = done & (owner >= 0)
        row_price[start] += reached
        row_price[owner[passed]] += reached - dearest[passed]
        column_price[passed] -= reached - dearest[passed]
        while last >= 0:
            before = int(via[last])
            owner[last] = owner[before] if before >= 0 else start
            last = before
    return [(int(owner[j]), j) for j in np.flatnonzero(owner >= 0).tolist() if gain[owner[j], j] > 0]
