"""Engines whose writer is a scripted server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from index.folder import OpenIndex
from rag.engine import Engine
from rag.writing.model import Limits
from rag.writing.server import OpenAIModel
from rag.writing.writer import ModelWriter
from tests.model_server import ModelServer, Say, model_server

Scripted = Callable[..., tuple[Engine, ModelServer]]


@pytest.fixture
def scripted(index: OpenIndex) -> Iterator[Scripted]:
    """Make an engine that is worded by a server which says what it is told."""
    with ExitStack() as stack:

        def make(
            says: Callable[[dict[str, Any]], Say] | str, limits: Limits | None = None, **how: Any
        ) -> tuple[Engine, ModelServer]:
            server = stack.enter_context(model_server(says))
            model = OpenAIModel("scripted", server.url, **how)
            return Engine(index, writer=ModelWriter(model, limits or Limits())), server

        yield make
