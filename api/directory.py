"""Who holds duties by what is in force and which plans there are, counted over the whole store."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

from corpus.departments import Department
from corpus.normal import normal
from corpus.types import Plan
from index.catalogue import Held, held, plan_sizes
from index.store import Store
from rag.bodies import Bodies
from rag.engine import Engine
from rag.per_engine import per_engine


class Directory:
    """The departments and plans of one store, counted once, when they are first asked for."""

    def __init__(self, store: Store, bodies: Bodies) -> None:
        self._store = store
        self._bodies = bodies
        standing = [plan for plan in store.plans.values() if plan.in_force]
        self.districts = list(dict.fromkeys(plan.district for plan in standing if plan.district))
        """The districts that have a plan in force, in the plans' order."""

    @cached_property
    def plans(self) -> list[dict[str, Any]]:
        """Every plan in order, those that are out of force among them: the documents of `PlanOut`."""
        sizes = plan_sizes(self._store)
        return [_plan(plan, *sizes.get(plan.id, (0, 0))) for plan in self._store.plans.values()]

    @cached_property
    def _departments(self) -> list[dict[str, Any]]:
        found = held(self._store, [plan.id for plan in self._store.plans.values() if plan.in_force])
        bodies = self._store.departments.items()
        return [_body(body, found[name]) for name, body in bodies if name in found]

    def choices(self) -> list[tuple[str, str]]:
        """(words, id) of every plan, to choose from; what is not in force comes last and says so."""
        ordered = sorted(self._store.plans.values(), key=lambda plan: not plan.in_force)
        return [(plan.short + _standing(plan), plan.id) for plan in ordered]

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


def _standing(plan: Plan) -> str:
    if plan.in_force:
        return ""
    return "（已停用）" if plan.retired else "（已被正式文本取代）"


def _body(body: Department, found: Held) -> dict[str, Any]:
    return {
        "name": body.name,
        "district": body.district,
        "printed": found.printed,
        "collective": body.collective,
        "measures": found.measures,
        "roles": {role.value: count for role, count in found.roles.items()},
    }


def _plan(plan: Plan, measures: int, passages: int) -> dict[str, Any]:
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
        "passages": passages,
    }


@per_engine
def directory(engine: Engine) -> Directory:
    """The directory of `engine`'s store, made at the first call; it goes with the engine."""
    return Directory(engine.store, engine.bodies)
