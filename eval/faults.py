"""How often the check of a model's sentences errs: honest ones that it refuses, faulty ones that pass.

`sentences.jsonl` holds sentences as language models write them from given measures: honest ones, and
ones with a single untruth each, subtle on purpose. Those of the split `dev` the check was made
with; those of `test` were written and judged when it was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.lines import QuestionFileError, read_lines
from rag.writing.check import Checker
from rag.writing.sentences import Cutter

BUNDLED = Path(__file__).parent / "sentences.jsonl"
HONEST = "honest"


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence with its [n], the ids of the measures that were shown, and its fault ("" where honest)."""

    split: str
    question: str
    records: tuple[str, ...]
    sentence: str
    fault: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Of `count` sentences of one kind in one split, how many `passed` the check."""

    split: str
    fault: str
    count: int
    passed: int


def read_sentences(path: Path = BUNDLED) -> list[Written]:
    """The sentences of a file.

    Raises:
        QuestionFileError: the file or a line is wrong.
    """
    return list(read_lines(path, _written, "句子").values())


def _written(entry: dict[str, Any], where: str) -> tuple[str, Written]:
    try:
        fields = (entry["split"], entry["question"], tuple(entry["records"]), entry["sentence"])
        return str(entry["id"]), Written(*fields, entry["fault"])
    except (KeyError, TypeError) as error:
        raise QuestionFileError(f"{where}：缺少或写错了 {error}") from None


def passes(written: Written, checker: Checker) -> bool:
    """Whether the check lets every sentence of `written` leave as it stands.

    Raises:
        KeyError: an id that the store does not have.
    """
    shown = checker.store.get(written.records)
    cutter = Cutter()
    sentences = cutter.feed(written.sentence) + cutter.finish(cut=False)
    return all(checker.checked(s, shown, "model", (), written.question)[0] is not None for s in sentences)


def judged(found: Sequence[tuple[Written, bool]]) -> list[Judged]:
    """How the check does, by split and fault; `HONEST` first, then all the faulty together, then each.

    `found` holds each sentence and whether it passes.
    """
    results = []
    for split in dict.fromkeys(written.split for written, _ in found):
        of_split = [(written.fault, passed) for written, passed in found if written.split == split]
        faults = sorted({fault for fault, _ in of_split if fault})
        groups = [(HONEST, [""]), ("faulty", faults), *((fault, [fault]) for fault in faults)]
        for name, members in groups:
            chosen = [passed for fault, passed in of_split if fault in members]
            results.append(Judged(split, name, len(chosen), sum(chosen)))
    return results
