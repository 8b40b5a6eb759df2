"""A follow-up as a full question, by a language model; where the rules read another place, they hold."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from corpus.normal import normal
from index.errors import ModelError
from rag.errors import QuestionError
from rag.figures import dates, documents, figures, names
from rag.question import clean
from rag.reading import Reading
from rag.writing.faithful import strange
from rag.writing.model import ChatModel, complete
from rag.writing.prompt import rewriting
from rag.writing.sentences import THOUGHT

log = logging.getLogger("wence.writing")
TOKENS = 120
_ASKING = re.compile(r"由?谁|哪[个些几家]?|什么|怎[么样]|如何|多少|几|吗|呢|是|请问")
LONGEST = 200  # characters of a question that is still one


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Asks `model` for full questions; waits at most `seconds`."""

    model: ChatModel
    seconds: float

    def rewritten(self, question: str, earlier: Sequence[str], cancelled: Event | None = None) -> str | None:
        """`question` as one that stands alone after `earlier` ones; None where the model gives none.

        It holds no word of content, figure, date, name or document that the conversation does not.
        """
        try:
            said = complete(self.model, rewriting(question, earlier), TOKENS, self.seconds, cancelled)
            full = clean(said.rpartition(THOUGHT)[2].strip(' \n“”"'))
        except (ModelError, QuestionError) as error:
            log.warning("follow-up by %s: %s", self.model.name, error)
            return None
        talked = "\n".join([*earlier, question])
        values, text = {figure.value for figure in figures(talked)}, normal(talked)
        new = [word for said_of in (dates, names, documents) for word in said_of(full) if word not in text]
        new += strange(_ASKING.sub(" ", normal(full)), text)
        invented = new or any(figure.value not in values for figure in figures(full))
        return None if invented or len(full) > LONGEST or full == question else full


def agree(one: Reading, other: Reading) -> bool:
    """Whether two readings ask the same kind of thing of the same places, plans and departments."""
    return one.kind == other.kind and _where(one) == _where(other)


def _where(reading: Reading) -> tuple[frozenset[str], ...]:
    bodies = frozenset(name for mention in reading.mentions for name in mention.names)
    nobody = frozenset((*reading.unknown, *reading.strangers, *reading.lacking))
    places = (*reading.districts, *reading.outside, *reading.elsewhere)
    return frozenset(places), frozenset(reading.plans), bodies, nobody
