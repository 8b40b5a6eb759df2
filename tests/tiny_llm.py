"""Tiny language models of Qwen's architecture, made on the spot: real weights, tokenizer and template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus.ingest import Corpus
from rag import writing
from rag.engine import Engine
from rag.writing.model import Message, Run
from rag.writing.writer import ModelWriter

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CONTEXT = 4096


def make(folder: Path, texts: Iterable[str], *, template: str | None = TEMPLATE) -> Path:
    """A Qwen3 model with random weights and a byte-level BPE trained on `texts`, saved in `folder`."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment]
    bpe.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1500, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=template
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(6)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=96,
        intermediate_size=192,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=24,
        max_position_embeddings=CONTEXT,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    return folder


def overfit(folder: Path, pairs: Sequence[tuple[Sequence[Message], str]], steps: int = 150) -> None:
    """Train the model in `folder` until it answers each of `pairs` as they say; saved in place."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    model: Any = AutoModelForCausalLM.from_pretrained(folder)
    examples = [_example(tokenizer, messages, answer) for messages, answer in pairs]
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for step in range(steps):
        ids, labels = examples[step % len(examples)]
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    model.eval().save_pretrained(folder)


def texts(corpus: Corpus) -> list[str]:
    """What its tokenizer is trained on: the records and the prompts."""
    prompts = Path(writing.__file__).parent / "prompts"
    return [r.text for r in corpus.records] + [p.read_text(encoding="utf-8") for p in prompts.glob("*.txt")]


def prompt(engine: Engine, question: str) -> Sequence[Message]:
    """What a model is asked where `engine` would have it word the answer to `question`."""
    heard: list[Sequence[Message]] = []

    class Listener:
        name, context = "openai:listener", CONTEXT

        def tokens(self, text: str) -> int:
            return len(text)

        def stream(self, messages: Sequence[Message], most: int, run: Run) -> Iterator[str]:
            heard.append(messages)
            yield ""

    Engine(engine.index, writer=ModelWriter(Listener())).ask(question)
    return heard[0]


def _example(tokenizer: Any, messages: Sequence[Message], answer: str) -> tuple[Any, Any]:
    import torch

    turns = [{"role": m.role, "content": m.content} for m in messages]
    asked = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=True)["input_ids"]
    said = [*tokenizer.encode(answer, add_special_tokens=False), tokenizer.eos_token_id]
    ids = torch.tensor([asked + said])
    labels = torch.tensor([[-100] * len(asked) + said])
    return ids, labels
