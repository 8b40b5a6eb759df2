"""The build: sources to a new version of the index, swapped in at the end."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from corpus.library import Library, Register
from index.engines import Engines
from index.folder import IndexFolder, cannot_write
from index.making import Maker
from index.progress import Progress, quiet
from index.served import Served
from index.version import STEPS as STEPS


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: the version's folder, its ingest report, and seconds it took."""

    folder: Path
    report: dict[str, Any]
    seconds: float


def build(
    root: Path,
    sources_manifest: Path,
    bank: Path,
    model: Path | Served,
    *,
    library: Library | None = None,
    register: Register | None = None,
    engines: Engines | None = None,
    workers: int = 0,
    wait_s: float = 60.0,
    progress: Progress = quiet,
) -> Built:
    """Build the index of `sources_manifest`, of `library` and of the question bank in the folder `bank`.

    It stands in `root` and on `engines`; `workers` processes encode texts (see `bulk_encoder`), `progress`
    is told each step begun. With `register` the library's register becomes that one, when its index has
    been made and just before it serves (the caller holds the library). Vectors of texts that the serving
    version holds are taken from it; to a large index plans are added at their own cost (`index.adding`).

    A kill at any moment leaves the old version serving: the pointer is replaced last.

    Raises:
        SourceError, BankError: a source or a bank file cannot be read (nothing is changed).
        IndexFolderError, ModelError: the folder, a server or the model cannot be used.
    """
    started = time.perf_counter()
    folder = IndexFolder(root, engines)
    with folder.lock(wait_s):
        making = Maker(folder, sources_manifest, bank, model, library, register, progress, workers)
        inputs = making.inputs()
        version = folder.new_version()
        before: Register | None = None
        try:
            made, manifest = making.make(version, inputs)
            if library is not None and register is not None:
                before = library.register()
                library.write(register)
                manifest = replace(manifest, inputs=replace(inputs, sources=making.inputs().sources))
            manifest.write(version)
            progress(STEPS[-1])
            making.serve()
            folder.swap(version)
            making.kept.clear()
        except BaseException as error:
            if folder.serves(version):  # it was being cleared up; the next build does the rest
                raise
            folder.forget(version)
            if library is not None and before is not None:
                library.write(before)
            if isinstance(error, OSError | SQLAlchemyError):
                raise cannot_write(root, error) from error
            raise
    return Built(version, made, time.perf_counter() - started)
