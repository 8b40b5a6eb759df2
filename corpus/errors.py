"""What goes wrong while sources are read, said so that an operator can mend it."""

from __future__ import annotations


class SourceError(ValueError):
    """A source or manifest that cannot be read as declared.

    The message is Chinese (operators read it) and names the file, the line where
    there is one, and what was expected.
    """

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        self.file = file
        self.line = line
        self.problem = problem
        where = file if line is None else f"{file} 第{line}行"
        super().__init__(f"{where}：{problem}")
