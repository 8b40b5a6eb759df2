"""The model folder: one set of files that model2vec and sentence-transformers both load."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from index.training.recipe import Recipe

WEIGHTS, TOKENIZER, CARD = "model.safetensors", "tokenizer.json", "README.md"
HASHED = (WEIGHTS, TOKENIZER, "config.json", "modules.json")
FIGURES = ("<!-- figures -->", "<!-- /figures -->")

_MODULES = [
    {"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]
_CONFIGS: dict[str, object] = {
    "modules.json": _MODULES,
    # max_length null: model2vec would cut a text after 512 tokens, sentence-transformers never
    "config.json": {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "normalize": True,
        "max_length": None,
        "embedding_dtype": "float32",
    },
    "config_sentence_transformers.json": {
        "model_type": "SentenceTransformer",
        "prompts": {},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
    },
    # without a file of its own git would drop the folder and sentence-transformers ask the hub
    "1_Normalize/config.json": {
        "module_input_name": "sentence_embedding",
        "module_output_name": "sentence_embedding",
    },
}


def save_model(
    folder: Path, tokenizer: Tokenizer, vectors: NDArray[np.float32], recipe: Recipe, facts: dict[str, int]
) -> None:
    """Write the model and its card into `folder`, over what stands there under these names.

    Args:
        folder: made where it is missing.
        tokenizer: the one that the vectors were trained with.
        vectors: shape (pieces of `tokenizer`, dimensions).
        recipe: what the card says of the settings.
        facts: counts of the training data that the card names: sentences, documents, questions.

    Raises:
        ValueError: pieces and vectors are not of one number.
    """
    if tokenizer.get_vocab_size() != len(vectors):
        raise ValueError(f"分词器有 {tokenizer.get_vocab_size()} 个词，向量却有 {len(vectors)} 个。")
    for name, content in _CONFIGS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    save_file({"embeddings": np.ascontiguousarray(vectors)}, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)  # safetensors leaves it readable by its owner alone
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    (folder / CARD).write_text(_card(folder, vectors, recipe, facts), encoding="utf-8")


def write_figures(folder: Path, table: str) -> None:
    """Put `table` (Markdown) where the card of `folder` keeps its figures.

    Raises:
        ValueError: the card has no such place.
    """
    start, end = FIGURES
    card = (folder / CARD).read_text(encoding="utf-8")
    before, opened, rest = card.partition(start)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"{folder / CARD} 里没有 {start} … {end}，不知道把指标写在哪里。")
    (folder / CARD).write_text(f"{before}{start}\n{table}\n{end}{after}", encoding="utf-8")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _card(folder: Path, vectors: NDArray[np.float32], recipe: Recipe, facts: dict[str, int]) -> str:
    template = Template((Path(__file__).parent / "card.md").read_text(encoding="utf-8"))
    settings = "\n".join(f"| {name} | {value} |" for name, value in asdict(recipe).items())
    hashes = "\n".join(f"{sha256(folder / name)}  {name}" for name in HASHED)
    pieces, dims = vectors.shape
    counts = {name: f"{count:,}" for name, count in (*facts.items(), ("pieces", pieces), ("width", dims))}
    tried = (Path(__file__).parent / "tried.md").read_text(encoding="utf-8").rstrip()
    return template.substitute(counts, name=folder.name, settings=settings, hashes=hashes, tried=tried)
