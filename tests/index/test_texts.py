"""What is written of texts in a process beside is what is written here, and no process is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from corpus.bank import BUNDLED_BANK, read_bank
from corpus.departments import departments
from corpus.ingest import Corpus
from index import version
from index.embedding import Encoder
from index.errors import IndexFolderError
from index.store_sqlite import SqliteFile
from index.texts import Parts, TextWriter, writing
from index.version import Making, asked_of, write_version

ROOT = Path(__file__).parents[2]
# Has a process work beside it, which holds the pipe of its output as well, and is killed.
DYING = """
import os, signal, sys
from pathlib import Path
from index.texts import Parts, TextWriter, writing

to = Path(sys.argv[1])
with writing(Parts(to / "words", None, to / "spelling", to / "texts.npy", True), beside=True) as texts:
    texts.do(TextWriter.add, ["油烟扰民"], {})
    texts.wait()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def parts(folder: Path) -> Parts:
    return Parts(folder / "words", None, folder / "spelling", folder / "texts.npy", postings=True)


def die(writer: TextWriter) -> None:
    """What the system does to a process when memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def hashes(folder: Path) -> dict[str, str]:
    """Of all files but the store, whose page order is its own business."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "store.sqlite"
    }


def test_a_version_written_by_two_processes_is_the_one_written_by_one(
    corpus: Corpus, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = read_bank(BUNDLED_BANK, [entry.plan.id for entry in corpus.plans], None)
    dimensions = encoder.encode([""]).shape[1]
    how = Making(departments(), encoder.encode, encoder.encode_queries, dimensions, asked_of(bank))
    made = []
    for name, records in (("one", 100_000), ("two", 100)):
        monkeypatch.setattr(version, "RECORDS", records)
        folder = tmp_path / name
        folder.mkdir()
        write_version(folder, SqliteFile(folder / "store.sqlite"), corpus.plans, how)
        made.append(hashes(folder))
    different = {name for name, digest in made[0].items() if made[1][name] != digest}
    assert made[0].keys() == made[1].keys() and "bank/words/data.csc.index.npy" in made[0]
    assert not different
    assert multiprocessing.active_children() == []


def test_what_fails_beside_is_raised_here(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    with pytest.raises(FileExistsError, match="words"), writing(parts(tmp_path), beside=True) as texts:
        texts.do(TextWriter.add, ["油烟扰民"], {})
        texts.wait()
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_is_told(tmp_path: Path) -> None:
    with pytest.raises(IndexFolderError, match="内存"), writing(parts(tmp_path), beside=True) as texts:
        texts.do(die)
        for _ in range(9):
            texts.do(TextWriter.add, ["油烟扰民"], {})
    assert multiprocessing.active_children() == []


def test_an_interrupt_ends_the_process_beside(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), writing(parts(tmp_path), beside=True) as texts:
        texts.do(TextWriter.add, ["油烟扰民"], {})
        raise KeyboardInterrupt
    assert multiprocessing.active_children() == []


def test_a_build_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    """Its output comes to an end: whoever else held it is gone."""
    ran = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path)], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
