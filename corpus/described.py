"""A record as a language model reads it: one named column a line."""

from __future__ import annotations

from corpus.types import ROLE_WORDS, Measure, Record


def described(record: Record) -> str:
    """The text, headings and columns of `record`, each on a line of its own with its name.

    Angle brackets are full-width: no text of a document can close the tag that it stands in.
    """
    parts = ["路径：" + " / ".join(record.path)] if record.path else []
    parts.append("内容：" + record.text)
    if isinstance(record, Measure):
        parts.append("重点任务：" + record.task)
        named = (("年终目标", record.target), ("时限", record.deadline), ("类别", record.category))
        parts += [f"{name}：{value}" for name, value in named if value]
        parts += [
            f"{word}：{'、'.join(record.names(role))}"
            for role, word in ROLE_WORDS.items()
            if record.names(role)
        ]
    return as_data("\n".join(parts))


def as_data(text: str) -> str:
    """`text` with full-width angle brackets, so that it can neither open nor close a tag of a prompt."""
    return text.replace("<", "＜").replace(">", "＞")
