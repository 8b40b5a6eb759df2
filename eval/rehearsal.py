"""How fast a language model of a given size would write on this machine, before it is fetched.

Qwen3's architecture with random weights: what it writes is noise, but its speed is that of the real one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from eval.lines import QuestionFileError
from rag.writing.local import placed

PROMPT, ANSWER = 1000, 40  # tokens: a question with some five measures, and a sentence
_HEAD = 128
_WORDS = 151_936


@dataclass(frozen=True, slots=True)
class Shape:
    """Width, depth and heads, from the configurations that Qwen publishes."""

    hidden: int
    layers: int
    heads: int
    inner: int


SHAPES = {
    "0.6B": Shape(1024, 28, 16, 3072),
    "1.7B": Shape(2048, 28, 16, 6144),
    "4B": Shape(2560, 36, 32, 9728),
    "8B": Shape(4096, 36, 32, 12288),
}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Seconds to read `PROMPT` tokens, and tokens written a second after that."""

    size: str
    where: str
    prompt_s: float
    tokens_per_s: float

    @property
    def first_sentence_s(self) -> float:
        """Seconds until a sentence of `ANSWER` tokens stands."""
        return self.prompt_s + ANSWER / self.tokens_per_s


def rehearse(size: str) -> Rehearsed:
    """Time a model of `size` (a key of `SHAPES`) on this machine.

    Raises:
        QuestionFileError: no such size.
    """
    if size not in SHAPES:
        raise QuestionFileError(f"没有 {size}；可量 {'、'.join(SHAPES)}")
    import torch
    import transformers

    shape = SHAPES[size]
    config: Any = transformers.Qwen3Config(
        vocab_size=_WORDS,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=8,
        head_dim=_HEAD,
        intermediate_size=shape.inner,
        tie_word_embeddings=size != "8B",
    )
    weights = int(float(size.removesuffix("B")) * 1e9) * 2
    how = placed(weights, "16")
    before = torch.get_default_dtype()
    torch.set_default_dtype(how["dtype"])
    try:
        made: Any = transformers.Qwen3ForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    model = made.eval().to(how["device"])
    ids = torch.randint(0, _WORDS, (1, PROMPT), device=how["device"])
    first = _seconds(model, ids, 1)
    more = _seconds(model, ids, 1 + ANSWER)
    dtype = str(how["dtype"]).removeprefix("torch.")
    return Rehearsed(size, f"{how['device']}，{dtype}", first, ANSWER / max(more - first, 1e-6))


def _seconds(model: Any, ids: Any, count: int) -> float:
    """How long exactly `count` tokens take."""
    import torch

    config = type(model.generation_config)(do_sample=False, pad_token_id=0)
    config.min_new_tokens = config.max_new_tokens = count
    config.eos_token_id = None
    with torch.inference_mode():
        started = time.perf_counter()
        model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
    return time.perf_counter() - started
