"""A question that lacks whom or what it is about: what to say with it is asked back."""

from __future__ import annotations

from corpus.departments import Department
from index.filters import Filters
from rag.answer import Reply, Statement
from rag.asking import asks_to_write
from rag.desk import Desk
from rag.reading import Reading
from rag.speaker import in_district, lacks_body, lacks_district


def needed(reading: Reading) -> bool:
    """Whether nothing can be answered before more is said."""
    return lacks_body(reading) or lacks_district(reading) or _lacks_matter(reading)


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """What has to be named, and how the question goes then; None where nothing is lacking."""
    if lacks_district(reading):
        with_plan = list(dict.fromkeys(p.district for p in desk.plans.values() if p.district))
        example = f"（例如{with_plan[0]}）" if with_plan else ""
        asked = tuple(in_district(reading.meant, district) for district in with_plan)
        return _back(f"请写明是哪个区{example}，再问一次。", asked)
    if lacks_body(reading):
        name = _usual(reading, desk)
        return _back(f"请写明是哪个部门{f'（例如{name}）' if name else ''}，再问一次。")
    if _lacks_matter(reading):
        return _back("请写明要写哪个区、哪方面的工作，再问一次。")
    return None


def _back(said: str, asked: tuple[str, ...] = ()) -> Reply:
    return Reply("clarify", [Statement(said, "absence")], clarify=True, suggestions=asked)


def _lacks_matter(reading: Reading) -> bool:
    """Whether a text is to be written, and it is not said on what."""
    bare = len(reading.topic) < 2 and not (reading.placed or reading.mentions)
    return bare and asks_to_write(reading.text)


def _usual(reading: Reading, desk: Desk) -> str:
    """A department as an example: of the district in question, if one is, the one with the most measures."""
    districts = [d for d in reading.districts if d] or [p.district for p in desk.plans.values() if p.district]

    def duties(body: Department) -> int:
        return len(desk.store.positions(Filters(departments=(body.name,))))

    local = [body for body in desk.store.departments.values() if body.district in districts]
    return max(local, key=duties).name if local else ""
