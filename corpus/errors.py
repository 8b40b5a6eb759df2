"""What goes wrong while sources are read, said so that an operator can mend it."""

from __future__ import annotations


class SourceError(ValueError):
    """A source or manifest that cannot be read as declared.

    The message is Chinese (operators read it) and names the file, the line (or the place in words:
    第3页 表2第5行) where there is one, and what was expected.
    """

    def __init__(self, file: str, line: int | str | None, problem: str) -> None:
        self.file = file
        self.line = line
        self.problem = problem
        where = f"第{line}行" if isinstance(line, int) else line
        where = f"{file} {where}" if where else file
        super().__init__(f"{where}：{problem}")
