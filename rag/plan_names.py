"""What plans are called in questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from corpus.normal import normal
from corpus.numerals import DIGITS
from corpus.places import Places
from corpus.types import Plan
from rag.editions import Editions, edition_words, long_term
from rag.opening import Opening

_DRAFT = "(征求意见稿)"
_DRAFTS = "征求意见稿"
_YEAR = re.compile(r"20\d\d年")
_VERB = re.compile(r"^(加快|深化|持续|推进|加强)")
# What themes are called for short; a word that makes it a plan must follow.
_NICKNAMES = {
    "绿色低碳": ("低碳", "低碳转型", "绿色转型", "绿色"),
    "多元共治": ("共治", "协同共治", "多元协同", "多元协同共治", "协同多元共治"),
    "污染防治": ("治污", "污防", "攻坚", "污染攻坚"),
}
_IS_PLAN = r"(?:转型|攻坚)?(?:行动)?(?:计划|方案|文件|这块|那块|那个|这个|那份|这份|任务|措施)"
_INDICATORS = (
    "指标任务表",
    "指标任务计划",
    "指标计划",
    "指标表",
    "附表指标",
    "生态环保指标",
    "生态环境指标",
    "环保指标",
    "任务指标表",
)
_OF_INDICATORS = re.compile(r"(?<![及和、含])指标任务(?=[里中的])")
_WITH_INDICATORS = re.compile(
    r"[几各]份?(?:计划|方案|文件)[^,。?]{0,3}?[和与连加带跟及]上?指标|(?:计划|方案)连指标"
    r"|(?:算上|加上|连上?|连同)指标表?"
)
_SEVERAL_PLANS = re.compile(r"[两俩三四]份|[两俩三四]个?计划|加一块|加起来|合起来|合计|这两个|这俩")


class PlanNames:
    """Finds plans in a question by title, theme, short name or kind (绿色低碳计划).

    A theme that several plans share (加快绿色低碳转型2026年行动计划) means all of them, a name that the
    editions of a plan share all of these.
    """

    def __init__(self, editions: Editions, places: Places) -> None:
        self._plans = plans = editions.plans
        self._current, self._plain = editions.current, editions.plain
        self._bare = {plan.id: _bare(plan, editions.called(plan), places) for plan in plans.values()}
        of_form: dict[str, dict[str, None]] = {}
        for plan in plans.values():
            own = _forms(plan, self._bare[plan.id], places)
            if plan.district and not self._plain:  # 延庆区绿色低碳2026年比2025年
                own.append(normal(plan.district) + self._bare[plan.id])
            for form in own:
                of_form.setdefault(form, {})[plan.id] = None
        for n, plan in _attachments(plans):
            for form in (f"附件{n}", f"附件{DIGITS[n]}"):
                of_form.setdefault(form, {})[plan.id] = None
        names = {form: list(own) for form, own in of_form.items()}
        drafts = [plan.id for plan in plans.values() if plan.status == "draft" and not plan.retired]
        self._every_draft = set(drafts)
        replaced = any(plan.superseded_by for plan in plans.values())
        self._drafts = edition_words().drafts if replaced else (_DRAFTS,)
        names |= dict.fromkeys(self._drafts, drafts)
        self._names = sorted(names.items(), key=lambda item: -len(item[0]))
        self._opening = Opening([name for name, _ in self._names])
        self._themes: dict[str, list[str]] = {}
        for plan in plans.values():
            if not long_term(plan) and len(theme := self._bare[plan.id]) > 3:
                self._themes.setdefault(theme, []).append(plan.id)
        words_of = {theme: (*_NICKNAMES.get(theme, ()), theme) for theme in self._themes}
        self._nicknames = [
            (
                re.compile(f"(?:{'|'.join(sorted(words, key=len, reverse=True))}){_IS_PLAN}"),
                self._themes[theme],
            )
            for theme, words in words_of.items()
        ]
        self._called = {word: self._themes[theme] for theme, words in words_of.items() for word in words}
        called = "|".join(sorted(self._called, key=len, reverse=True))
        self._pair = re.compile(rf"({called})[和跟与、及]({called})")
        of_places = "|".join(
            dict.fromkeys(w for p in plans.values() if p.district for w in _places(p, places))
        )
        self._beside = re.compile(rf"((?:[与和跟、及同]|vs)(?:{of_places}))(?={'|'.join(self._themes)})")
        self._nearly = [
            (re.compile(f"{theme[:n]}[\u4e00-\u9fff]{theme[n + 1 :]}(?=攻坚|计划|行动|方案)"), ids)
            for theme, ids in self._themes.items()
            for n in range(len(theme))
        ]

    def find(self, text: str) -> tuple[list[str], str]:
        """The ids of the plans that `text` (normalised) names, and the text without the names."""
        several = _WITH_INDICATORS.search(text) is not None
        text = self._beside.sub(r"\1 ", text)  # 市级与延庆区多元共治方案 names one theme in two places
        found, text = self._by_name(text)
        if not found:
            found, text = self._by_pattern(text)
        if not found and (pair := self._pair.search(text)) and _SEVERAL_PLANS.search(text):
            found += [plan for word in pair.groups() for plan in self._called[word]]
            text = text.replace(pair.group(), " ")
        if _OF_INDICATORS.search(text) and not found:
            found += [plan for plan in self._plans if self._of_indicators(plan)]
            text = _OF_INDICATORS.sub(" ", text)
        for theme, plans in self._themes.items():  # a bare theme names a plan where it is said to be one
            said = re.search(rf"{theme}(?=[里中]|[这那两俩三几]?[两俩三]?份|第)|(?<=份){theme}", text)
            beside = _SEVERAL_PLANS.search(text) or sum(other in text for other in self._themes) > 1
            if said or (theme in text and beside):
                found += _others(plans, found)
                text = text.replace(theme, " ")
        if several:  # 几份计划连指标表: all of them
            found = [plan for plan in found if not self._of_indicators(plan)]
        return found, text

    def _of_indicators(self, plan: str) -> bool:
        return self._bare[plan].endswith("指标")

    def _by_name(self, text: str) -> tuple[list[str], str]:
        """Plans by the names that they have, the longest first."""
        found: list[str] = []
        for name, plans in (self._names[at] for at in self._opening.places(text)):
            if name in text and not (name in self._drafts and found):
                found += _others(plans, found)
                text = text.replace(name, " ")
        return found, text

    def _by_pattern(self, text: str) -> tuple[list[str], str]:
        """Plans by nickname, else by a name with one character mistyped."""
        for patterns in (self._nicknames, self._nearly):
            found: list[str] = []
            for pattern, plans in patterns:
                if match := pattern.search(text):
                    found += plans
                    text = text.replace(match.group(), " ")
            if found:
                return found, text
        return [], text

    @property
    def themes(self) -> tuple[str, ...]:
        """The short names of plans without their places: 污染防治."""
        return tuple(self._themes)

    def of_places(self, plans: Sequence[str], districts: Sequence[str]) -> tuple[str, ...]:
        """Those of `plans` that belong to `districts` ("" = the city); all where none does.

        A plan of prose belongs to every place of the city.
        """
        kept = tuple(p for p in plans if self._plans[p].district in districts or long_term(self._plans[p]))
        return kept if districts and kept else tuple(plans)

    def drafts_alone(self, plans: Sequence[str], text: str) -> bool:
        """Whether `text` names `plans` by nothing but that they are drafts."""
        said = edition_words().draft.search(text) is not None and not self._plain
        return said and set(plans) == self._every_draft

    def lacking(self, plans: Sequence[str], districts: Sequence[str]) -> tuple[str, ...]:
        """What the named plans would be called in `districts`, where those have none such."""
        held = {self._plans[p].district for p in plans}
        spanning = any(long_term(self._plans[p]) for p in plans)
        if not plans or not districts or held & set(districts) or spanning:
            return ()
        about = dict.fromkeys(self._bare[p] for p in plans)
        return tuple(f"{place or '北京市'}的{theme}计划" for place in districts for theme in about)

    def compared(self, plans: Sequence[str], districts: Sequence[str]) -> tuple[str, ...]:
        """`plans`, and beside them those of the named places that none of `plans` belongs to.

        十四五规划和延庆今年的计划 names the five-year plan and, by its place, those of 延庆.
        """
        held = {self._plans[p].district for p in plans if not long_term(self._plans[p])}
        lacking = [d for d in districts if d not in held]
        more = [p for p in self._current if self._plans[p].district in lacking and p not in plans]
        return (*plans, *more)


def _others(plans: Sequence[str], found: Sequence[str]) -> list[str]:
    """Those of `plans` that are not `found` yet."""
    known = frozenset(found)
    return [plan for plan in plans if plan not in known]


def _attachments(plans: Mapping[str, Plan]) -> list[tuple[int, Plan]]:
    """The plans that came as numbered attachments of one file, in its order."""
    files: dict[str, list[Plan]] = {}
    for plan in plans.values():
        files.setdefault(plan.file, []).append(plan)
    return [
        (n, p)
        for together in files.values()
        if 1 < len(together) < len(DIGITS)  # more are no attachments of one document
        for n, p in enumerate(together, start=1)
    ]


def _bare(plan: Plan, called: str, places: Places) -> str:
    """The short name without its place: 污染防治."""
    return normal(called).removeprefix(places.short(plan.district) if plan.district else "市")


def _forms(plan: Plan, bare: str, places: Places) -> list[str]:
    """The names of one plan, normalised; `bare` is what all of its editions are called."""
    title = normal(plan.title).replace(_DRAFT, "")
    own_place = plan.district or "北京市"
    theme = title.removeprefix(normal(own_place))
    short = normal(plan.short)
    if long_term(plan):
        return [title, theme, short]
    about = _YEAR.sub("", theme).removesuffix("行动计划")
    stems = dict.fromkeys((about, _VERB.sub("", about), bare, f"{bare}转型", f"{bare}攻坚"))
    kinds = (
        "计划",
        "行动计划",
        "方案",
        f"{plan.year}年行动计划",
        f"{plan.year}年计划",
        f"{plan.year}行动计划",
    )
    named = [f"{stem}{kind}" for stem in stems for kind in kinds]
    if bare == "指标":
        named += (f"{plan.year}指标", f"{plan.year}年指标", *_INDICATORS)
    placed = [f"{place}{name}" for place in _places(plan, places) for name in named]
    named += [
        f"{stem}{level}{kind}"
        for stem in (about, bare)
        for level in _levels(plan)
        for kind in ("计划", "方案")
    ]
    shared = (places.short(plan.district) if plan.district else "市") + bare
    own = (short, f"{short}计划", shared, f"{shared}计划")
    return [title, theme, _YEAR.sub("", theme), *own, about, *named, *placed]


def _levels(plan: Plan) -> tuple[str, ...]:
    """What stands inside a plan's name: 多元共治市级计划."""
    return ("的区级", "区级", "区里的") if plan.district else ("的市级", "市级", "全市", "市里的")


def _places(plan: Plan, places: Places) -> tuple[str, ...]:
    """What stands in front of a plan's name: 延庆区, 延庆, 市, 市级."""
    if not plan.district:
        return ("市级", "市")
    return plan.district, places.short(plan.district)
