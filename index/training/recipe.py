"""How the shipped model is made: every number that a training run depends on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training run; the defaults made the model that ships.

    The first stage learns from official texts alone, the second one from them and the
    question bank.

    Attributes:
        seed: same seed, same data, same machine: same weights.
        vocab: pieces of the tokenizer at most, the unknown one counted.
        dims: numbers in a vector.
        steps, batch: batches drawn in the first stage, and pairs in each.
        sample: sentences that the tokenizer is grown from.
        around, titles: shares of those two kinds of pair (see `pairs`).
        rate: the highest learning rate (Adam).
        spread: standard deviation of the random vectors at the start.
        temperature: divides cosines before the softmax.
        bank_steps, bank_batch, bank_rate: the same of the second stage; a batch of it is
            `bank_batch` questions, and as many pairs from the official texts.
        hard: records held against a question that BM25 finds for it and that do not answer it.
        between: share of the bank's pairs that are two questions of one record.
        official: weight of the official texts' loss in the second stage.
        threads: of torch; another number may change the last bits of the weights.
    """

    seed: int = 20260
    vocab: int = 4600
    dims: int = 256
    steps: int = 3000
    batch: int = 1024
    sample: int = 100_000
    around: float = 0.3
    titles: float = 0.1
    rate: float = 0.01
    spread: float = 0.3
    temperature: float = 0.05
    bank_steps: int = 600
    bank_batch: int = 256
    bank_rate: float = 0.005
    hard: int = 4
    between: float = 0.5
    official: float = 1.0
    threads: int = 1
