"""Clauses that say who does what: （市水务局牵头，市财政局配合）, 责任单位：市水务局, 完成时限：6月底前.

A clause is a bracket, or words behind a label (牵头单位：…) up to the end of the sentence. What stands
in it must be names, verbs and dates and nothing else: a bracket of prose that happens to end in 负责 is
no clause and stays in the text, and is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from corpus.clause_words import ClauseWords, clause_words
from corpus.deadlines import looks_like_deadline
from corpus.departments import NONE_MARKS, DepartmentLexicon, PrintedName
from corpus.table import duty_of
from corpus.types import Duty, Role

_OPEN, _CLOSE = "（([［【〔", "）)]］】〕"
_SEPARATORS = "、，,；;。\n"
_AND = re.compile(r"以及|[和及与]")
_BY = re.compile(r"(?:具体|主要|分别|此项工作|以上工作)?由")
_ALONE_OPEN = re.compile(r"等(?:有关|相关)?(?:部门|单位)?")
_TRAILING_BRACKET = re.compile(r"[（(][^（()）]*[）)]$")
_DONE = re.compile(r"(?:全部|基本)?完成$|并长期坚持$")
_DUTY = re.compile("负责|牵头")
_LONGEST_NAME, _LONGEST_ODD_NAME = 40, 15
_LONGEST_WORDS = 80  # between two separators; longer is prose
_MAX_JOINED = 3  # a body's own name holds at most this many parts parted by 、


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause at `text[start:end]`, its bracket or label included.

    `groups` are the names by how they stand there: lead, charge or assisting. `first_leads` says that
    it declares the department printed first the lead, `from_here` that it does so for what follows
    too. `persons` are the people that it names. `odd` are names that do not look like a body's.
    `labelled` marks what says what it is (完成时限：…); a date in bare brackets does not.
    """

    start: int
    end: int
    groups: tuple[tuple[str, tuple[PrintedName, ...]], ...] = ()
    deadline: str = ""
    first_leads: bool = False
    from_here: bool = False
    persons: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    labelled: bool = False

    @property
    def assigns(self) -> bool:
        """Whether it names departments."""
        return bool(self.groups)


@dataclass(frozen=True, slots=True)
class Found:
    """The clauses of a text in print order, and what looks like one and is not: where, and why not."""

    clauses: tuple[Clause, ...]
    doubts: tuple[tuple[int, str], ...]


def find_clauses(text: str, lexicon: DepartmentLexicon, district: str) -> Found:
    """Every clause of `text`, a paragraph of a plan of `district` ("" is the city's or the nation's)."""
    words = clause_words()
    clauses: list[Clause] = []
    doubts: list[tuple[int, str]] = []
    for start, end, bracketed in _candidates(text, words):
        content = text[start + 1 : end - 1] if bracketed else text[start:end]
        reading = _Content(words, lexicon, district)
        reading.read(content)
        stands_apart = not text[end:].strip() or text[:start].rstrip().endswith(("。", "；"))
        why_not = reading.why_not(stands_apart=stands_apart)
        if why_not is None:
            clauses.append(reading.clause(start, end))
        elif why_not:
            doubts.append((start, f"“{_shown(text[start:end])}”{why_not}，留在正文里"))
    doubts += [(at, f"“{_shown(text[at:])}”的括号没有收尾，留在正文里") for at in _unclosed(text, words)]
    return Found(tuple(clauses), tuple(sorted(doubts)))


def duties(clauses: Sequence[Clause], *, first_leads: bool) -> tuple[Duty, ...]:
    """The duties that adjacent clauses state together, leads first as printed.

    Whoever is in charge beside a lead is responsible; alone, lead and responsible in one, unless the
    document says that the department printed first leads.
    """
    groups = [group for clause in clauses for group in clause.groups]
    has_lead = any(kind == "lead" for kind, _ in groups)
    made: list[Duty] = []
    for kind, names in groups:
        for name in names:
            role = Role.LEAD if kind == "lead" else Role.ASSISTING
            if kind == "charge" and first_leads and not has_lead:
                first = not any(duty.role is Role.LEAD for duty in made)
                role = Role.LEAD if first else Role.RESPONSIBLE
            elif kind == "charge":
                role = Role.RESPONSIBLE if has_lead else Role.LEAD_RESPONSIBLE
            made.append(duty_of(name, role))
    return tuple(dict.fromkeys(made))


def is_body(printed: str, lexicon: DepartmentLexicon, district: str) -> bool:
    """Whether `printed` is the name of a body, or is shaped like one."""
    return _Content(clause_words(), lexicon, district).is_named_text(printed)


def says_first_leads(text: str) -> bool:
    """Whether a line outside of any clause declares the department printed first the lead."""
    return clause_words().first_leads.search(text) is not None


def _candidates(text: str, words: ClauseWords) -> Iterator[tuple[int, int, bool]]:
    """(start, end, bracketed) of each outermost bracket and each run of labels, in print order."""
    at = 0
    while at < len(text):
        if (label := words.label.match(text, at)) and _begins_clause(text, at):
            end = _end_of_labels(text, label.end())
            yield at, end, False
            at = end
        elif text[at] in _OPEN:
            closed = _closing(text, at)
            if closed is not None:
                yield at, closed, True
            at = closed or at + 1
        else:
            at += 1


def _begins_clause(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return not before or before[-1] in "。；;！？" + _CLOSE or before != text[:at]


def _closing(text: str, at: int) -> int | None:
    """The offset behind the bracket that closes the one at `at`."""
    depth = 0
    for offset in range(at, len(text)):
        depth += (text[offset] in _OPEN) - (text[offset] in _CLOSE)
        if depth == 0:
            return offset + 1
    return None


def _unclosed(text: str, words: ClauseWords) -> list[int]:
    """Where a bracket opens that is never closed although it speaks of duties."""
    opened = [at for at, char in enumerate(text) if char in _OPEN and _closing(text, at) is None]
    return [at for at in opened if _DUTY.search(text, at) or words.label.match(text, at + 1)][:1]


def _end_of_labels(text: str, at: int) -> int:
    """Where a run of labels ends: before the full stop or the line's end."""
    depth = 0
    for offset in range(at, len(text)):
        depth += (text[offset] in _OPEN) - (text[offset] in _CLOSE)
        if depth <= 0 and text[offset] in "。\n":
            return offset + (text[offset] == "。")
    return len(text)


def _shown(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "…"


@dataclass
class _Content:
    """The state while the words of one clause are read from left to right."""

    words: ClauseWords
    lexicon: DepartmentLexicon
    district: str
    label: str = ""
    labelled: bool = False
    pending: list[tuple[str, str]] = field(default_factory=list)
    groups: list[tuple[str, tuple[PrintedName, ...]]] = field(default_factory=list)
    deadline: str = ""
    persons: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    verbs: int = 0
    speaks_of_duties: bool = False
    unassigned: tuple[PrintedName, ...] = ()

    def read(self, content: str) -> None:
        """Read all words of the clause."""
        self.speaks_of_duties = _DUTY.search(content) is not None
        for separator, token in _tokens(content, self.words):
            if label := self.words.label.match(token):
                self._close(self.label)
                self.label, self.labelled = self.words.labelled(label), True
                separator, token = "", token[label.end() :].strip()
            if token:
                self._token(separator, token)
        self._close(self.label)

    def _token(self, separator: str, token: str) -> None:
        words = self.words
        if self.label == "person":
            self.persons.append(token)
        elif self.label == "deadline":
            self.deadline += (separator if self.deadline else "") + token
        elif len(token) > _LONGEST_WORDS:
            self.pending.append((separator, token))
        elif (
            words.first_leads.fullmatch(token)
            or words.remark.fullmatch(token)
            or words.from_here.fullmatch(token)
        ):
            self.remarks.append(token)
        elif words.manner.fullmatch(token) or token in NONE_MARKS:
            pass
        elif self._is_deadline(token):
            self.deadline = token
        else:
            self._names_and_verb(separator, token)

    def _is_deadline(self, token: str) -> bool:
        return looks_like_deadline(_DONE.sub("", token)) and not self.is_named_text(token)

    def _names_and_verb(self, separator: str, token: str) -> None:
        token = _BY.sub("", token, count=1) if _BY.match(token) else token
        left, joint, right = self._parted(token)
        if joint:  # 甲会同乙负责: 甲 leads, 乙 shares what the verb says
            self._name_or_verb(separator, left, joined=True)
            separator, token = "", right
        self._name_or_verb(separator, token)

    def _name_or_verb(self, separator: str, token: str, *, joined: bool = False) -> None:
        verb = self.words.verb.fullmatch(token)
        if verb:
            self.verbs += 1
            if verb[1]:
                self.pending.append((separator, verb[1]))
            self._close("lead" if joined else self.words.role(verb[2]))
            return
        manner = self.words.manner_end.search(token)
        if token:
            self.pending.append((separator, token[: manner.start()] if manner else token))
        if manner or joined:  # 甲、乙按职责分工
            self.verbs += 1
            self._close("lead" if joined else "charge")

    def _parted(self, token: str) -> tuple[str, str, str]:
        found = self.words.joint.search(token)
        if found is None or self.lexicon.resolve(token, self.district) is not None:
            return token, "", ""
        left, right = token[: found.start()], token[found.end() :]
        if right and (not left or found[0] == "会同" or self.is_named_text(left)):
            return left, found[0], right
        return token, "", ""

    def _close(self, role: str) -> None:
        """Give `role` to the names that wait."""
        names, self.pending = self._printed_names(self.pending), []
        if not names:
            return
        if role in ("lead", "charge", "assisting"):
            self.groups.append((role, names))
        elif self.groups:  # 甲牵头，乙、丙: they stand beside the lead
            self.groups.append(("charge", names))
            self.remarks.append(f"{'、'.join(name.printed for name in names)}没有写明职责")
        else:
            self.unassigned += names

    def _printed_names(self, tokens: Sequence[tuple[str, str]]) -> tuple[PrintedName, ...]:
        names: list[PrintedName] = []
        at = 0
        while at < len(tokens):
            length = self._joined_length(tokens[at : at + _MAX_JOINED])
            whole = "、".join(token for _, token in tokens[at : at + length])
            at += length
            if names and _ALONE_OPEN.fullmatch(whole):
                names[-1] = replace(names[-1], open_ended=True)
                continue
            for part in [whole] if length > 1 else self._coordinated(whole):
                names += self.lexicon.split([part], self.district)
        return tuple(names)

    def _joined_length(self, tokens: Sequence[tuple[str, str]]) -> int:
        """How many of `tokens` are one body's own name: 市科委、中关村管委会."""
        for length in range(len(tokens), 1, -1):
            inner = all(separator == "、" for separator, _ in tokens[1:length])
            whole = "、".join(token for _, token in tokens[:length])
            if inner and self.lexicon.resolve(_ALONE_OPEN.sub("", whole), self.district):
                return length
        return 1

    def _coordinated(self, token: str) -> list[str]:
        """甲和乙 as two names, where both look like bodies; 文化和旅游部 is one."""
        if self.lexicon.resolve(_ALONE_OPEN.sub("", token), self.district) is None:
            for joint in _AND.finditer(token):
                left, right = token[: joint.start()], token[joint.end() :]
                if _ALONE_OPEN.sub("", right) and self._may_join(left) and self._may_join(right):
                    return [*self._coordinated(left), *self._coordinated(right)]
        return [token]

    def _may_join(self, text: str) -> bool:
        """Whether `text` is a name, or at least ends as one (有关单位), in a row of names."""
        names = self.lexicon.split([text], self.district)
        return bool(names) and not any(
            self._is_odd(name) or self.words.never.search(name.printed) for name in names
        )

    def is_named_text(self, text: str) -> bool:
        """Whether `text` is names of bodies and nothing else."""
        names = self.lexicon.split([text], self.district)
        return bool(names) and all(self._is_named(name) for name in names)

    def _is_named(self, name: PrintedName) -> bool:
        """Whether the lexicon knows the name, or it is shaped like that of a body."""
        if name.department.known:
            return True
        bare = _TRAILING_BRACKET.sub("", name.printed)
        shaped = len(bare) >= 2 and len(name.printed) <= _LONGEST_NAME and self.words.name_end.search(bare)
        return bool(shaped) and not self.words.never.search(name.printed)

    def _is_odd(self, name: PrintedName) -> bool:
        return not self._is_named(name) and not self.words.weak_end.search(name.printed)

    def why_not(self, *, stands_apart: bool) -> str | None:
        """None where this is a clause; "" where nothing speaks for it; else what stands against it.

        `stands_apart` says that it stands behind a sentence or at the paragraph's end, not within one.
        """
        names = [name for _, group in self.groups for name in group]
        every = [*names, *self.unassigned]
        prose = [
            name
            for name in every
            if not self._is_named(name)
            and (self.words.never.search(name.printed) or len(name.printed) > _LONGEST_ODD_NAME)
        ]
        named = any(self._is_named(name) for name in names)
        if names and not prose and not self.unassigned and (named or self.labelled):
            return None
        if not every and (self.persons or self.deadline):
            return None
        if self.labelled or (self.verbs and self.speaks_of_duties):
            return "像是分工，但写的不全是部门名称" if every else "像是分工，但没有写出部门"
        if stands_apart and len(every) > 1 and all(self._is_named(name) for name in every):
            return "只有部门名称，没有写明谁负责"
        return ""

    def clause(self, start: int, end: int) -> Clause:
        """What was read, as a clause at `start` to `end`."""
        words = self.words
        first = [remark for remark in self.remarks if words.first_leads.search(remark)]
        return Clause(
            start,
            end,
            tuple(self.groups),
            self.deadline,
            bool(first),
            bool(first) and any(words.from_here.search(remark) for remark in self.remarks),
            tuple(self.persons),
            tuple(n.printed for _, group in self.groups for n in group if self._is_odd(n)),
            tuple(remark for remark in self.remarks if not words.manner.fullmatch(remark)),
            self.labelled,
        )


def _tokens(content: str, words: ClauseWords) -> Iterator[tuple[str, str]]:
    """(separator in front, words) between separators outside brackets; a label begins anew at a blank."""
    depth, begun, separator = 0, 0, ""
    for at, char in enumerate(content + "\n"):
        depth += (char in _OPEN) - (char in _CLOSE)
        bracketed = at > begun and depth == 1 and char in "【［[" and words.label.match(content, at)
        at_label = bracketed or (char.isspace() and words.label.match(content[at:].lstrip()))
        if at_label or (depth <= 0 and char in _SEPARATORS):
            yield separator, content[begun:at].strip()
            begun, separator = (at if bracketed else at + 1), char
