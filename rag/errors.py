"""What a question can do wrong."""

from __future__ import annotations


class QuestionError(ValueError):
    """A question that cannot be asked; the message tells its writer what to change."""
