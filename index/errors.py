"""What goes wrong with an index folder, said in Chinese: operators read it."""

from __future__ import annotations


class IndexFolderError(RuntimeError):
    """The index folder cannot be used or written; the message says what to do."""


class ForeignFolderError(IndexFolderError):
    """The folder holds files that are not ours: it is neither read nor written."""


class IndexMissingError(IndexFolderError):
    """There is no index yet."""


class BuildRunningError(IndexFolderError):
    """Another build holds the folder."""


class StoreUnreachableError(IndexFolderError):
    """The database that holds the store does not answer; it may again, and then all goes on."""


class RepeatedRecordError(IndexFolderError):
    """A plan or a record is given to a store that holds it already."""


class ModelError(RuntimeError):
    """A model cannot be loaded, or does not answer; the message says what to do."""


class EngineUnreachableError(IndexFolderError):
    """The engine that holds words and vectors does not answer: nothing is answered from half of it."""
