"""Embedding models: the one that ships, any sentence-transformers model by folder, or one behind a server."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from index.served import Served

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
            return unit(self._alone(texts[0]))
        with self._lock:  # its tokenizer's own threads are quicker than model2vec's (docs/retrieval.md)
            return unit(self._model.encode(list(texts), use_multiprocessing=False))

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
        self._processes = 0
        self._pool: Any = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encoded(texts, self._document)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encoded(texts, self._query)

    @contextmanager
    def in_processes(self, processes: int) -> Iterator[None]:
        """Within it, `MANY` texts or more are encoded by `processes` processes, started with the first.

        They share the accelerators in turn (one process each is best), or without one the cores.
        """
        self._processes = processes
        try:
            yield
        finally:
            self._processes = 0
            if self._pool is not None:
                self._model.stop_multi_process_pool(self._pool)
                self._pool = None

    def _encoded(self, texts: Sequence[str], prefix: str) -> Vectors:
        worded = [prefix + text for text in texts]
        with self._lock:
            if not self._processes or len(texts) < MANY:
                return unit(self._model.encode(worded, show_progress_bar=False))
            try:
                self._pool = self._pool or self._started(self._processes)
                return unit(self._model.encode(worded, show_progress_bar=False, pool=self._pool))
            except RuntimeError as error:  # a process has ended, or its device has no memory left
                why = str(error).strip().splitlines()[0][:200] or type(error).__name__
                advice = "内存或显存可能不够，请把 WENCE_EMBEDDING_WORKERS 设小些"
                raise ModelError(f"向量模型 {self.name} 的进程出错：{why}。{advice}。") from error

    def _started(self, processes: int) -> Any:
        """A pool of processes; on a CPU each gets its share of the cores, which torch would take whole."""
        import torch

        kind = self._model.device.type
        if kind != "cpu":
            count = max(1, torch.accelerator.device_count())
            return self._model.start_multi_process_pool([f"{kind}:{at % count}" for at in range(processes)])
        share = str(max(1, (os.cpu_count() or 1) // processes))
        with _environment("OMP_NUM_THREADS", share):  # read when torch is imported there
            return self._model.start_multi_process_pool(["cpu"] * processes)


MANY = 512  # texts from which on processes pay: each takes seconds to start


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = before or value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


# Models whose own configuration does not say what goes in front of queries and documents
# (their cards do): a pattern of the folder's name, the query's words, the document's.
PREFIXES = (
    (r"bge-(small|base|large)-zh", "为这个句子生成表示以用于检索相关文章：", ""),
    (r"multilingual-e5-(small|base|large)$", "query: ", "passage: "),
    (
        r"qwen3-embedding",
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
        "",
    ),
)


def prefixes(name: str) -> tuple[str, str]:
    """The words in front of queries and documents for the model of that name; none as a rule."""
    for pattern, query, document in PREFIXES:
        if re.search(pattern, name.lower()):
            return query, document
    return "", ""


def load_encoder(model: Path | Served) -> Encoder:
    """The encoder in a folder, a static one with numpy alone, any other with torch; or behind a server.

    Raises:
        ModelError: there is no such folder, or no model in it. The hub is never asked, and a server
            not before there is something to encode.
    """
    if isinstance(model, Served):
        from index.embedding_server import ServedEncoder

        return ServedEncoder(model)
    folder = model
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


@contextmanager
def bulk_encoder(model: Path | Served, workers: int = 0) -> Iterator[Encoder]:
    """`load_encoder` for a build: a transformer model encodes many texts in `workers` processes (0: in none).

    The static model and a server make no use of them: docs/retrieval.md says why.

    Raises:
        ModelError: as `load_encoder`.
    """
    encoder = load_encoder(model)
    with ExitStack() as stack:
        if workers and isinstance(encoder, SentenceTransformerEncoder):
            stack.enter_context(encoder.in_processes(workers))
        if (close := getattr(encoder, "close", None)) is not None:  # connections to a server
            stack.callback(close)
        yield encoder


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


def unit(encoded: NDArray[np.floating]) -> Vectors:
    """Rows of length one (or zero), float32."""
    vectors: Vectors = np.ascontiguousarray(encoded, dtype=np.float32)
    lengths: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return vectors / lengths
