"""Embedding models: the one that ships, or any sentence-transformers model by folder."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

if TYPE_CHECKING:
    from model2vec import StaticModel

SHIPPED = Path(__file__).parent / "models" / "wence-static-v2"
Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors of length one (or zero, for a text that has no known token)."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts` that are searched in, shape (len(texts), dimensions), float32."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The same of texts that are asked: some models want words of their own in front."""
        ...


class StaticEncoder:
    """A static model through model2vec: numpy alone, milliseconds to load."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._model = _static_model(folder)
        more = (self._model.weights, self._model.token_mapping, self._model.max_length)
        floats = self._model.embedding.dtype == np.float32
        self._plain = floats and self._model.normalize and all(part is None for part in more)
        self._lock = threading.Lock()  # encode() sets the tokenizer's truncation: not reentrant

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        if self._plain and len(texts) == 1:
            return _unit(self._alone(texts[0]))
        with self._lock:
            return _unit(self._model.encode(list(texts)))

    def _alone(self, text: str) -> Vectors:
        """The very bits that encode() of a plain model gives for one text, without its progress bar."""
        table = self._model.embedding
        vector: Vectors = np.zeros((1, table.shape[1]), dtype=np.float32)
        if tokens := self._model.tokenize([text])[0]:
            table[tokens].mean(axis=0, out=vector[0])
        vector /= np.linalg.norm(vector, axis=1, keepdims=True) + 1e-32
        return vector

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`; a static model makes no difference."""
        return self.encode(texts)


class SentenceTransformerEncoder:
    """Any other sentence-transformers model, from a local folder (torch is imported here).

    What goes in front of a query or a document is what the model's own configuration says
    (`prompts`), or else `PREFIXES` of its name.
    """

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = folder.name
        self._model = SentenceTransformer(str(folder), local_files_only=True)
        own = {name: words for name, words in (self._model.prompts or {}).items() if words}
        self._query, self._document = own.get("query", ""), own.get("document", "")
        if not own:
            self._query, self._document = prefixes(self.name)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encoded(texts, self._document)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encoded(texts, self._query)

    def _encoded(self, texts: Sequence[str], prefix: str) -> Vectors:
        with self._lock:
            return _unit(self._model.encode([prefix + text for text in texts], show_progress_bar=False))


# Models whose own configuration does not say what goes in front of queries and documents
# (their cards do): a pattern of the folder's name, the query's words, the document's.
PREFIXES = (
    (r"bge-(small|base|large)-zh", "为这个句子生成表示以用于检索相关文章：", ""),
    (r"multilingual-e5-(small|base|large)$", "query: ", "passage: "),
)


def prefixes(name: str) -> tuple[str, str]:
    """The words in front of queries and documents for the model of that name; none as a rule."""
    for pattern, query, document in PREFIXES:
        if re.search(pattern, name.lower()):
            return query, document
    return "", ""


def load_encoder(folder: Path) -> Encoder:
    """The encoder in `folder`: a static one with numpy alone, any other with torch.

    Raises:
        ModelError: there is no such folder, or no model in it. The hub is never asked.
    """
    if not folder.is_dir():
        raise ModelError(f"找不到向量模型文件夹：{folder}。请检查 WENCE_EMBEDDING 设置。")
    layout = folder / "modules.json"
    if not layout.is_file():
        raise ModelError(f"{folder} 里没有 sentence-transformers 模型（缺 modules.json）。")
    try:
        static = "StaticEmbedding" in layout.read_text(encoding="utf-8")
        return StaticEncoder(folder) if static else SentenceTransformerEncoder(folder)
    except Exception as error:  # whatever a damaged file makes a library raise
        raise ModelError(f"向量模型 {folder} 读不出来：{error}") from error


def _static_model(folder: Path) -> StaticModel:
    """The model2vec model in `folder`.

    A plain table is handed to model2vec as it is: its own loader imports the hub's
    client first, a tenth of a second that no local file needs.
    """
    from model2vec import StaticModel
    from tokenizers import Tokenizer

    weights, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"
    if weights.is_file() and tokenizer.is_file() and (table := _mapped(weights)) is not None:
        return StaticModel(table, Tokenizer.from_file(str(tokenizer)), normalize=True, max_length=None)
    return StaticModel.from_pretrained(folder)


_NUMBERS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I8": "<i1"}  # as safetensors calls them


def _mapped(weights: Path) -> NDArray[Any] | None:
    """The table of a safetensors file that holds `embeddings` alone, mapped; None of any other.

    safetensors itself copies what it reads, into each process. The layout is simple: the header's
    length in eight bytes, the header (JSON), the numbers in row order.
    """
    with weights.open("rb") as content:
        length = int.from_bytes(content.read(8), "little")
        header = json.loads(content.read(length))
    header.pop("__metadata__", None)
    if header.keys() != {"embeddings"} or header["embeddings"]["dtype"] not in _NUMBERS:
        return None
    table = header["embeddings"]
    start, kind = 8 + length + table["data_offsets"][0], np.dtype(_NUMBERS[table["dtype"]])
    return np.asarray(np.memmap(weights, kind, "r", start, tuple(table["shape"])))


def _unit(encoded: NDArray[np.floating]) -> Vectors:
    vectors: Vectors = np.ascontiguousarray(encoded, dtype=np.float32)
    lengths: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return vectors / lengths
