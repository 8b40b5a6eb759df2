"""A service whose plans can be changed: a library and an index of its own, as `wence serve` has them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from api.access.policy import Policy
from api.app import create_app
from api.gate import Limits
from api.kept import Kept
from corpus.bank import BUNDLED_BANK
from corpus.library import Library, Register
from corpus.manifest import BUNDLED
from index.build import Built, build
from index.embedding import SHIPPED, Encoder
from index.folder import IndexFolder
from index.plans import Plans
from index.progress import Progress
from rag.engine import Engine
from tests.api.serving import PATIENCE_S, served, wait_ready
from ui.house import House
from ui.site import mount


@dataclass(frozen=True, slots=True)
class Office:
    """A running service, its library and its state."""

    url: str
    library: Library
    kept: Kept
    app: FastAPI

    def client(self, headers: dict[str, str] | None = None) -> httpx.Client:
        """A client of it."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=PATIENCE_S, headers=headers)


def plans_in(folder: Path, index_dir: Path) -> Plans:
    """Plans whose library and index lie in `folder`; the index is a copy of the one in `index_dir`."""
    library, root = Library(folder / "plans"), folder / "index"
    shutil.copytree(index_dir, root)

    def rebuild(register: Register, progress: Progress) -> Built:
        return build(
            root, BUNDLED, BUNDLED_BANK, SHIPPED, library=library, register=register, progress=progress
        )

    return Plans(BUNDLED, library, rebuild)


@contextmanager
def office(
    folder: Path,
    index_dir: Path,
    encoder: Encoder,
    *,
    plans: Plans | None = None,
    limits: Limits | None = None,
    policy: Policy | None = None,
    pages: bool = False,
) -> Iterator[Office]:
    """Serve in `folder`; with `pages` the pages too."""
    held = plans or plans_in(folder, index_dir)
    serves = IndexFolder(folder / "index")
    kept = Kept(f"sqlite:///{folder}/state.sqlite", 1)
    app = create_app(
        lambda: Engine(serves.open(encoder)),
        index_version=lambda: serves.current().name,
        kept=kept,
        policy=policy,
        limits=limits,
        held=held,
    )
    if pages:
        mount(app, House(app.state.answering, desk=app.state.desk))
    with served(app) as url:
        wait_ready(url)
        yield Office(url, held.library, kept, app)
