"""The library: plans that an office has added, beside the bundled ones.

LIBRARY/register.json            which plans there are, what supersedes what, what is retired
LIBRARY/files/KEY/NAME           a file as it was added, byte for byte; KEY is its hash
LIBRARY/files/KEY/extract.json   what its reader read of it: builds read this, not the file again
LIBRARY/lock                     held by whoever changes the register

The register is replaced in one step; a file without an entry there is nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from filelock import FileLock, Timeout

from corpus import transcript
from corpus.document import Document
from corpus.errors import SourceError
from corpus.manifest import PUBLISHED, Source
from corpus.types import Plan

REGISTER, FILES, LOCK, EXTRACT = "register.json", "files", "lock", "extract.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of the library: `name` is unique, `added` an ISO time, `mapping` names its odd columns."""

    key: str
    name: str
    added: str
    mapping: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A plan of the library: the part of a file that it is read from (counted from 0)."""

    plan: Plan
    key: str
    part: int


@dataclass(frozen=True, slots=True)
class Register:
    """What the library holds. `superseded` is final text by draft, `retired` dates by plan id."""

    files: tuple[HeldFile, ...] = ()
    plans: tuple[HeldPlan, ...] = ()
    superseded: dict[str, str] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)

    def replaced(self, bundled: Iterable[Source]) -> set[str]:
        """Which of the `bundled` plans have another text here: their questions were asked of the old one."""
        return {held.plan.id for held in self.plans} & {source.plan.id for source in bundled}

    def file(self, key: str) -> HeldFile:
        """The file with that key."""
        return next(held for held in self.files if held.key == key)


class Library:
    """The folder of added plans; one that is not there is empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def register_path(self) -> Path:
        """The register's file."""
        return self.folder / REGISTER

    def register(self) -> Register:
        """What the library holds now.

        Raises:
            SourceError: the register is damaged or of another version.
        """
        try:
            document = json.loads(self.register_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Register()
        except (OSError, ValueError) as error:
            raise SourceError(str(self.register_path), None, f"计划登记簿读不了：{error}") from None
        try:
            if document["format"] != FORMAT:
                problem = f"计划登记簿是格式 {document['format']}，本程序读格式 {FORMAT}"
                raise SourceError(str(self.register_path), None, problem)
            return Register(
                tuple(HeldFile(**held) for held in document["files"]),
                tuple(HeldPlan(Plan(**h["plan"]), h["key"], h["part"]) for h in document["plans"]),
                dict(document["superseded"]),
                dict(document["retired"]),
            )
        except (KeyError, TypeError) as error:
            raise SourceError(str(self.register_path), None, f"计划登记簿不完整：{error}") from None

    def write(self, register: Register) -> None:
        """Put `register` in place of the present one, in one step."""
        document: dict[str, Any] = {"format": FORMAT, **asdict(register)}
        fresh = self.register_path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as out:
            json.dump(document, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self.register_path)

    def path(self, key: str, name: str) -> Path:
        """Where a file of the library lies."""
        return self.folder / FILES / key / name

    def extract(self, key: str) -> Path:
        """Where what was read of it lies."""
        return self.folder / FILES / key / EXTRACT

    def keep(self, original: Path, document: Document, name: str) -> str:
        """Copy a file and what was read of it into the library, and give its key; not registered yet."""
        key = key_of(original)
        folder = self.folder / FILES / key
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, folder / name)
        transcript.save(replace(document, name=name), folder / EXTRACT)
        return key

    def sweep(self, register: Register) -> None:
        """Remove files that no entry of `register` names."""
        named = {held.key for held in register.files}
        for folder in (self.folder / FILES).glob("*"):
            if folder.name not in named:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def lock(self, wait_s: float) -> Iterator[None]:
        """Hold the library while it is changed.

        Raises:
            SourceError: another process holds it, or the folder cannot be written.
        """
        held = FileLock(self.folder / LOCK, timeout=wait_s)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            held.acquire()
        except Timeout:
            raise SourceError(str(self.folder), None, "另一个操作正在修改计划库，请稍后再试") from None
        except OSError as error:
            raise SourceError(str(self.folder), None, f"计划库不能写入（{error.strerror}）") from None
        try:
            yield
        finally:
            held.release()

    def files(self, register: Register | None = None) -> list[Path]:
        """What a build reads: the register and every extract."""
        extracts = (self.extract(held.key) for held in (register or self.register()).files)
        return [self.register_path, *extracts]


def with_library(sources: Sequence[Source], library: Library, register: Register) -> tuple[Source, ...]:
    """`sources` and the plans of `register`, with what is superseded and retired marked.

    A plan of the library with the id of another one stands in its place.
    """
    added = {held.plan.id: held for held in register.plans}
    first = max((source.plan.ordinal for source in sources), default=-1) + 1
    whole: list[Source] = []
    for source in sources:
        held = added.pop(source.plan.id, None)
        whole.append(source if held is None else _source(held, library, register, source.plan.ordinal))
    whole += [_source(held, library, register, first + n) for n, held in enumerate(added.values())]
    return tuple(_marked(source, register) for source in whole)


def _source(held: HeldPlan, library: Library, register: Register, ordinal: int) -> Source:
    file = register.file(held.key)
    plan = replace(held.plan, file=file.name, ordinal=ordinal)
    return Source(plan, PUBLISHED, library.extract(held.key), part=held.part, mapping=file.mapping)


def _marked(source: Source, register: Register) -> Source:
    plan_id = source.plan.id
    by = register.superseded.get(plan_id, "")
    retired = plan_id in register.retired
    return replace(source, plan=replace(source.plan, superseded_by=by, retired=retired))


def key_of(path: Path) -> str:
    """The key of a file: the beginning of its SHA-256."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()[:16]


def unique_name(name: str, taken: Iterable[str]) -> str:
    """`name`, or with a number where a file of that name is held: 计划（2）.docx."""
    used, path = set(taken), PurePath(name)
    numbered = (f"{path.stem}（{n}）{path.suffix}" for n in range(2, 10000))
    return name if name not in used else next(other for other in numbered if other not in used)
