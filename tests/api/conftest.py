"""A served API over the shared engine, without and with a state."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.kept import Kept
from rag.engine import Engine
from tests.api.serving import PATIENCE_S, served, wait_ready
from tests.held import plans_in


@pytest.fixture(scope="session")
def address(engine: Engine) -> Iterator[str]:
    with served(create_app(lambda: engine)) as url:
        wait_ready(url)
        yield url


@pytest.fixture(scope="module")
def kept_address(engine: Engine, index_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One that keeps feedback and an audit and takes plans, for one module."""
    folder = tmp_path_factory.mktemp("state")
    kept, plans = Kept(f"sqlite:///{folder}/state.sqlite", 1), plans_in(folder, index_dir)
    with served(create_app(lambda: engine, kept=kept, held=plans)) as url:
        wait_ready(url)
        yield url


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client:
        yield client
