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


class ModelError(RuntimeError):
    """A model cannot be loaded, or does not answer; the message says what to do."""
