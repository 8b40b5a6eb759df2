"""Who holds duties by what is in force and which plans there are, counted over the whole store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from corpus.departments import Department
from corpus.normal import normal
from corpus.types import Measure, Plan, Record, Role
from index.store import Store
from rag.bodies import Bodies
from rag.engine import Engine
from rag.per_engine import per_engine


@dataclass(slots=True)
class _Held:
    """What one department holds: the names it is printed under, in print order, and its measures by role."""

    printed: dict[str, None] = field(default_factory=dict)
    measures: dict[Role, set[str]] = field(default_factory=lambda: {role: set() for role in Role})

    def as_json(self, body: Department) -> dict[str, Any]:
        return {
            "name": body.name,
            "district": body.district,
            "printed": list(self.printed),
            "collective": body.collective,
            "measures": len(set().union(*self.measures.values())),
            "roles": {role.value: len(ids) for role, ids in self.measures.items()},
        }


class Directory:
    """The departments and plans of one store, counted once."""

    def __init__(self, store: Store, bodies: Bodies) -> None:
        records = store.get(store.ids)
        held = _held([record for record in records if store.every_plan[record.plan].in_force])
        self._bodies = bodies
        self._departments = [
            held[name].as_json(body) for name, body in store.departments.items() if name in held
        ]
        self.plans = [_plan(plan, records) for plan in store.plans.values()]
        """Every plan in order, those that are out of force among them: the documents of `PlanOut`."""
        standing = [plan for plan in self.plans if plan["in_force"]]
        self.districts = list(dict.fromkeys(plan["district"] for plan in standing if plan["district"]))
        """The districts that have a plan in force, in the plans' order."""

    def choices(self) -> list[tuple[str, str]]:
        """(words, id) of every plan, to choose from; what is not in force comes last and says so."""
        ordered = sorted(self.plans, key=lambda plan: not plan["in_force"])
        return [(plan["short"] + _standing(plan), plan["id"]) for plan in ordered]

    def departments(self, name: str | None = None, districts: Collection[str] = ()) -> list[dict[str, Any]]:
        """The documents of `BodyOut` for those that `name` can mean in one of `districts` ("" = the city).

        A name that means none by itself is looked for in the full and the printed names.
        """
        here = [body for body in self._departments if not districts or body["district"] in districts]
        if name is None:
            return here
        if meant := self._bodies.resolve(name):
            return [body for body in here if body["name"] in meant]
        said = normal(name)
        return [
            body
            for body in here
            if said and any(said in normal(known) for known in (body["name"], *body["printed"]))
        ]


def _standing(plan: dict[str, Any]) -> str:
    if plan["in_force"]:
        return ""
    return "（已停用）" if plan["retired"] else "（已被正式文本取代）"


def _held(records: Collection[Record]) -> dict[str, _Held]:
    held: dict[str, _Held] = {}
    for record in records:
        for duty in record.duties if isinstance(record, Measure) else ():
            body = held.setdefault(duty.department, _Held())
            body.printed[duty.printed] = None
            body.measures[duty.role].add(record.id)
    return held


def _plan(plan: Plan, records: Collection[Record]) -> dict[str, Any]:
    own = [record for record in records if record.plan == plan.id]
    measures = sum(isinstance(record, Measure) for record in own)
    return {
        "id": plan.id,
        "short": plan.short,
        "title": plan.title,
        "level": plan.level,
        "district": plan.district,
        "year": plan.year,
        "years": [plan.first_year, plan.last_year],
        "status": plan.status,
        "superseded_by": plan.superseded_by,
        "retired": plan.retired,
        "in_force": plan.in_force,
        "file": plan.file,
        "measures": measures,
        "passages": len(own) - measures,
    }


@per_engine
def directory(engine: Engine) -> Directory:
    """The directory of `engine`'s store, made at the first call; it goes with the engine."""
    return Directory(engine.store, engine.bodies)
