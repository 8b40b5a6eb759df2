"""Calls to a Milvus server: each with a time limit, each failure said in our words."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from typing import Any

from index.errors import EngineUnreachableError, IndexFolderError
from index.milvus.address import Address

TIMEOUT_S = 5.0
"""Seconds that a call of a question may take, its retries included."""
PATIENT_S = 600.0
"""Seconds that a call of a build may take."""
LONG_S = 6 * 3600.0
"""Seconds that a server may take to write, index and load a whole build."""
OLDEST = (2, 6)
"""The oldest version of a server: older ones squeeze the scores of a hybrid search, asked or not."""
_VERSION = re.compile(r"v?(\d+)\.(\d+)\b.*")
_UNAVAILABLE, _NOT_LOADED = 2, 101  # codes of Milvus


class Server:
    """A Milvus server, reached when it is first asked. Safe for threads.

    A connection that was lost is made anew by the next call.
    """

    def __init__(self, address: Address, timeout_s: float = TIMEOUT_S) -> None:
        self.address = address
        self.timeout_s = timeout_s
        self._client: Any = None
        self._lock = threading.Lock()

    def call(self, name: str, *args: Any, timeout_s: float | None = None, **kwargs: Any) -> Any:
        """What the method `name` of pymilvus' client answers.

        Raises:
            EngineUnreachableError: there is no answer in time.
            IndexFolderError: the server refuses.
        """
        limit = self.timeout_s if timeout_s is None else timeout_s
        client = self._connected()
        try:
            return getattr(client, name)(*args, timeout=limit, **kwargs)
        except Exception as error:  # whatever gRPC and pymilvus raise
            if _away(error):
                self._forget(client)
            raise self._said(error) from error

    def searched(self, name: str, collection: str, *args: Any, **kwargs: Any) -> Any:
        """`call` for what needs `collection` in the server's memory: where it is not, it is loaded first."""
        try:
            return self.call(name, collection, *args, **kwargs)
        except IndexFolderError as error:
            if getattr(error.__cause__, "code", None) != _NOT_LOADED:
                raise
        self.call("load_collection", collection, timeout_s=kwargs.get("timeout_s"))
        return self.call(name, collection, *args, **kwargs)

    def close(self) -> None:
        """Give the connection back."""
        if self._client is not None:
            self._forget(self._client)

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Any:
        try:
            from pymilvus import MilvusClient  # costs a second, and only an index in Milvus needs it
        except ImportError:
            problem = "索引设在 Milvus，但没有安装它的客户端"
            raise IndexFolderError(f"{problem}；请在程序目录运行 pip install '.[milvus]'。") from None
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs what we raise
        at = self.address
        try:
            client = MilvusClient(
                at.uri, token=at.token, db_name=at.database, timeout=self.timeout_s, dedicated=True
            )
            version = client.get_server_version(timeout=self.timeout_s)
        except Exception as error:
            raise self._said(error) from error
        found = _VERSION.fullmatch(version)  # milvus-lite names itself otherwise
        if found and tuple(map(int, found.groups())) < OLDEST:
            client.close()
            needs = ".".join(map(str, OLDEST))
            raise IndexFolderError(f"Milvus（{at.uri}）是 {version}，问策需要 {needs} 或更新；请升级服务。")
        return client

    def _forget(self, client: Any) -> None:
        with self._lock:
            if self._client is client:
                self._client = None
        client.close()

    def _said(self, error: Exception) -> IndexFolderError:
        """`error` in our words; nothing of what it says is shown that may hold a token."""
        if _away(error) or _late(error):
            problem = f"Milvus（{self.address.uri}）没有应答"
            return EngineUnreachableError(f"{problem}；请检查服务是否在运行、地址和网络是否正确，然后再试。")
        said = str(getattr(error, "message", "") or error).splitlines()[:1]
        why = "".join(said)[:200]
        if self.address.token:
            why = why.replace(self.address.token, "……")
        return IndexFolderError(f"Milvus（{self.address.uri}）没有照办：{why}。请检查服务的日志和权限。")


def _away(error: Exception) -> bool:
    """Whether it is for want of a connection."""
    import grpc
    from pymilvus.exceptions import MilvusException

    found = list(_behind(error))
    codes = {e.code() for e in found if isinstance(e, grpc.RpcError) and hasattr(e, "code")}
    if codes & {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}:
        return False
    cut = any(isinstance(e, ValueError) and "closed channel" in str(e) for e in found)
    gone = any(isinstance(e, MilvusException) and e.code == _UNAVAILABLE for e in found)
    lost = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN}
    return bool(codes & lost) or cut or gone


def _late(error: Exception) -> bool:
    """Whether it is for want of time."""
    import grpc

    return any(
        isinstance(e, grpc.FutureTimeoutError)
        or (isinstance(e, grpc.RpcError) and e.code() == grpc.StatusCode.DEADLINE_EXCEEDED)
        or "Retry timeout" in str(e)
        for e in _behind(error)
    )


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and all that led to it; pymilvus raises errors from themselves."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        found = waiting.pop()
        if found is not None and not any(found is other for other in seen):
            seen.append(found)
            waiting += [found.__cause__, found.__context__]
    yield from seen
