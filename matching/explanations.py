"""A match in words: what each part compares, what was found, and the clause behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_lazy

from common.money import say_fen
from matching.engine.concepts import ONE, Link
from matching.engine.explain import (
    FocusLink,
    Must,
    Unmet,
    focus_link,
    tag_link,
    tied_tags,
    unmet,
)
from matching.engine.focus import Named, named_by_city
from matching.engine.profile import STANDARD
from matching.engine.records import CapabilityRecord, Range, ScenarioRecord
from matching.engine.text import TextModel
from matching.engine.words import shared_words
from matching.models import Side
from matching.pipeline import Domain, domain_of
from policy.enums import DocumentStatus
from policy.models import PolicyClause
from policy.queries import current
from taxonomy.enums import ConceptLevel, FocusScope
from taxonomy.models import City, CityFocus, Concept, ConceptMapping


@lru_cache(maxsize=256)
def _in(language: str | None, text: str) -> str:
    return gettext(text)


def _(text: str) -> str:
    """``gettext``, remembered: fifty explained pairs ask three hundred times for few sentences."""
    return _in(get_language(), text)


@dataclass(frozen=True)
class Pair:
    """A scenario and a capability with their points by part; ``key`` is the counterpart's.

    ``counted``: the pair may stand in a list.
    """

    scenario: ScenarioRecord
    capability: CapabilityRecord
    points: dict[str, int]
    stated: dict[str, bool]
    counted: bool
    key: int = 0

    @property
    def score(self) -> int:
        return sum(self.points.values())

    def seen_from(self, counterpart: Side) -> Pair:
        one = self.capability if counterpart is Side.CAPABILITY else self.scenario
        return replace(self, key=one.key)


@dataclass(frozen=True)
class Reason:
    """A sentence, and the clauses that it stands on."""

    text: str
    clauses: list[PolicyClause] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """``points`` of ``maximum``; ``stated`` is False when one side left out what it compares."""

    name: str
    label: str
    points: int
    maximum: int
    stated: bool
    reasons: list[Reason]


LABELS: dict[str, Promise] = {
    "tag": gettext_lazy("产业标签"),
    "host_focus": gettext_lazy("场景城市聚焦"),
    "supplier_focus": gettext_lazy("供给方城市聚焦"),
    "text": gettext_lazy("文字内容"),
    "readiness": gettext_lazy("技术成熟度"),
    "scale": gettext_lazy("预算与报价"),
    "nearness": gettext_lazy("距离"),
}
# Sentences of each kind that a process remembers: about what the tags of a province make.
WORDED = 1 << 13
# Translated as they are shown: a page that asks for all, fifty times over, feels it.
TIES: dict[Link, Promise] = {
    Link.EQUAL: gettext_lazy("双方都选了%(offered)s"),
    Link.EXACT: gettext_lazy("能力的%(offered)s与场景的%(asked)s等同"),
    Link.CLOSE: gettext_lazy("能力的%(offered)s与场景的%(asked)s相近"),
    Link.NARROWER: gettext_lazy("能力的%(offered)s属于场景的%(asked)s"),
    Link.BROADER: gettext_lazy("能力的%(offered)s比场景的%(asked)s更宽"),
    Link.RELATED: gettext_lazy("能力的%(offered)s与场景的%(asked)s相关"),
    Link.SIBLING: gettext_lazy("能力的%(offered)s与场景的%(asked)s同属一个上位领域"),
}
NO_TAG = (gettext_lazy("场景未选产业标签"), gettext_lazy("能力未选产业标签"))
NO_HOST_CITY = gettext_lazy("场景未填写城市")
NO_SUPPLIER_CITY = gettext_lazy("供给方所在城市未填写或在省外")


@dataclass(frozen=True)
class _Names:
    """What the numbers of a domain are called; ``mappings`` by the two concepts' numbers.

    ``named``: what each city's focus areas are worth, which takes longer than a page may.
    """

    concepts: dict[int, Concept]
    cities: dict[int, City]
    focus: dict[int, CityFocus]
    mappings: dict[frozenset[int], ConceptMapping]
    named: dict[int, list[Named]]


class _Words:
    """Everything that reasons are worded with, in one language. What the policy edition decides
    alone is worded once: fifty pairs of a page say the same of their tags and cities over and over.
    """

    def __init__(self, domain: Domain, language: str | None) -> None:
        self.domain = domain
        self.names = _names(domain.edition)
        self.gettext = partial(_in, language)
        self.named = lru_cache(WORDED)(self._named)
        self.tie = lru_cache(WORDED)(self._tie)
        self.focus = lru_cache(WORDED)(self._focus)

    def concept(self, number: int) -> Concept:
        return self.names.concepts[number]

    def city(self, number: int) -> str:
        return self.names.cities[number].name

    def _named(self, number: int) -> str:
        concept = self.concept(number)
        document = concept.scheme.document
        lapsed = "" if document.status == DocumentStatus.IN_FORCE else document.get_status_display()
        scheme = "，".join(filter(None, (concept.scheme.short_title, lapsed)))
        return f"“{concept.label}”（{scheme}）"

    def _tie(self, asked: int, offered: int) -> Reason:
        """What ties two tags that are no strangers."""
        _ = self.gettext
        link = tag_link(asked, offered, self.domain.near)
        ends = {"asked": self.named(asked), "offered": self.named(offered)}
        sentence = str(TIES[link.link]) % ends
        between = [
            near for near in (link.near_asked, link.near_offered) if near not in {asked, offered}
        ]
        if between:
            named = "、".join(map(self.named, dict.fromkeys(between)))
            sentence += _("（经由%(near)s）") % {"near": named}
        mapping = self.names.mappings.get(frozenset({link.near_asked, link.near_offered}))
        if mapping is not None:
            sentence += _("：%(reason)s") % {"reason": mapping.reason}
        return Reason(sentence)

    def _focus(self, link: FocusLink | None, number: int) -> Reason:
        """Which focus area of a city a capability meets; None: none."""
        _ = self.gettext
        city = self.city(number)
        if link is None:
            return Reason(
                _("文件没有为%(city)s点名这个标签或其上位领域；清单均为“等”，不等于排除")
                % {"city": city}
            )
        rows = [self.names.focus[place] for place in link.focus]
        named = list(
            dict.fromkeys(
                self.concept(self.domain.focus[place].concept).label for place in link.focus
            )
        )
        own = self.concept(link.concept).label
        if named == [own]:
            text = _("“%(own)s”是%(city)s的聚焦领域") % {"own": own, "city": city}
        else:
            text = _("“%(own)s”对应%(city)s的聚焦领域“%(named)s”") % {
                "own": own,
                "city": city,
                "named": "”“".join(named),
            }
        scopes = dict.fromkeys(self._scope(row) for row in rows)
        text += _("（%(scopes)s）") % {"scopes": "；".join(scopes)}
        if link.relevance < ONE:
            share = link.relevance // 10
            text += _("，按与场景标签的接近程度计 %(share)d%%") % {"share": share}
        return Reason(text, [row.clause for row in rows])

    def _scope(self, row: CityFocus) -> str:
        """At which level the text names it, and whether for the city itself."""
        _ = self.gettext
        level = str(ConceptLevel(row.level).label)
        if row.scope == FocusScope.GROUP:
            return _("%(level)s，与所在片区一并表述") % {"level": level}
        return level


@lru_cache(maxsize=2)
def _words(edition: tuple[int, str], language: str | None) -> _Words:
    return _Words(domain_of(edition), language)


def explain(pairs: list[Pair], domain: Domain, model: TextModel) -> list[list[Part]]:
    """The parts of each pair, in the order of the profile; no query for a known policy edition.

    Parts without weight in the profile are left out.
    """
    words = _words(domain.edition, get_language())
    said: dict[str, Callable[[Pair, _Words], list[Reason]]] = {
        **_REASONS,
        "text": partial(_text, shared=_shared(pairs, model)),
    }
    told = [
        (name, str(LABELS[name]), maximum, said[name])
        for name, maximum in STANDARD.maxima().items()
        if maximum
    ]
    return [
        [
            Part(name, label, pair.points[name], maximum, pair.stated[name], reasons(pair, words))
            for name, label, maximum, reasons in told
        ]
        for pair in pairs
    ]


def explain_unmet(pairs: list[Pair], domain: Domain, spelled: Mapping[str, str]) -> list[list[str]]:
    """The hard filters that each pair does not pass, in words.

    ``spelled``: qualifications as the scenario spells them, by what the engine compares.
    """
    words = _words(domain.edition, get_language())
    return [
        [
            _unmet_sentence(each, pair, words, spelled)
            for each in unmet(pair.scenario, pair.capability, domain.near)
        ]
        for pair in pairs
    ]


def _unmet_sentence(missing: Unmet, pair: Pair, words: _Words, spelled: Mapping[str, str]) -> str:
    if missing.must is Must.CONCEPT and missing.concept is not None:
        return _("没有必须的标签%(named)s") % {"named": words.named(missing.concept)}
    if missing.must is Must.QUALIFICATION:
        name = spelled.get(missing.qualification, missing.qualification)
        return _("没有列出必备资质“%(name)s”") % {"name": name}
    if missing.must is Must.READINESS:
        offered, lowest = pair.capability.readiness, pair.scenario.readiness[0]
        own = _("未填写") if offered is None else f"TRL {offered}"
        return _("成熟度必须不低于 TRL %(lowest)d，能力：%(own)s") % {"lowest": lowest, "own": own}
    if missing.must is Must.CITY:
        return _("能力不服务场景所在城市")
    return _("双方是同一组织或联合发布方")


@lru_cache(maxsize=2)
def _names(edition: tuple[int, str]) -> _Names:
    domain = domain_of(edition)
    concepts = Concept.objects.select_related("scheme__document")
    focus = CityFocus.objects.select_related("clause__document").in_bulk(domain.focus_ids)
    return _Names(
        {domain.concepts[each.pk]: each for each in concepts},
        {domain.cities[city.pk]: city for city in City.objects.all()},
        {number: focus[pk] for number, pk in enumerate(domain.focus_ids)},
        {
            frozenset({domain.concepts[each.source_id], domain.concepts[each.target_id]}): each
            for each in current(ConceptMapping)
        },
        named_by_city(domain.focus, domain.near),
    )


def _tag(pair: Pair, words: _Words) -> list[Reason]:
    _ = words.gettext
    if not pair.stated["tag"]:
        return _no_tags(pair)
    tied = tied_tags(pair.scenario, pair.capability, words.domain.near)
    if not tied:
        return [Reason(_("双方的产业标签没有关联"))]
    reasons = [words.tie(asked, offered) for asked, offered in tied]
    missed = len(pair.scenario.concepts) - len(tied)
    if missed:
        reasons.append(Reason(_("场景另有 %(count)d 个标签没有对应") % {"count": missed}))
    return reasons


def _host_focus(pair: Pair, words: _Words) -> list[Reason]:
    return _focus(pair, words, pair.scenario.city, "host_focus", NO_HOST_CITY)


def _supplier_focus(pair: Pair, words: _Words) -> list[Reason]:
    return _focus(pair, words, pair.capability.city, "supplier_focus", NO_SUPPLIER_CITY)


def _focus(
    pair: Pair, words: _Words, city: int | None, part: str, missing: Promise
) -> list[Reason]:
    if not pair.stated[part]:
        return _not_stated((city is None, missing)) + _no_tags(pair)
    link = focus_link(city, pair.scenario, pair.capability, words.names.named, words.domain.near)
    assert city is not None  # noqa: S101 (narrows the type: stated means that it is there)
    return [words.focus(link, city)]


def _text(
    pair: Pair, words: _Words, *, shared: Mapping[tuple[int, int], list[str]]
) -> list[Reason]:
    _ = words.gettext
    if own := shared[pair.scenario.key, pair.capability.key]:
        return [Reason(_("共同的用词：%(words)s") % {"words": "、".join(own)})]
    if pair.points["text"]:
        return [Reason(_("用词零散相近，没有可以单独指出的词"))]
    return [Reason(_("没有共同的用词"))]


def _shared(pairs: list[Pair], model: TextModel) -> dict[tuple[int, int], list[str]]:
    sides = [(pair.scenario, pair.capability) for pair in pairs]
    texts = [((one.title, one.body), (other.title, other.body)) for one, other in sides]
    keys = ((one.key, other.key) for one, other in sides)
    return dict(zip(keys, shared_words(texts, model), strict=True))


def _readiness(pair: Pair, words: _Words) -> list[Reason]:
    _ = words.gettext
    asked, offered = pair.scenario.readiness, pair.capability.readiness
    if not pair.stated["readiness"]:
        return _not_stated(
            (asked == (None, None), _("场景未填写成熟度要求")),
            (offered is None, _("能力未填写成熟度")),
        )
    return [
        Reason(
            _("能力：TRL %(offered)d；场景要求：%(asked)s")
            % {"offered": offered, "asked": _span(asked, lambda level: f"TRL {level}")}
        )
    ]


def _scale(pair: Pair, words: _Words) -> list[Reason]:
    _ = words.gettext
    budget, price = pair.scenario.budget, pair.capability.price
    if not pair.stated["scale"]:
        return _not_stated(
            (budget == (None, None), _("场景未填写预算")),
            (price == (None, None), _("能力未填写价格")),
        )
    return [
        Reason(
            _("报价：%(price)s；预算：%(budget)s")
            % {"price": _span(price, say_fen), "budget": _span(budget, say_fen)}
        )
    ]


def _nearness(pair: Pair, words: _Words) -> list[Reason]:
    _ = words.gettext
    if not pair.stated["nearness"]:
        return _not_stated((True, _("一方未填写城市")))
    return [Reason(_("同城或同一都市圈") if pair.points["nearness"] else _("不在同一都市圈"))]


def _no_tags(pair: Pair) -> list[Reason]:
    asked, offered = NO_TAG
    return _not_stated((not pair.scenario.concepts, asked), (not pair.capability.concepts, offered))


def _not_stated(*cases: tuple[bool, str | Promise]) -> list[Reason]:
    return [Reason(str(text)) for missing, text in cases if missing]


def _span(ends: Range, say: Callable[[int], str]) -> str:
    lower, upper = ends
    if upper is None:
        return _("%(value)s以上") % {"value": say(lower or 0)}
    if lower is None:
        return _("不超过 %(value)s") % {"value": say(upper)}
    return say(lower) if lower == upper else f"{say(lower)} – {say(upper)}"


_REASONS: dict[str, Callable[[Pair, _Words], list[Reason]]] = {
    "tag": _tag,
    "host_focus": _host_focus,
    "supplier_focus": _supplier_focus,
    "readiness": _readiness,
    "scale": _scale,
    "nearness": _nearness,
}
