"""An index of plans over the years: what a draft, its final text, an older edition and new districts give.

Everything is made of the bundled 延庆绿色低碳 draft; what differs is said here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from corpus.departments import DepartmentLexicon, departments, unknown
from corpus.ingest import Corpus
from corpus.types import Due, Measure, Plan
from index.embedding import Encoder
from index.engines import STORE
from index.folder import OpenIndex, open_version
from index.manifest import Manifest
from index.store_sqlite import SqliteFile
from index.version import Making, write_version

DRAFT, FINAL, LAST = "yq-green-2026", "yq-green-2026-final", "yq-green-2025"
HAIDIAN, PINGGU, RETIRED = "hd-green-2026", "pg-green-2025", "mtg-green-2026"
TITLE = "延庆区加快绿色低碳转型2026年行动计划"


def _final(measure: Measure) -> Measure:
    """The final text: another figure, another deadline, another department, one measure less."""
    text = measure.text
    if measure.id == f"{DRAFT}/11/1":
        text = text.replace("达到52%", "达到55%")
    if measure.id == f"{DRAFT}/31/1":
        return replace(measure, deadline="10月底前", due=(_until(2026, 10, 31),))
    if measure.id == f"{DRAFT}/29/2":
        (duty,) = measure.duties
        return replace(
            measure, duties=(replace(duty, printed="区园林绿化局", department="延庆区园林绿化局"),)
        )
    return replace(measure, text=text)


def _until(year: int, month: int, day: int) -> Due:
    return Due(None, date(year, month, day), "column", f"{month}月底前")


def _of_2025(measure: Measure) -> Measure:
    """The year before: other figures, an earlier deadline, every date a year earlier."""
    text = measure.text.replace("达到52%", "达到48%").replace("65.22%", "64.9%").replace("2026年", "2025年")
    moved = tuple(
        replace(
            due, end=due.end and due.end.replace(year=2025), start=due.start and due.start.replace(year=2025)
        )
        for due in measure.due
    )
    if measure.id == f"{DRAFT}/31/1":
        return replace(measure, text=text, deadline="6月底前", due=(_until(2025, 6, 30),))
    return replace(measure, text=text, due=moved)


def _moved(measure: Measure, plan: str, district: str, lexicon: DepartmentLexicon) -> Measure:
    """The measure as another district's."""
    duties = []
    for duty in measure.duties:
        printed = duty.printed.replace("延庆", district.removesuffix("区"))
        body = lexicon.resolve(printed, district) or unknown(printed, district)
        duties.append(replace(duty, printed=printed, department=body.name))
    own = f"{plan}/{measure.number}/{measure.item}"
    text = measure.text.replace("延庆", district.removesuffix("区"))
    return replace(measure, id=own, plan=plan, text=text, duties=tuple(duties))


def corpus_over_years(bundled: Corpus) -> Corpus:
    """The bundled corpus with a final text, an older edition, a new district, an old and a retired plan."""
    lexicon = departments()
    entry = next(entry for entry in bundled.plans if entry.plan.id == DRAFT)
    measures = list(entry.measures)

    def plan(new: str, **changed: object) -> Plan:
        return replace(entry.plan, id=new, status="final", file=f"{new}.docx", **changed)  # type: ignore[arg-type]

    def records(new: str, made: Iterable[Measure]) -> tuple[Measure, ...]:
        return tuple(replace(m, id=f"{new}/{m.number}/{m.item}", plan=new) for m in made)

    last = {"year": 2025, "first_year": 2025, "last_year": 2025}
    title = TITLE.replace("2026", "2025")
    pinggu = [replace(m, text=m.text.replace("达到48%", "达到31%")) for m in map(_of_2025, measures[:30])]
    haidian = [replace(m, text=m.text.replace("达到52%", "达到61%")) for m in measures]
    added = (
        (plan(FINAL, short="延庆绿色低碳正式", title=TITLE), records(FINAL, map(_final, measures[:-1]))),
        (plan(LAST, short="延庆绿色低碳2025年", title=title, **last), records(LAST, map(_of_2025, measures))),
        (
            plan(HAIDIAN, short="海淀绿色低碳", title=TITLE.replace("延庆", "海淀"), district="海淀区"),
            tuple(_moved(m, HAIDIAN, "海淀区", lexicon) for m in haidian),
        ),
        (
            plan(
                PINGGU,
                short="平谷绿色低碳2025年",
                title=title.replace("延庆", "平谷"),
                district="平谷区",
                **last,
            ),
            tuple(_moved(m, PINGGU, "平谷区", lexicon) for m in pinggu),
        ),
        (
            plan(
                RETIRED,
                short="门头沟绿色低碳",
                title=TITLE.replace("延庆", "门头沟"),
                district="门头沟区",
                retired=True,
            ),
            tuple(_moved(m, RETIRED, "门头沟区", lexicon) for m in measures[:12]),
        ),
    )
    kept = tuple(
        replace(e, plan=replace(e.plan, superseded_by=FINAL)) if e.plan.id == DRAFT else e
        for e in bundled.plans
    )
    more = tuple(
        replace(entry, plan=replace(new, ordinal=len(kept) + n), measures=made)
        for n, (new, made) in enumerate(added)
    )
    return replace(bundled, plans=(*kept, *more))


def opened(folder: Path, corpus: Corpus, encoder: Encoder, manifest: Manifest) -> OpenIndex:
    """An index of `corpus` in `folder`, without a question bank, open."""
    made = folder / "version"
    made.mkdir()
    dimensions = encoder.encode([""]).shape[1]
    how = Making(departments(), encoder.encode, encoder.encode_queries, dimensions)
    records = write_version(made, SqliteFile(made / STORE), corpus.plans, how).records
    own = replace(manifest, records=records, asked=0, store=f"{made.name}/{STORE}")
    return open_version(made, own, encoder)
