"""The index folder: versions beside each other, and a pointer to the one that serves.

INDEX/current          the name of the serving version (replaced atomically)
INDEX/versions/NAME/   store.sqlite, words/, vectors.faiss, bank/, spelling/, manifest.json,
                       ingest-report.json
INDEX/build.lock       held by a running build
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.bank import BankIndex
from index.embedding import Encoder
from index.errors import BuildRunningError, ForeignFolderError, IndexFolderError, IndexMissingError
from index.expansion import everyday
from index.manifest import OTHER_MODEL, REBUILD, Manifest
from index.retriever import HybridRetriever, Retriever, Weights
from index.spelling import Spelling
from index.store import Store
from index.vectors import VectorIndex
from index.words import WordIndex

STORE, WORDS, VECTORS, BANK, SPELLING = "store.sqlite", "words", "vectors.faiss", "bank", "spelling"
REPORT = "ingest-report.json"


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index ready to serve."""

    store: Store
    vectors: VectorIndex
    retriever: Retriever
    spelling: Spelling
    manifest: Manifest
    folder: Path


class IndexFolder:
    """Where versions of the index live."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def versions(self) -> Path:
        """The folder of all versions."""
        return self.root / "versions"

    def current(self) -> Path:
        """The folder of the serving version.

        Raises:
            IndexMissingError: nothing was ever built here.
            IndexFolderError: the pointer names a version that is gone, or the folder is
                not an index folder.
        """
        pointer = self.root / "current"
        self._check_ours()
        try:
            name = pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise IndexMissingError(f"{self.root} 还没有索引。请先运行 wence build。") from None
        except (OSError, UnicodeDecodeError) as error:
            raise IndexFolderError(f"{pointer} 读不出来：{error}。{REBUILD}") from None
        if not name or "/" in name or name.startswith(".") or not (self.versions / name).is_dir():
            raise IndexFolderError(f"{pointer} 指向的版本“{name[:40]}”不存在。{REBUILD}")
        return self.versions / name

    def _check_ours(self) -> None:
        """Refuse a folder that holds anything which no build of ours can have left."""
        inside = list(self.root.iterdir()) if self.root.is_dir() else []
        versions = list(self.versions.iterdir()) if self.versions.is_dir() else []
        foreign = {path.name for path in inside} - _OWN
        foreign |= {path.name for path in versions if not _VERSION.fullmatch(path.name)}
        if foreign:
            problem = f"{self.root} 里有别的文件（{sorted(foreign)[0]}），不是问策的索引目录"
            raise ForeignFolderError(f"{problem}；请换一个 WENCE_INDEX_DIR。")

    def new_version(self) -> Path:
        """A path for a new version; the folder is not made."""
        stamp = datetime.now(UTC)
        return self.versions / f"{stamp:%Y%m%dT%H%M%S}-{os.getpid()}-{time.monotonic_ns() % 10**6}"

    def manifest(self) -> Manifest:
        """The serving version's manifest, its files checked."""
        return Manifest.read(self.current())

    def open(self, encoder: Encoder, weights: Weights | None = None) -> OpenIndex:
        """Open the serving version with `encoder`.

        Raises:
            IndexFolderError: it is damaged, or `encoder` is not the model it was built with.
        """
        folder = self.current()
        manifest = Manifest.read(folder)
        try:
            store = Store.open(folder / STORE)
            words = WordIndex.load(folder / WORDS)
            vectors = VectorIndex.load(folder / VECTORS)
            bank = BankIndex.load(folder / BANK)
            spelling = Spelling.load(folder / SPELLING)
        except Exception as error:  # whatever a damaged file makes a library raise
            raise IndexFolderError(f"{folder} 打不开：{error}。{REBUILD}") from error
        of_bank = bank.records if bank else manifest.records
        if not store.count() == words.size == vectors.size == of_bank == manifest.records:
            raise IndexFolderError(f"{folder} 里条目、词、向量、问题库的数目不一致。{REBUILD}")
        if encoder.encode([""]).shape[1] != vectors.dimensions:
            raise IndexFolderError(f"{folder} {OTHER_MODEL}")
        retriever = HybridRetriever(store, words, vectors, bank, encoder, everyday(), weights)
        return OpenIndex(store, vectors, retriever, spelling, manifest, folder)

    @contextmanager
    def lock(self, wait_s: float) -> Iterator[None]:
        """Hold the folder for one build; a second build waits `wait_s` seconds.

        Raises:
            BuildRunningError: it is still held then.
            IndexFolderError: the folder cannot be written.
        """
        held = FileLock(self.root / "build.lock", timeout=wait_s)
        self._check_ours()
        try:
            self.versions.mkdir(parents=True, exist_ok=True)
            held.acquire()
        except Timeout:
            problem = f"另一个构建正在使用 {self.root}，等了 {wait_s:.0f} 秒；请稍后再试。"
            raise BuildRunningError(problem) from None
        except OSError as error:
            raise cannot_write(self.root, error) from error
        try:
            yield
        finally:
            held.release()

    def swap(self, version: Path) -> None:
        """Let `version` serve from now on, in one step; keep the one before, drop older ones."""
        before = self._pointed_at()
        _sync(version)
        fresh = self.root / "current.new"
        fresh.write_text(version.name + "\n", encoding="utf-8")
        _sync_file(fresh)
        fresh.replace(self.root / "current")
        for old in list(self.versions.iterdir()):
            if old.name not in (version.name, before):
                shutil.rmtree(old, ignore_errors=True)

    def _pointed_at(self) -> str:
        try:
            return (self.root / "current").read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return ""


_VERSION = re.compile(r"\d{8}T\d{6}-\d+-\d+")
_OWN = {"current", "current.new", "versions", "build.lock"}


def cannot_write(root: Path, error: Exception) -> IndexFolderError:
    """The error for an index folder that cannot be written."""
    why = getattr(error, "strerror", None) or str(error).splitlines()[0]
    advice = "请检查权限和磁盘，或换一个 WENCE_INDEX_DIR"
    return IndexFolderError(f"索引目录 {root} 不能写入（{why}）；{advice}。")


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            _sync_file(path)


def _sync_file(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
