"""What a model streams, cut into whole sentences with the numbers of what they cite."""

from __future__ import annotations

import re
from dataclasses import dataclass

# [1], [1][2], 【1、2】, ［措施1］; behind a sentence or inside of it.
_MARK = re.compile(r"[\[［【〔]\s*(?:措施|编号|依据)?\s*(\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]］】〕]")
_MARKS = rf"(?:[^\S\n]*{_MARK.pattern})*"
# A full stop with the quotation mark and the numbers behind it; 。 alone may still be followed by [1].
_END = re.compile(rf"(?:[。！？!?]+[”』」）)]?{_MARKS}[。；;]?|(?<=[\]］】〕])[；;]|\n)")
# What may still become its numbers.
_COMING = re.compile(r"[^\S\n]*(?:[\[［【〔][^\]］】〕]{0,14}|[”』」）)])?\Z")
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
_LIST_SIGN = re.compile(
    r"^\s*(?:[-*•·#>]+\s*|[(（]?\d{1,2}[.、)）](?!\d)\s*|[(（][一二三四五六七八九十]{1,2}[)）]\s*|[一二三四五六七八九十]{1,2}、\s*)+"
)
_MARKUP = re.compile(r"\*\*|__|`+|</?(?:[a-zA-Z]|措施|问题|原句)[^<>]{0,40}>")
# Control characters, marks of direction, halves of surrogate pairs.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_STOPS = "。！？!?；;，,、 \t\r\n"
THINK, THOUGHT = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a sentence and the numbers that stand behind it."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence of a model: `text` without numbers and stop, and its parts with theirs.

    `raw` is what the model wrote.
    """

    raw: str
    text: str
    segments: tuple[Segment, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """What it cites, each once, in the order of the sentence."""
        return tuple(dict.fromkeys(n for segment in self.segments for n in segment.numbers))

    def among(self, count: int) -> tuple[int, ...]:
        """What it cites of the measures 1 to `count`."""
        return tuple(n for n in self.numbers if 1 <= n <= count)

    def without(self, words: str) -> Sentence:
        """The same without `words`."""
        segments = tuple(Segment(s.text.replace(words, ""), s.numbers) for s in self.segments)
        return Sentence(self.raw, self.text.replace(words, ""), segments)

    @property
    def introduces(self) -> bool:
        """Whether it only leads over to what follows (具体如下：)."""
        return not self.numbers and self.raw.rstrip().endswith(("：", ":", "如下。", "如下"))


class Cutter:
    r"""Takes a stream piece by piece and gives its sentences as soon as they are whole.

    What a model thinks aloud (<think>…</think>) is left out.

    >>> [s.numbers for s in Cutter().feed("达到52%[1]。\n")]
    [(1,)]
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> list[Sentence]:
        """The sentences that `piece` completes."""
        self._held = _THOUGHT.sub("", self._held + _UNSEEN.sub("", piece))
        if THOUGHT in self._held:  # the template has opened it
            self._held = self._held.rpartition(THOUGHT)[2]
        visible, opened, thought = self._held.partition(THINK)
        found, at = self._cut(visible, ended=bool(opened))
        self._held = visible[at:] + opened + thought
        return found

    def finish(self, *, cut: bool) -> list[Sentence]:
        """What is left at the end; half a sentence, where the stream was `cut`, is none."""
        rest, _, _ = self._held.partition(THINK)
        self._held = ""
        found, at = self._cut(rest, ended=True)
        last = rest[at:]
        if not cut or _MARK.search(last.rstrip(_STOPS)[-8:]):
            found += _sentence(last)
        return found

    @staticmethod
    def _cut(text: str, *, ended: bool) -> tuple[list[Sentence], int]:
        """The whole sentences of `text`, and where they end; the last waits where its numbers may come."""
        found: list[Sentence] = []
        at = 0
        for match in _END.finditer(text):
            if not (ended or match.group().endswith("\n")) and _COMING.match(text, match.end()):
                break
            found += _sentence(text[at : match.end()])
            at = match.end()
        return found, at


def _sentence(raw: str) -> list[Sentence]:
    """`raw` as a sentence; none where it holds nothing to say."""
    body = _MARKUP.sub("", _LIST_SIGN.sub("", raw.replace("\r", "")))
    segments: list[Segment] = []
    at = 0
    for match in _MARK.finditer(body):
        numbers = tuple(int(n) for n in re.findall(r"\d+", match[1]))
        said = body[at : match.start()].strip(_STOPS)
        at = match.end()
        if said or not segments:
            segments.append(Segment(said, numbers))
        else:
            segments[-1] = Segment(segments[-1].text, segments[-1].numbers + numbers)
    rest = body[at:].strip(_STOPS)
    if rest and segments:  # what follows the last number belongs to it
        segments[-1] = Segment(f"{segments[-1].text}，{rest}", segments[-1].numbers)
    elif rest:
        segments.append(Segment(rest, ()))
    text = re.sub(r"\s*([，,；;、])\s*([，,；;、。])", r"\1", _MARK.sub("", body)).strip(_STOPS)
    if not re.search(r"\w", text):
        return []
    return [Sentence(raw.strip(), text, tuple(s for s in segments if s.text))]
