"""What a reader is told where something could not be done."""

from __future__ import annotations

import logging

from api.problems import told
from api.serving import NotReadyError
from index.errors import IndexFolderError, ModelError
from rag.errors import QuestionError
from rag.options import ConditionError

log = logging.getLogger("wence.ui")
KNOWN = (QuestionError, ConditionError, NotReadyError, IndexFolderError, ModelError)
"""What says itself, in Chinese, why."""


def sentence(problem: Exception, doing: str) -> str:
    """Why `doing` (回答, 派单 …) came to nothing; what nobody foresaw is logged."""
    if isinstance(problem, KNOWN):
        return told(problem)
    log.error("failed: %s", doing, exc_info=problem)
    return failed(doing)


def failed(doing: str) -> str:
    """That `doing` came to nothing, and that it is our fault."""
    return f"服务内部出错，没能{doing}；请稍后再试，或告知管理员。"
