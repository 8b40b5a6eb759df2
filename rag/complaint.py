"""A complaint as a caller tells it: whose words, where, when, with names and numbers of persons masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.masking import masked
from corpus.normal import any_of
from corpus.places import places
from rag.complaint_words import words
from rag.errors import QuestionError
from rag.question import MAX_CHARS, clean

MOST = 120  # characters of a summary, behind how it begins
BEGINS = "来电人反映："
NAME = "〔姓名〕"
NONE_YET = "还没有写诉求，请把来电人说的事情写进来。"
UNREADABLE = "诉求里没有可以检索的文字，请用中文写出来电人说的事情。"
_CLAUSE = re.compile(r"[^，,。！？!?；;…]+[，,。！？!?；;…]*")
_ENDS = "。！？!?；;…"
_MASK = re.compile(r"〔[^〕]*〕")
_MARKS = "，,。！？!?；;…、 "
_HALF = re.compile(r"(?<![!-~])[,;:!?()]|[,;:!?()](?![!-~])")  # not inside 10:30 or 1,000
_FULL = str.maketrans(",;:!?()", "，；：！？（）")
Weigh = Callable[[Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a caller says. `text` is all of it, masked; the rest are words of it.

    `summary` is made of whole clauses behind `BEGINS`; `places` and `times` are as said, in their
    order; `masked` are the kinds of what was (姓名, 电话).
    """

    text: str
    summary: str
    places: tuple[str, ...]
    times: tuple[str, ...]

    @property
    def masked(self) -> tuple[str, ...]:
        """What of a person was masked, by kind, each once."""
        return tuple(dict.fromkeys(mask.strip("〔〕") for mask in _MASK.findall(self.text)))


def told(typed: str) -> str:
    """`typed` as it is worked with: cleaned, with names that callers give and numbers of persons masked.

    Raises:
        QuestionError: nothing is said, or it is too long.
    """
    if not typed.strip():
        raise QuestionError(NONE_YET)
    if (length := len(typed.strip())) > MAX_CHARS:
        raise QuestionError(f"诉求有 {length} 字，最多 {MAX_CHARS} 字；请只留下要反映的那件事。")
    try:
        return words().name.sub(rf"\g<before>{NAME}", masked(clean(typed)))
    except QuestionError:
        raise QuestionError(UNREADABLE) from None


def read(text: str, weigh: Weigh | None = None) -> Complaint:
    """What `text` (see `told`) says; `weigh` tells how much clauses are to the point.

    Without it what comes first is.
    """
    kept = [clause for clause in clauses(text) if not aside(clause)]
    own = "".join(kept) or text
    said = f"{BEGINS}{punctuated(words().opening.sub('', summary(kept or [text], weigh), count=1))}"
    return Complaint(text, said, tuple(where(own)), tuple(when(own)))


def punctuated(text: str) -> str:
    """`text` with full-width punctuation, as an office prints it; figures keep theirs."""
    return _HALF.sub(lambda mark: mark.group().translate(_FULL), text)


def clauses(text: str) -> list[str]:
    """The clauses of `text`, each with the mark behind it; together they are all of it."""
    return _CLAUSE.findall(text)


def aside(clause: str) -> bool:
    """Whether a clause only greets, thanks, pleads, or says who calls and how to reach them."""
    said = clause.strip(_MARKS)
    if not said or words().asides.fullmatch(said):
        return True
    return _MASK.search(said) is not None and words().contact.fullmatch(_MASK.sub("", said)) is not None


def without_asides(text: str) -> str:
    """`text` without such clauses, and with blanks in place of what is masked."""
    return _MASK.sub(" ", "".join(clause for clause in clauses(text) if not aside(clause)))


def summary(kept: Sequence[str], weigh: Weigh | None = None, most: int = MOST) -> str:
    """Of the clauses `kept` all, or the run of them to the point that `most` characters hold.

    It begins and ends with a sentence where the sentences are short enough.
    """
    if len(_trimmed(kept)) <= most:
        return _trimmed(kept)
    sentences: list[list[str]] = [[]]
    for clause in kept:
        sentences[-1].append(clause)
        if clause.rstrip()[-1:] in _ENDS:
            sentences.append([])
    sentences = [s for s in sentences if s]
    told_in = ["".join(s) for s in sentences]
    at = _best(told_in, weigh)
    if len(told_in[at]) > most:
        inside = sentences[at]
        run = _run(inside, _best(inside, weigh), most)
        return _trimmed(run)[:most]
    return _trimmed(_run(told_in, at, most))


def _best(texts: Sequence[str], weigh: Weigh | None) -> int:
    if weigh is None:
        return 0
    worth = weigh(texts)
    return max(range(len(texts)), key=worth.__getitem__)


def _run(texts: Sequence[str], at: int, most: int) -> Sequence[str]:
    """The run of `texts` around the one at `at`, what comes before it first, of at most `most` characters."""
    first = last = at
    size = len(texts[at])
    while True:
        if first > 0 and size + len(texts[first - 1]) <= most:
            first -= 1
            size += len(texts[first])
        elif last + 1 < len(texts) and size + len(texts[last + 1]) <= most:
            last += 1
            size += len(texts[last])
        else:
            return texts[first : last + 1]


def _trimmed(run: Sequence[str]) -> str:
    return "".join(run).strip().rstrip("，,、 ")


def where(text: str) -> list[str]:
    """The places that `text` names, as said, in its order; a part of another is left out."""
    known = places()
    names = any_of([*known.districts, *known.towns])
    spans = [match.span() for match in names.finditer(text)]
    starts = [end for _, end in spans] + [match.end() for match in words().before.finditer(text)]
    spans += [match.span() for at in starts if (match := words().behind.match(text, at))]
    spans += [span for match in words().place.finditer(text) if (span := _named(match))]
    spans += [m.span() for m in words().street.finditer(text) if not words().no_streets.fullmatch(m.group())]
    spans += [match.span() for match in words().house.finditer(text)]
    if lines := [match.span() for match in words().line.finditer(text)]:
        spans += lines + [m.span() for at in starts if (m := words().line_to.match(text, at))]
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    tail = words().place_tail
    said = [text[start : tail.match(text, end).end()] for start, end in found]  # type: ignore[union-attr]
    kept = [
        one
        for one in dict.fromkeys(said)
        if len(one) > 1 and not any(one != other and one in other for other in said)
    ]
    return kept[:4]


def _named(match: re.Match[str]) -> tuple[int, int] | None:
    """Where a place is named; None for a word of kind (隔壁小区)."""
    name = match["name"]
    kinds = words().place_kinds
    while name and (kind := kinds.match(name)):
        name = name[kind.end() :]
    if not name:
        return None
    return match.end() - len(name) - len(match["end"]), match.end()


def when(text: str) -> list[str]:
    """The times that `text` names, as said, in its order."""
    said = [match.group().strip("，的") for match in words().time.finditer(text)]
    told = (one for one in said if len(one) > 1 and not words().no_times.fullmatch(one))
    return list(dict.fromkeys(told))[:4]
