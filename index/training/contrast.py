"""Token vectors whose mean tells which texts belong together (torch)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from index.training.pairs import Bags, Batch
from index.training.questions import Asked

Vectors = NDArray[np.float32]
Loss = Callable[[torch.Tensor], torch.Tensor]
Told = Callable[[float], None]

EVERY = 250  # steps between two checkpoints
GRID = 4096  # steps from 0 to 1 that a shipped number may take


@dataclass(frozen=True, slots=True)
class Stage:
    """One descent: how many steps, the highest rate, and where it is kept for going on.

    `checkpoint` is written every `EVERY` steps and read at the start where it stands; with
    None nothing is kept. `rng` is the generator that the losses draw from: its state is kept too.
    """

    steps: int
    rate: float
    rng: np.random.Generator
    checkpoint: Path | None = None


def use_threads(threads: int) -> None:
    """Let torch use so many threads: another number may change the last bits."""
    torch.set_num_threads(threads)


def start_vectors(pieces: int, dims: int, spread: float, seed: int) -> Vectors:
    """Random vectors to start from, shape (pieces, dims)."""
    noise = torch.Generator().manual_seed(seed)
    table: Vectors = (torch.randn(pieces, dims, generator=noise) * spread).numpy()
    return table


def descend(start: Vectors, loss_of: Loss, stage: Stage, told: Told) -> Vectors:
    """`start`, shape (pieces, dims), after `stage.steps` steps down `loss_of` (Adam).

    A run that was cut goes on from its checkpoint and gives the same weights to the last bit.
    `told` hears the loss of each step.
    """
    table = torch.from_numpy(start.copy()).requires_grad_()
    optimizer = torch.optim.Adam([table], lr=stage.rate, betas=(0.9, 0.99))
    first = 0
    if stage.checkpoint is not None and stage.checkpoint.is_file():
        kept = torch.load(stage.checkpoint, weights_only=False)
        first = kept["step"]
        table.data.copy_(kept["table"])
        optimizer.load_state_dict(kept["optimizer"])
        stage.rng.bit_generator.state = kept["rng"]
    for step in range(first, stage.steps):
        for group in optimizer.param_groups:
            group["lr"] = stage.rate * _schedule(step, stage.steps)
        loss = loss_of(table)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if stage.checkpoint is not None and (step + 1) % EVERY == 0:
            _keep(stage, step + 1, table, optimizer)
        told(float(loss.detach()))
    if stage.checkpoint is not None:
        stage.checkpoint.unlink(missing_ok=True)
    finished: Vectors = table.detach().numpy()
    return finished


def _keep(stage: Stage, step: int, table: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
    """Write the checkpoint in one step: a cut while writing leaves the one before."""
    assert stage.checkpoint is not None
    fresh = stage.checkpoint.with_suffix(".new")
    kept = {
        "step": step,
        "table": table.detach(),
        "optimizer": optimizer.state_dict(),
        "rng": stage.rng.bit_generator.state,
    }
    torch.save(kept, fresh)
    fresh.replace(stage.checkpoint)


def _schedule(step: int, steps: int) -> float:
    """Share of the full rate: up for 50 steps, then straight down to 2 %."""
    return min(1.0, (step + 1) / 50) * max(0.02, 1 - step / steps)


def pair_loss(table: torch.Tensor, batch: Batch, temperature: float) -> torch.Tensor:
    """Each text has to find its partner among all partners of the batch, in both directions.

    InfoNCE with in-batch negatives (van den Oord et al. 2018; Henderson et al. 2017). Texts of
    one document are not held against each other. A text is the mean of its tokens' vectors,
    so a token's length is its weight and is learned with it.
    """
    left, right = _encode(table, batch.left), _encode(table, batch.right)
    scores = left @ right.T / temperature
    documents = torch.from_numpy(batch.documents)
    related = documents[:, None] == documents[None, :]
    related.fill_diagonal_(False)
    scores = scores.masked_fill(related, -torch.inf)
    own = torch.arange(len(scores))
    return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2


def question_loss(table: torch.Tensor, asked: Asked, temperature: float) -> torch.Tensor:
    """Each question has to find what answers it among that of the others and the hard negatives.

    What answers the same question, or says the same in a sister plan, is not held against it.
    """
    left, right = _encode(table, asked.questions), _encode(table, asked.answers)
    scores = left @ right.T / temperature
    scores = scores.masked_fill(torch.from_numpy(asked.related), -torch.inf)
    own = torch.arange(len(scores))
    back = scores[:, : len(scores)].T
    return (cross_entropy(scores, own) + cross_entropy(back, own)) / 2


def _encode(table: torch.Tensor, texts: Bags) -> torch.Tensor:
    ids, starts = torch.from_numpy(texts.ids), torch.from_numpy(texts.starts)
    return normalize(embedding_bag(ids, table, starts, mode="sum"), dim=1)


def on_grid(table: Vectors) -> Vectors:
    """`table` scaled to at most 1 and rounded to steps of 1/`GRID`; row 0, the unknown one, is zero.

    Sums of such numbers are exact in float32 whatever their order, up to thousands of
    tokens, so numpy and torch give the same mean. The cosine does not see the scale.
    """
    table = table / np.abs(table).max()
    table[0] = 0
    return np.round(table * GRID).astype(np.float32) / np.float32(GRID)
