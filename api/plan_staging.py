"""Uploaded files that are looked at before they become plans: on the disk, so that every worker sees them.

FOLDER/TOKEN/file/NAME      the file as it came, byte for byte
FOLDER/TOKEN/extract.json   what its reader read of it
FOLDER/TOKEN/upload.json    who sent it and what was answered; written last, a folder without it is nothing
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from corpus.addition import Given
from corpus.library import EXTRACT

STAGING = "staging"
KEEP_S = 24 * 3600.0
MOST = 60  # uploads that may wait at a time: a disk is not filled by forgetting them
TOKEN = re.compile(r"[0-9a-f]{16}")
_UPLOAD, _FILE = "upload.json", "file"
_NAME_BYTES = 180  # a file system takes 255, and the library may add a number
_UNNAMED = "未命名文件"


class UnknownUploadError(LookupError):
    """There is no such upload (any more); the message is Chinese."""


class StagingFullError(RuntimeError):
    """Too many uploads wait; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits, and what its operator has said of it so far (see `corpus.addition`)."""

    token: str
    name: str
    created: str
    replaces: str = ""
    given: dict[int, Given] = field(default_factory=dict)
    mapping: dict[str, str] = field(default_factory=dict)


class Staging:
    """The folder of uploads; one that is not there is empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self) -> tuple[str, Path]:
        """A token, and the folder that takes its file; what is too old goes first.

        Raises:
            StagingFullError: too many wait. OSError: the disk is full or cannot be written.
        """
        self.sweep()
        if sum(1 for _ in self.folder.glob("*")) >= MOST:
            raise StagingFullError(f"待确认的文件已有 {MOST} 份，请先确认或放弃一些。")
        token = secrets.token_hex(8)
        into = self.folder / token / _FILE
        into.mkdir(parents=True)
        return token, into

    def save(self, upload: Upload) -> None:
        """Write the answers, in one step."""
        path = self.folder / upload.token / _UPLOAD
        fresh = path.with_name(f"{_UPLOAD}.{secrets.token_hex(4)}")
        fresh.write_text(json.dumps(asdict(upload), ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)

    def load(self, token: str) -> Upload:
        """The upload of that token.

        Raises:
            UnknownUploadError: there is none.
        """
        try:
            if not TOKEN.fullmatch(token):
                raise FileNotFoundError
            said = json.loads((self.folder / token / _UPLOAD).read_text(encoding="utf-8"))
            given = {int(part): Given(**answers) for part, answers in said.pop("given").items()}
            return Upload(**said, given=given)
        except (FileNotFoundError, ValueError, TypeError, KeyError):  # or what another version wrote
            raise UnknownUploadError("没有这份待确认的文件：可能已经加入、放弃，或超过一天被清理。") from None

    def every(self) -> Iterator[Upload]:
        """All that wait, the oldest first."""
        found = []
        for folder in self.folder.glob("*"):
            try:
                found.append(self.load(folder.name))
            except UnknownUploadError:  # one that is still coming, or going
                continue
        yield from sorted(found, key=lambda upload: (upload.created, upload.token))

    def original(self, upload: Upload) -> Path:
        """Where its file lies."""
        return self.folder / upload.token / _FILE / upload.name

    def extract(self, upload: Upload) -> Path:
        """Where what was read of it lies."""
        return self.folder / upload.token / EXTRACT

    def drop(self, token: str) -> None:
        """Remove an upload."""
        if TOKEN.fullmatch(token):
            shutil.rmtree(self.folder / token, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what has waited too long."""
        for folder in self.folder.glob("*"):
            try:
                old = folder.stat().st_mtime < time.time() - KEEP_S
            except FileNotFoundError:
                continue
            if old:
                shutil.rmtree(folder, ignore_errors=True)


def now() -> str:
    """This moment, as uploads and the library write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def file_name(said: str) -> str:
    """The name under which an upload is kept: no folder, nothing invisible, not too long for a disk."""
    last = re.split(r"[/\\]", said)[-1]
    plain = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix) > 8:
        stem, dot, suffix = plain, "", ""
    room = _NAME_BYTES - len(suffix.encode()) - 1
    stem = stem.encode("utf-8", "ignore")[:room].decode("utf-8", "ignore")
    name = f"{stem}{dot}{suffix}" if stem else _UNNAMED
    return f"原件-{name}" if name == EXTRACT else name
