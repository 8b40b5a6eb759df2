"""The engine of a running server: loaded beside it, handed out once it is warm."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from corpus.errors import SourceError
from index.errors import IndexFolderError, ModelError
from rag.engine import Engine

log = logging.getLogger("wence.api")
WARM_UP = "海绵城市达标面积比例的目标是多少，由谁牵头？"
LOADING = "模型和索引正在加载，请稍候再试。"


class NotReadyError(RuntimeError):
    """There is no engine yet, or it could not be loaded; the message says which."""


class Serving:
    """Loads an engine in a thread of its own, so that the process answers meanwhile."""

    def __init__(self, load_engine: Callable[[], Engine]) -> None:
        self._load_engine = load_engine
        self._engine: Engine | None = None
        self._problem = LOADING

    def start(self) -> None:
        """Begin loading; return at once. The thread ends with the process."""
        threading.Thread(target=self.load, name="wence-load", daemon=True).start()

    def load(self) -> None:
        """Load the engine and warm it with one real question. What goes wrong is kept."""
        try:
            engine = self._load_engine()
            engine.ask(WARM_UP)
        except (IndexFolderError, ModelError, SourceError) as error:
            log.error("engine not loaded: %s", error)
            self._problem = f"加载失败：{error}"
        except Exception:
            log.exception("engine not loaded")
            self._problem = "加载失败（内部错误），请查看服务日志。"
        else:
            self._engine = engine

    def engine(self) -> Engine:
        """The engine.

        Raises:
            NotReadyError: it is still loading, or it could not be loaded.
        """
        if self._engine is None:
            raise NotReadyError(self._problem)
        return self._engine
