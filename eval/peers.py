"""The usual pipeline beside ours, for retrieval and speed (optional extra `wence[peers]`).

LangChain's recursive splitter over the raw text, its ensemble of BM25 and FAISS with the
same vectors as ours.

A chunk stands for the records whose text it holds: a record counts as found where a chunk
holds at least HELD of its characters.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.manifest import read_manifest
from corpus.normal import normal
from eval.metrics import ALL, Case
from eval.metrics.retrieval import counts
from eval.questions import Question
from eval.runner import summarise
from index.embedding import Encoder, Vectors
from index.store import Store

CHUNK, OVERLAP, HELD = 500, 50, 0.5


class PeersMissingError(RuntimeError):
    """The optional packages are not installed."""


def run_peer(
    questions: Sequence[Question], store: Store, encoder: Encoder, sources: Path, *, bigrams: bool
) -> dict[str, Any]:
    """A configuration's part of the record for the peer: retrieval metrics and latency alone.

    Beside recall over records, chunks@5 is the share of gold that stands anywhere in the first
    five chunks, several records each. With `bigrams` its BM25 reads character bigrams in place of
    its default, which splits at blanks and finds next to nothing in Chinese.
    """
    retriever, held = _pipeline(store, encoder, sources, bigrams=bigrams)
    results: list[dict[str, Any]] = []
    chunks: list[float] = []
    for question in (q for q in questions if counts(Case(q, {}))):
        started = time.perf_counter()
        documents = retriever.invoke(question.question)
        latency = (time.perf_counter() - started) * 1000
        ranked = [held[document.metadata["n"]] for document in documents]
        five = {record for chunk in ranked[:5] for record in chunk}
        chunks.append(len(five & set(question.gold)) / len(question.gold))
        found = dict.fromkeys(record for chunk in ranked for record in chunk)
        case = Case(question, {}, tuple(found)[:10])
        scores = {metric.name: metric.score(case) for metric in ALL if metric.name in _RETRIEVAL}
        results.append({"category": question.category, "scores": _NONE | scores, "latency_ms": latency})
    name = "langchain 双字" if bigrams else "langchain 默认"
    metrics = summarise(results)
    metrics["chunks@5"] = {"title": "chunks@5", "all": statistics.fmean(chunks), "n": len(chunks)}
    return {"name": name, "metrics": metrics, "n": len(results)}


_RETRIEVAL = ("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10")
_NONE: dict[str, float | None] = {metric.name: None for metric in ALL}


def ensemble(texts: Sequence[str], vectors: Vectors, encoder: Encoder, *, bigrams: bool = True) -> Any:
    """LangChain's ensemble over `texts` with their vectors, made by `encoder`; a document's `n` is its place.

    Raises:
        PeersMissingError: the optional packages are not installed.
    """
    try:
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS
        from langchain_core.embeddings import Embeddings
    except ImportError as error:
        raise PeersMissingError(f"缺少 {error.name}；请先安装：pip install 'wence[peers]'") from None
    from index.tokens import tokens

    class Ours(Embeddings):
        """The same vectors as ours."""

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [list(map(float, vector)) for vector in encoder.encode(texts)]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    own: dict[str, Any] = {"preprocess_func": tokens} if bigrams else {}
    places = [{"n": n} for n in range(len(texts))]
    words = BM25Retriever.from_texts(texts, places, **own)
    words.k = 10
    pairs = zip(texts, vectors, strict=True)
    found = FAISS.from_embeddings(pairs, Ours(), places).as_retriever(search_kwargs={"k": 10})
    return EnsembleRetriever(retrievers=[words, found], weights=[0.5, 0.5])


def _pipeline(
    store: Store, encoder: Encoder, sources: Path, *, bigrams: bool
) -> tuple[Any, dict[int, list[str]]]:
    """The ensemble, and for each chunk the records that it holds."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    texts = {source.path: source.text() for source in read_manifest(sources)}
    chunks = [chunk for text in texts.values() for chunk in splitter.split_text(text)]
    found = ensemble(chunks, encoder.encode(chunks), encoder, bigrams=bigrams)
    pieces = {record.id: _pieces(normal(record.text)) for record in store.get(store.ids)}
    return found, {n: _held(normal(chunk), pieces) for n, chunk in enumerate(chunks)}


def _pieces(words: str) -> list[str]:
    return [words[at : at + 8] for at in range(0, max(len(words) - 7, 1), 8)]


def _held(text: str, pieces: Mapping[str, list[str]]) -> list[str]:
    """Ids of the records of whose pieces `text` holds at least HELD, the fullest first."""
    shares = {record: sum(p in text for p in own) / len(own) for record, own in pieces.items()}
    return sorted((r for r, share in shares.items() if share >= HELD), key=lambda r: -shares[r])
