"""Interchange: BEIR, TREC, RAGAS columns, ALCE JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.store import Store


def export_all(record: dict[str, Any], store: Store, folder: Path) -> list[Path]:
    """Write the first configuration of `record` in every format into `folder`; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    results = record["configs"][0]["results"]
    name = re.sub(r"\s", "_", record["configs"][0]["name"])
    return [
        *_beir(results, store, folder / "beir"),
        *_trec(results, name, folder),
        _ragas(results, store, folder / "ragas.jsonl"),
        _alce(results, store, folder / "alce.json"),
    ]


def _lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def _asked(result: dict[str, Any]) -> str:
    """The question; earlier turns stand before it, a line each."""
    return "\n".join([*result["history"], result["question"]])


def _judged(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [result for result in results if result["gold"]]


def _beir(results: Sequence[dict[str, Any]], store: Store, folder: Path) -> list[Path]:
    """corpus.jsonl, queries.jsonl, qrels/test.tsv (Thakur et al., NeurIPS 2021)."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    records = store.get(store.ids)
    corpus = [{"_id": r.id, "title": getattr(r, "task", ""), "text": r.text} for r in records]
    queries = [{"_id": r["id"], "text": _asked(r)} for r in _judged(results)]
    qrels = folder / "qrels" / "test.tsv"
    rows = [f"{r['id']}\t{gold}\t1\n" for r in _judged(results) for gold in r["gold"]]
    qrels.write_text("query-id\tcorpus-id\tscore\n" + "".join(rows), encoding="utf-8")
    return [_lines(folder / "corpus.jsonl", corpus), _lines(folder / "queries.jsonl", queries), qrels]


def _trec(results: Sequence[dict[str, Any]], name: str, folder: Path) -> list[Path]:
    """run.trec and qrels.trec, as trec_eval reads them.

    A question without hits has no line in the run: use trec_eval -c to count it as 0.
    """
    run, qrels = folder / "run.trec", folder / "qrels.trec"
    ranked = [
        f"{r['id']} Q0 {hit} {rank} {1 / rank:.6f} {name}\n"
        for r in _judged(results)
        for rank, hit in enumerate(r["hits"], start=1)
    ]
    judged = [f"{r['id']} 0 {gold} 1\n" for r in _judged(results) for gold in r["gold"]]
    run.write_text("".join(ranked), encoding="utf-8")
    qrels.write_text("".join(judged), encoding="utf-8")
    return [run, qrels]


def _ragas(results: Sequence[dict[str, Any]], store: Store, path: Path) -> Path:
    """The columns of a RAGAS single-turn sample."""
    known = {record.id: record.text for record in store.get(store.ids)}
    rows = [
        {
            "user_input": _asked(r),
            "retrieved_contexts": [known.get(hit, "") for hit in r["hits"]],
            "retrieved_context_ids": r["hits"],
            "response": r["answer"].get("answer", ""),
            "reference": "；".join(group[0] for group in r["answers"]),
            "reference_context_ids": r["gold"],
        }
        for r in results
    ]
    return _lines(path, rows)


def _alce(results: Sequence[dict[str, Any]], store: Store, path: Path) -> Path:
    """ALCE's result JSON: sentences cite documents by [n] (Gao et al., EMNLP 2023)."""
    known = {record.id: record.text for record in store.get(store.ids)}
    data = []
    for r in results:
        cited = list(dict.fromkeys(c["id"] for c in r["answer"].get("citations", [])))
        number = {record: n for n, record in enumerate(cited, start=1)}
        sentences = [
            statement["text"]
            + "".join(f"[{number[record]}]" for record in statement["citations"] if record in number)
            for statement in r["answer"].get("statements", [])
        ]
        data.append(
            {
                "question": _asked(r),
                "answer": "；".join(group[0] for group in r["answers"]),
                "docs": [{"title": record, "text": known.get(record, "")} for record in cited],
                "output": "".join(sentences),
            }
        )
    path.write_text(json.dumps({"data": data}, ensure_ascii=False), encoding="utf-8")
    return path
