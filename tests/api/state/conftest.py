"""States to test with: an SQLite file and a database of a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.state.database import State


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a state that is not made yet, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/home/state.sqlite"
    made: str = request.getfixturevalue("server").new_database()
    return made


@pytest.fixture
def state(url: str) -> Iterator[State]:
    """A new state, open."""
    state = State.open(url)
    yield state
    state.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the SQLite file of `lite` is."""
    return tmp_path / "state.sqlite"


@pytest.fixture
def lite(file: Path) -> Iterator[State]:
    """A new state in an SQLite file."""
    state = State.open(f"sqlite:///{file}")
    yield state
    state.close()
