"""Who speaks: 我局 and 我区 name nobody, and stand for what the conversation or the scope names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.normal import normal
from corpus.places import Places, places
from index.filters import Filters
from rag.asking import asks_who, tells_complaint
from rag.bodies import Bodies
from rag.reading import Reading

_WE = r"(?:我们?|咱们?|俺们?|本|我们?这个|咱们?这个)"
_BODY = re.compile(rf"{_WE}(?:分?局|委(?![员托会])|单位|部门)")
_DISTRICT = re.compile(rf"{_WE}区(?![域间别分块])")
# A place of work, where something is the matter: 我们单位门口.
_WHERE = re.compile(
    rf"{_BODY.pattern}(?:的)?(?:门[口前]|隔壁|旁边?|边上|楼[上下]|附近|院|食堂|宿舍|周[边围]|对[面过]|[后前外]面|这边)"
)
_PART = re.compile(rf"{_BODY.pattern}[^,。?!;]{{0,4}}(?:牵头|主责|协办|配合|负责|参与|承担)")
_BARE = re.compile(
    r"^(?:我们?|咱们?)?(?:是|指的?是?|就是)?(?P<name>[\u4e00-\u9fff()（）]{2,24}?)(?:的)?[。!！.]?$"
)


class Speaker:
    """Puts the name for it where a question says 我局 or 我区."""

    def __init__(self, bodies: Bodies, places: Places) -> None:
        self._bodies = bodies
        self._places = places

    def named(self, turns: Sequence[str], scope: Filters) -> list[str]:
        """Cleaned questions, oldest first, each with what its 我局 and 我区 stand for.

        That is the department (the district) that was named last, or the one that all of the scope
        is of. What stands for nothing stays; an answer that is a name alone fills it in.
        """
        body = scope.departments[0] if len(scope.departments) == 1 else ""
        district = scope.districts[0] if len(scope.districts) == 1 else ""
        said: list[str] = []
        for turn in turns:
            own, own_district = self._body(turn), self._place(turn)
            body, district = own or body, own_district or district
            if said and self._only_names(turn, own or own_district):
                turn = self._filled(said[-1], own, own_district) or turn
            text = self._filled(turn, body, district) or turn
            said.append(text)
        return said

    def _filled(self, turn: str, body: str, district: str) -> str:
        """`turn` with the names where it says 我局 or 我区 and names none; empty where it does not."""
        text = turn
        if district and not self._places.districts_in(normal(text)):
            text = _DISTRICT.sub(district, text)
        if body and not self._bodies.find(normal(text)) and not _WHERE.search(text):
            text = _BODY.sub(body, text)
        return text if text != turn else ""

    def _body(self, turn: str) -> str:
        """The department that `turn` names, where it names one: its full name where that is clear."""
        mentions = [m for m in self._bodies.find(normal(turn)) if m.names]
        if len({m.names for m in mentions}) != 1:
            return ""
        return mentions[0].names[0] if len(mentions[0].names) == 1 else mentions[0].text

    def _place(self, turn: str) -> str:
        found = self._places.districts_in(normal(turn))
        return found[0] if len(found) == 1 else ""

    def _only_names(self, turn: str, name: str) -> bool:
        """Whether `turn` is a name and nothing else, as it replies to 请写明是哪个部门."""
        match = _BARE.match(turn.strip()) if name else None
        if match is None:
            return False
        said = normal(match["name"])
        if self._bodies.resolve(said):
            return True
        return said in self._places.districts


def lacks_body(reading: Reading) -> bool:
    """Whether a question hangs on 我局 and neither it nor what it follows names a department."""
    text = reading.text
    named = any(mention.text in text for mention in reading.mentions)  # and not carried over from before
    if named or not _BODY.search(text) or _WHERE.search(text) or tells_complaint(text):
        return False
    return not (asks_who(text) and reading.kind == "duty") or _PART.search(text) is not None


def lacks_district(reading: Reading) -> bool:
    """Whether a question hangs on 我区 and neither it nor what it follows names a district."""
    text = reading.text
    named = reading.outside or places().districts_in(text)
    return not named and _DISTRICT.search(text) is not None and not tells_complaint(text)


def in_district(text: str, district: str) -> str:
    """`text` as it is asked of a district: 我区 in it stands for that."""
    return _DISTRICT.sub(district, text)
