"""Token vectors whose mean tells which texts belong together (torch)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, embedding_bag, normalize

from index.training.pairs import Bags, Batch
from index.training.recipe import Recipe

Vectors = NDArray[np.float32]
Draw = Callable[[int], Batch]
Told = Callable[[float], None]

GRID = 4096  # steps from 0 to 1 that a shipped number may take


def train_vectors(recipe: Recipe, pieces: int, draw: Draw, told: Told) -> Vectors:
    """Vectors of `pieces` tokens, shape (pieces, recipe.dims); row 0, the unknown one, is zero.

    Each text of a batch has to find its partner among all partners of the batch, in both
    directions (InfoNCE with in-batch negatives: van den Oord et al. 2018; Henderson et al.
    2017). Texts of one document are not held against each other. A text is the mean of its
    tokens' vectors, so a token's length is its weight and is learned with it.

    Args:
        recipe: steps, batch, rates and seed.
        pieces: how many tokens there are.
        draw: gives a batch of that many pairs.
        told: hears the loss of each step.
    """
    torch.set_num_threads(recipe.threads)
    noise = torch.Generator().manual_seed(recipe.seed)
    table = torch.randn(pieces, recipe.dims, generator=noise) * recipe.spread
    table.requires_grad_()
    optimizer = torch.optim.Adam([table], lr=recipe.rate, betas=(0.9, 0.99))
    for step in range(recipe.steps):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * _schedule(step, recipe.steps)
        loss = _loss(table, draw(recipe.batch), recipe.temperature)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        told(float(loss.detach()))
    return _on_grid(table.detach().numpy())


def _schedule(step: int, steps: int) -> float:
    """Share of the full rate: up for 50 steps, then straight down to 2 %."""
    return min(1.0, (step + 1) / 50) * max(0.02, 1 - step / steps)


def _loss(table: torch.Tensor, batch: Batch, temperature: float) -> torch.Tensor:
    left, right = _encode(table, batch.left), _encode(table, batch.right)
    scores = left @ right.T / temperature
    documents = torch.from_numpy(batch.documents)
    related = documents[:, None] == documents[None, :]
    related.fill_diagonal_(False)
    scores = scores.masked_fill(related, -torch.inf)
    own = torch.arange(len(scores))
    return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2


def _encode(table: torch.Tensor, texts: Bags) -> torch.Tensor:
    ids, starts = torch.from_numpy(texts.ids), torch.from_numpy(texts.starts)
    return normalize(embedding_bag(ids, table, starts, mode="sum"), dim=1)


def _on_grid(table: Vectors) -> Vectors:
    """`table` scaled to at most 1 and rounded to steps of 1/`GRID`, its first row zero.

    Sums of such numbers are exact in float32 whatever their order, up to thousands of
    tokens, so numpy and torch give the same mean. The cosine does not see the scale.
    """
    table = table / np.abs(table).max()
    table[0] = 0
    return np.round(table * GRID).astype(np.float32) / np.float32(GRID)
