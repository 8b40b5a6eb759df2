"""The index folder: versions beside each other, and a pointer to the one that serves.

INDEX/current          the name of the serving version (replaced atomically)
INDEX/versions/NAME/   store.sqlite, words/, vectors/, bank/, spelling/, texts.npy, manifest.json,
                       ingest-report.json
INDEX/partial/         vectors of a build that is under way
INDEX/owner            what marks on servers what builds of this folder have put there
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
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from sqlalchemy import select

from index import schema
from index.bank import BankIndex
from index.embedding import Encoder
from index.engines import OWNER, Engines
from index.errors import BuildRunningError, ForeignFolderError, IndexFolderError, IndexMissingError
from index.expansion import everyday
from index.manifest import OTHER_MODEL, REBUILD, Manifest
from index.retriever import HybridRetriever, Retriever, Weights
from index.spelling import Spelling
from index.statistics import Statistics
from index.store import Store
from index.vectors import VectorIndex, VectorSearch
from index.words import WordIndex

if TYPE_CHECKING:
    from index.milvus.serving import MilvusIndex
    from index.milvus.vectors import MilvusVectors

WORDS, VECTORS, BANK, SPELLING = "words", "vectors", "bank", "spelling"
TEXTS = "texts.npy"
REPORT = "ingest-report.json"


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index ready to serve."""

    store: Store
    vectors: VectorSearch
    retriever: Retriever
    spelling: Spelling
    manifest: Manifest
    folder: Path
    milvus: MilvusIndex | None = None

    def check(self) -> None:
        """See that all is there still: a server may be gone, or what it held.

        Raises:
            StoreUnreachableError, EngineUnreachableError: a server does not answer.
            IndexFolderError: it does not hold this version any more.
        """
        self.store.rows(select(schema.versions.c.version).limit(1))
        if self.milvus is not None:
            self.milvus.check()


class IndexFolder:
    """Where versions of the index live.

    Args:
        root: the folder.
        engines: servers that hold what is not in files.
    """

    def __init__(self, root: Path, engines: Engines | None = None) -> None:
        self.root = root
        self.engines = engines or Engines()

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

    def open_store(self) -> Store:
        """The store of the serving version alone.

        Raises:
            IndexFolderError: there is no version, or its store cannot be read.
        """
        manifest = Manifest.read(self.current(), whole=False)
        return Store(self.engines.store_at(manifest.store, self.versions), manifest.store_version)

    def open(self, encoder: Encoder, weights: Weights | None = None) -> OpenIndex:
        """Open the serving version with `encoder`.

        Raises:
            IndexFolderError: it is damaged, or `encoder` is not the model it was built with.
        """
        folder = self.current()
        return open_version(folder, Manifest.read(folder), encoder, self.engines, weights)

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
            self.engines = self.engines.owned(self.root)
        except Timeout:
            problem = f"另一个构建正在使用 {self.root}，等了 {wait_s:.0f} 秒；请稍后再试。"
            raise BuildRunningError(problem) from None
        except OSError as error:
            held.release()
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
        manifests = [m for name in (version.name, before) if (m := _manifest_of(self.versions / name))]
        kept = {version.name, before, *(manifest.store.partition("/")[0] for manifest in manifests)}
        for old in list(self.versions.iterdir()):
            if old.name not in kept:
                shutil.rmtree(old, ignore_errors=True)
        self.engines.drop_stores(manifests)
        self.engines.drop_collections(manifests)

    def serves(self, version: Path) -> bool:
        """Whether the pointer names `version`."""
        return self._pointed_at() == version.name

    def forget(self, version: Path) -> None:
        """Drop a `version` that does not come to serve; the next build goes on with a half collection."""
        shutil.rmtree(version, ignore_errors=True)
        self.engines.drop_stores([m for left in self.versions.iterdir() if (m := _manifest_of(left))])

    def _pointed_at(self) -> str:
        try:
            return (self.root / "current").read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return ""


def _manifest_of(version: Path) -> Manifest | None:
    """The manifest of a version; None where it cannot be read."""
    try:
        return Manifest.read(version, whole=False)
    except (IndexFolderError, OSError):
        return None


def parts_of(folder: Path, name: str) -> list[Path]:
    """The parts of words, vectors or bank that continue the first one, in order: words.1, words.2."""
    return sorted(folder.glob(f"{name}.[0-9]*"), key=lambda path: int(path.suffix[1:]))


def open_version(
    folder: Path,
    manifest: Manifest,
    encoder: Encoder,
    engines: Engines | None = None,
    weights: Weights | None = None,
) -> OpenIndex:
    """Open the version in `folder`.

    Raises:
        IndexFolderError: it is damaged, `encoder` is not the model it was built with, or a server that
            holds a part of it does not answer.
    """
    engines = engines or Engines()
    store = Store(engines.store_at(manifest.store, folder.parent), manifest.store_version)
    milvus = None
    try:
        vectors: VectorSearch
        retriever: Retriever
        if manifest.collection:
            milvus, vectors, retriever = _in_milvus(folder, manifest, store, encoder, engines, weights)
        else:
            vectors, retriever = _in_files(folder, manifest, store, encoder, weights)
        spelling = Spelling.load(folder / SPELLING)
    except IndexFolderError:
        raise
    except Exception as error:  # whatever a damaged file makes a library raise
        raise IndexFolderError(f"{folder} 打不开：{error}。{REBUILD}") from error
    if not store.count() == vectors.size == manifest.records:
        raise IndexFolderError(f"{folder} 里条目、词、向量、问题库的数目不一致。{REBUILD}")
    if encoder.encode([""]).shape[1] != vectors.dimensions:
        raise IndexFolderError(f"{folder} {OTHER_MODEL}")
    return OpenIndex(store, vectors, retriever, spelling, manifest, folder, milvus)


def _in_files(
    folder: Path,
    manifest: Manifest,
    store: Store,
    encoder: Encoder,
    weights: Weights | None,
) -> tuple[VectorIndex, Retriever]:
    words = WordIndex.load(folder / WORDS, *parts_of(folder, WORDS))
    vectors = VectorIndex.load(folder / VECTORS, *parts_of(folder, VECTORS))
    bank = BankIndex.load(folder / BANK, *parts_of(folder, BANK)) if manifest.asked else None
    of_bank = bank.records if bank else manifest.records
    if not words.size == vectors.size == of_bank:
        raise IndexFolderError(f"{folder} 里条目、词、向量、问题库的数目不一致。{REBUILD}")
    return vectors, HybridRetriever(store, words, vectors, bank, encoder, everyday(), weights)


def _in_milvus(
    folder: Path,
    manifest: Manifest,
    store: Store,
    encoder: Encoder,
    engines: Engines,
    weights: Weights | None,
) -> tuple[MilvusIndex, MilvusVectors, Retriever]:
    from index.milvus.retriever import MilvusRetriever
    from index.milvus.serving import MilvusIndex
    from index.milvus.vectors import MilvusVectors

    index = MilvusIndex.open(engines.server(), manifest.collection, manifest.dimensions, store)
    words = Statistics.load((parts_of(folder, WORDS) or [folder / WORDS])[-1])
    asked = Statistics.load((parts_of(folder, BANK) or [folder / BANK])[-1]) if manifest.asked else None
    retriever = MilvusRetriever(index, store, words, asked, encoder, everyday(), weights)
    return index, MilvusVectors(index, store, manifest.dimensions), retriever


_VERSION = re.compile(r"\d{8}T\d{6}-\d+-\d+")
_OWN = {"current", "current.new", "versions", "build.lock", "partial", OWNER, f"{OWNER}.new"}


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
