"""The engine of a running server: loaded beside it, exchanged when the index is rebuilt."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import structlog

from api import meters
from corpus.errors import SourceError
from index.errors import IndexFolderError, ModelError, ServerAwayError
from rag.engine import Engine

log = structlog.stdlib.get_logger("wence.api")
WARM_UP = "海绵城市达标面积比例的目标是多少，由谁牵头？"
LOADING = "模型和索引正在加载，请稍候再试。"
LOOK_S = 1.0  # how often the index folder is looked at
RETRY_S = 30.0  # how long a version that could not be loaded is left alone
AWAY_RETRY_S = 3.0  # as long, where a server did not answer


class NotReadyError(RuntimeError):
    """There is no engine yet, or it could not be loaded; the message says which."""


class Serving:
    """Loads an engine in a thread of its own, so that the process answers meanwhile.

    `version` names the index that `load_engine` would load now. Where it changes, the new one is
    loaded and warmed beside the old, which goes on answering until then; a question keeps the
    engine that it began with. A new one that cannot be loaded is left, and the old one serves on.
    """

    def __init__(
        self,
        load_engine: Callable[[], Engine],
        version: Callable[[], str] | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        self._load_engine = load_engine
        self._version = version
        self._look_s = look_s
        self._engine: Engine | None = None
        self._serves = ""
        self._problem = LOADING
        self._failed: tuple[str, float] = ("", 0.0)
        self._patience = RETRY_S
        self._tried = threading.Event()
        self._stop = threading.Event()
        self._exchanged = threading.Condition()

    def start(self) -> None:
        """Begin loading; return at once. The thread ends with the process."""
        threading.Thread(target=self._run, name="wence-load", daemon=True).start()

    def wait(self) -> None:
        """Return when the first engine is there, or could not be loaded."""
        self._tried.wait()

    def wait_for(self, version: str, timeout_s: float) -> bool:
        """Whether the engine over the index `version` serves, after at most `timeout_s` seconds."""
        if self._version is None:  # nobody looks for a newer one
            return False
        with self._exchanged:
            return self._exchanged.wait_for(lambda: self._serves == version, timeout_s)

    def stop(self) -> None:
        """Look for no newer index any more."""
        self._stop.set()

    def engine(self) -> Engine:
        """The engine.

        Raises:
            NotReadyError: it is still loading, or it could not be loaded.
        """
        if self._engine is None:
            raise NotReadyError(self._problem)
        return self._engine

    def check(self) -> None:
        """See that the engine can answer now: what it reads on servers is there.

        Raises:
            NotReadyError: it is not there yet, or could not be loaded.
            IndexFolderError: a server does not answer, or does not hold the index any more.
        """
        self.engine().index.check()

    def load(self) -> bool:
        """Load an engine and warm it with one real question. What goes wrong is kept and logged."""
        before, named = self._engine, self._named()
        try:
            engine = self._load_engine()
            engine.ask(WARM_UP)
        except ServerAwayError as error:
            log.error("engine not loaded", reason=str(error))
            self._problem, self._patience = error.to_readers, AWAY_RETRY_S
        except (IndexFolderError, ModelError, SourceError) as error:
            log.error("engine not loaded", reason=str(error))
            self._problem, self._patience = f"加载失败：{error}", RETRY_S
        except Exception:
            log.exception("engine not loaded")
            self._problem, self._patience = "加载失败（内部错误），请查看服务日志。", RETRY_S
        else:
            # A build that ends while we load: the name from before makes us look again.
            with self._exchanged:
                self._engine, self._serves = engine, named or self._named()
                self._exchanged.notify_all()
            _settle()
            if before is not None:
                log.info("index exchanged", version=self._serves)
                meters.swaps.labels("taken").inc()
            return True
        if before is not None:
            meters.swaps.labels("failed").inc()
        return False

    def _run(self) -> None:
        try:
            if not self.load():
                self._failed = (self._named(), time.monotonic())
        finally:
            self._tried.set()
        while self._version is not None and not self._stop.wait(self._look_s):
            self._look()

    def _look(self) -> None:
        """Load the index that stands in the folder now, where it is another one."""
        named = self._named()
        if not named or (self._engine is not None and named == self._serves):
            return
        failed, at = self._failed
        if named == failed and time.monotonic() - at < self._patience:
            return
        if not self.load():
            self._failed = (named, time.monotonic())

    def _named(self) -> str:
        try:
            return self._version() if self._version else ""
        except (IndexFolderError, OSError):  # none yet; or no file can be opened now: look again
            return ""


def _settle() -> None:
    """Keep the collector from walking through the whole index again and again: it is there to stay."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
