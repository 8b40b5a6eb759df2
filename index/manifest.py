"""The index manifest: what an index was built from, and whether its files are whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.bank import bank_files
from corpus.errors import SourceError
from corpus.library import Library, Register
from corpus.manifest import read_manifest
from corpus.places import LEXICON
from index.embedding_server import described, same_model
from index.errors import IndexFolderError
from index.served import Served

FORMAT = 5
FILE_NAME = "manifest.json"
MARK = "wence-index"
_PACKAGES = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Hashes of all that an index is made from. Equal inputs give an equal index."""

    sources: dict[str, str]
    lexicon: dict[str, str]
    bank: dict[str, str]
    model: dict[str, str]
    code: str

    @classmethod
    def of(
        cls, sources_manifest: Path, bank: Path, model: Path | Served, library: Library | None = None
    ) -> Inputs:
        """Hash sources, lexicon, question bank, model folder and code as they are now.

        Raises:
            ModelError: the model is behind a server, which does not answer.
        """
        try:
            sources = read_manifest(sources_manifest)
            register = library.register() if library is not None else Register()
        except SourceError:
            sources, register = (), Register()  # a build will say what is wrong with it
        declared = [sources_manifest, *(path for s in sources for path in (s.path, s.order) if path)]
        if library is not None:
            declared.append(library.register_path)
        plans = [s.plan.id for s in sources] + [held.plan.id for held in register.plans]
        asked = bank_files(bank, dict.fromkeys(plans))
        code = _hashes(_PACKAGES / "corpus", "**/*.py") | _hashes(_PACKAGES / "index", "*.py")
        return cls(
            sources=_file_hashes(sources_manifest.parent, declared) | _extracts(library, register),
            lexicon=_hashes(LEXICON, "*"),
            bank=_file_hashes(bank, asked),
            model=described(model) if isinstance(model, Served) else _hashes(model, "**/*"),
            code=hashlib.sha256(json.dumps(code, sort_keys=True).encode()).hexdigest(),
        )

    def same_vectors(self, now: Inputs) -> bool:
        """Whether both have the same model: a change of its card makes no other vectors."""

        def files(model: dict[str, str]) -> dict[str, str]:
            return {name: digest for name, digest in model.items() if not name.endswith(".md")}

        return same_model(files(self.model), files(now.model))

    @property
    def digest(self) -> str:
        """One hash of all."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def changes(self, now: Inputs) -> list[str]:
        """What differs from `now`, in Chinese words for an operator."""
        said = {"sources": "语料", "lexicon": "词表", "bank": "问题库", "model": "向量模型", "code": "程序"}
        changed = {name for name in said if getattr(self, name) != getattr(now, name)}
        if same_model(self.model, now.model):
            changed.discard("model")
        return [words for name, words in said.items() if name in changed]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last into an index folder: a folder without one is not an index.

    Args:
        inputs: what it was made from.
        records: how many there are.
        dimensions: length of a vector.
        built_at: an ISO time.
        store: where the store is: `VERSION/store.sqlite`, or `postgresql:SCHEMA`.
        store_version: which of its versions.
        collection: that of Milvus which holds words and vectors; empty where files hold them.
        kinds: how the vectors are searched, in FAISS' terms, a part each.
        asked: questions of the bank.
        plans: by each plan's id what it was made from, as a hash, in order.
        files: the hash of each file.
    """

    inputs: Inputs
    records: int
    dimensions: int
    built_at: str
    store: str = ""
    store_version: int = 1
    collection: str = ""
    kinds: tuple[str, ...] = ()
    asked: int = 0
    plans: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Hash the files of `folder` and write the manifest beside them."""
        document: dict[str, Any] = {"mark": MARK, "format": FORMAT, **asdict(self)}
        document["files"] = _hashes(folder, "**/*")
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (folder / FILE_NAME).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, *, whole: bool = True) -> Manifest:
        """Read and check: every file is there, whole and unchanged (that takes longer, and may be left out).

        Raises:
            IndexFolderError: it is not an index of this format, or a file is damaged.
        """
        try:
            document = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise IndexFolderError(f"{folder} 不是问策的索引（缺 {FILE_NAME}）。{REBUILD}") from None
        except ValueError:
            raise IndexFolderError(f"{folder} 的 {FILE_NAME} 已损坏。{REBUILD}") from None
        if not isinstance(document, dict) or document.get("mark") != MARK:
            raise IndexFolderError(f"{folder} 不是问策的索引。{REBUILD}")
        if document.get("format") != FORMAT:
            problem = f"{folder} 是格式 {document.get('format')} 的索引，本程序读格式 {FORMAT}。"
            raise IndexFolderError(problem + REBUILD)
        try:
            manifest = cls(
                inputs=Inputs(**document["inputs"]),
                records=document["records"],
                dimensions=document["dimensions"],
                built_at=document["built_at"],
                store=document["store"],
                store_version=document["store_version"],
                collection=document["collection"],
                kinds=tuple(document["kinds"]),
                asked=document["asked"],
                plans=dict(document["plans"]),
                files=dict(document["files"]),
            )
        except (KeyError, TypeError, ValueError):
            raise IndexFolderError(f"{folder} 的 {FILE_NAME} 不完整。{REBUILD}") from None
        if not whole:
            return manifest
        found = _hashes(folder, "**/*")
        found.pop(FILE_NAME, None)
        damaged = [n for n, digest in manifest.files.items() if not _whole(digest, found.get(n, ""))]
        if damaged:
            raise IndexFolderError(f"{folder} 里 {'、'.join(damaged)} 缺失或已损坏。{REBUILD}")
        return manifest


def _extracts(library: Library | None, register: Register) -> dict[str, str]:
    """What was read of each added file, by the hash of the file: its size says that it is all there."""
    if library is None:
        return {}
    paths = {held.key: library.extract(held.key) for held in register.files}
    return {key: f"{path.stat().st_size} bytes" for key, path in paths.items() if path.is_file()}


REBUILD = "请运行 wence build 重建。"
OTHER_MODEL = "是用另一个向量模型建的；请用那个模型，或以同样的 --embedding 运行 wence build 重建。"


def _hashes(folder: Path, pattern: str) -> dict[str, str]:
    found = (path for path in folder.glob(pattern) if "__pycache__" not in path.parts)
    return _file_hashes(folder, found)


def _file_hashes(folder: Path, paths: Iterable[Path]) -> dict[str, str]:
    return {os.path.relpath(path, folder): _digest(path) for path in sorted(set(paths)) if path.is_file()}


BIG = 64 * 2**20  # bytes; of a larger file (weights of another model) size and both ends are hashed
_END = 2**20


def _digest(path: Path) -> str:
    """A hash of the content; of an SQLite file behind the number of times that it was changed."""
    if path.suffix != ".sqlite":
        return _hash(path)
    now = path.stat()
    return _of_database(path, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=16)
def _of_database(path: Path, changed_ns: int, size: int) -> str:
    """The hash of an SQLite file, taken once: to close such a file drops the locks of who reads it here."""
    return f"{_changes(path)}:{_hash(path)}"


def _whole(recorded: str, found: str) -> bool:
    """Whether a file is what it was, or an SQLite file that was added to since."""
    (before, _, _), (now, changed, _) = recorded.partition(":"), found.partition(":")
    return recorded == found or (bool(changed) and before.isdecimal() and int(now) > int(before))


def _changes(path: Path) -> int:
    """How often an SQLite file was changed (its format, 1.3.7: file change counter)."""
    with path.open("rb") as content:
        return int.from_bytes(content.read(28)[24:], "big")


def _hash(path: Path) -> str:
    size = path.stat().st_size
    if size <= BIG:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open("rb") as content:
        digest = hashlib.sha256(str(size).encode() + content.read(_END))
        content.seek(-_END, os.SEEK_END)
        digest.update(content.read())
    return "ends-" + digest.hexdigest()
