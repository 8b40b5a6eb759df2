"""The words of `lexicon/clauses.toml`, compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from corpus.normal import any_of
from corpus.places import LEXICON

_ROLES = ("lead", "assisting", "charge")  # of several verbs in one place the first of these counts


@dataclass(frozen=True, slots=True)
class ClauseWords:
    """Patterns over printed text; see the header of `lexicon/clauses.toml` for what each is."""

    label: re.Pattern[str]
    labels: Mapping[str, str]
    verb: re.Pattern[str]
    verbs: Mapping[str, re.Pattern[str]]
    joint: re.Pattern[str]
    manner: re.Pattern[str]
    manner_end: re.Pattern[str]
    first_leads: re.Pattern[str]
    from_here: re.Pattern[str]
    remark: re.Pattern[str]
    name_end: re.Pattern[str]
    weak_end: re.Pattern[str]
    never: re.Pattern[str]
    front: frozenset[str]
    headings: frozenset[str]
    furniture: Mapping[str, re.Pattern[str]]

    def labelled(self, label: re.Match[str]) -> str:
        """What follows a label: lead, charge, assisting, deadline or person."""
        return self.labels[label[1] or label[2]]

    def role(self, verb: str) -> str:
        """The role that the words of a verb give: lead, assisting or charge."""
        return next(role for role in _ROLES if self.verbs[role].search(verb))

    def furniture_kind(self, line: str) -> str | None:
        """The ledger's kind of a line that is no text of the plan, or None."""
        return next((kind for kind, pattern in self.furniture.items() if pattern.fullmatch(line)), None)


@lru_cache(maxsize=1)
def clause_words() -> ClauseWords:
    """The bundled words (read once)."""
    document = tomllib.loads((LEXICON / "clauses.toml").read_text(encoding="utf-8"))
    labels = {word: role for role, words in document["labels"].items() for word in words}
    verbs, remarks, names = document["verbs"], document["remarks"], document["names"]
    manner = _either(document["manner"]["patterns"])
    label = any_of(labels).pattern
    any_verb = any_of(word for role in _ROLES for word in verbs[role]).pattern
    after = any_of(verbs["after"]).pattern
    return ClauseWords(
        label=re.compile(rf"[【［\[]({label})[】］\]]\s*[:：]?|({label})\s*[:：]"),
        labels=labels,
        verb=re.compile(rf"(.*?)((?:{manner})*+(?:{any_verb})(?:{manner}|{any_verb}|{after})*+)"),
        verbs={role: any_of(verbs[role]) for role in _ROLES},
        joint=any_of(document["joint"]["words"]),
        manner=re.compile(f"(?:{manner})++"),
        manner_end=re.compile(f"(?:{manner})*(?:{document['manner']['patterns'][0]})$"),
        first_leads=re.compile(remarks["first_leads"]),
        from_here=re.compile(remarks["from_here"]),
        remark=re.compile(_either(remarks["plain"])),
        name_end=re.compile(f"(?:{any_of(names['ends']).pattern})$"),
        weak_end=re.compile(f"(?:{any_of(names['weak']).pattern})$"),
        never=re.compile(names["never"]),
        front=frozenset(document["headings"]["front"]),
        headings=frozenset(document["headings"]["plain"]),
        furniture={kind: re.compile(_either(found)) for kind, found in document["furniture"].items()},
    )


def _either(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)
