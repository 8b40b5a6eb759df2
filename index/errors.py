"""What goes wrong with an index folder, said in Chinese: operators read it."""

from __future__ import annotations

_AWAY = "暂时没有应答，现在办不了；恢复后再试即可。如一直如此，请告知管理员。"


class IndexFolderError(RuntimeError):
    """The index folder cannot be used or written; the message says what to do."""


class ForeignFolderError(IndexFolderError):
    """The folder holds files that are not ours: it is neither read nor written."""


class IndexMissingError(IndexFolderError):
    """There is no index yet."""


class BuildRunningError(IndexFolderError):
    """Another build holds the folder."""


class ServerAwayError(IndexFolderError):
    """A server that holds a part of the index does not answer; it may again, and then all goes on.

    The message is for operators: it says where the server is. `to_readers` is for whoever asks.
    """

    to_readers = ""


class StoreUnreachableError(ServerAwayError):
    """The database that holds the store does not answer."""

    to_readers = f"存放措施条目的数据库{_AWAY}"


class RepeatedRecordError(IndexFolderError):
    """A plan or a record is given to a store that holds it already."""


class ModelError(RuntimeError):
    """A model cannot be loaded, or does not answer; the message says what to do."""


class EngineUnreachableError(ServerAwayError):
    """The engine that holds words and vectors does not answer: nothing is answered from half of it."""

    to_readers = f"检索措施的服务{_AWAY}"
