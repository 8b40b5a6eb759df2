"""What a reader is told where something could not be done."""

from __future__ import annotations

import logging

from api.serving import NotReadyError
from index.errors import IndexFolderError
from rag.errors import QuestionError
from rag.options import ConditionError

log = logging.getLogger("wence.ui")
KNOWN = (QuestionError, ConditionError, NotReadyError, IndexFolderError)
"""What says itself, in Chinese, why."""
FAILED = "服务内部出错，没有办成；请稍后再试，或告知管理员。"


def sentence(problem: Exception, what: str) -> str:
    """One sentence on `problem`, which `what` has met; one that nobody foresaw is logged."""
    if isinstance(problem, KNOWN):
        return str(problem)
    log.error("%s failed", what, exc_info=problem)
    return FAILED
