"""The API: the same nouns for programs, with JSON bodies and a step at an address each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from applications.services import STEPS as APPLICATION_STEPS
from capabilities.services import STEPS as CAPABILITY_STEPS
from catalogue.services import STEPS as ITEM_STEPS
from lifecycle.transitions import lifecycle_of
from organizations.queries import stated_facts
from organizations.services import STEPS as ORGANIZATION_STEPS
from scenarios.services import STEPS as SCENARIO_STEPS
from tests.matrix.case import Body, Case, dated, in_the_name_of_own, of, post, put, said
from tests.matrix.cases import applications, catalogue, organizations, records
from tests.matrix.world import World

# Facts for everybody, by code.
FACTS = {
    "city": "440100",
    "carrier": "guangzhou-science-city",
    "scheme": "gd-2024",
    "concept": "gd-2024-embodied-robots",
    "policy-document": "gd-2024",
    "policy-clause": "sz-2023-12",
    "policy-rule": "sz-2023-first-purchase",
    "policy-target": "gd-145-rd-spending-growth-2025",
}
REASON = {"reason": "请补充材料"}


def cases() -> Iterator[Case]:
    yield from _facts()
    for noun in ("scenario", "capability"):
        yield Case(f"api:{noun}-list", bodies=post(in_the_name_of_own(name="新的记录")))
        for state in ("draft", "published"):
            place = of(f"{noun} {state}")
            yield Case(f"api:{noun}-detail", state, place, put(said(name="改过的名称")))
            yield Case(f"api:{noun}-matches", state, place)
            yield Case(f"api:{noun}-ranked-by", state, place)
    contact = put(said(**records.CONTACT))
    yield Case("api:scenario-contact", "", of("scenario published"), contact)
    yield from _steps()
    product = {"name": "新产品", "kind": "product"}
    yield Case("api:product-list", bodies=post(in_the_name_of_own(**product)))
    yield Case("api:product-detail", "", of("product"), put(said(**product)))
    yield Case("api:application-list", bodies=post(_answer))
    for kind in ("sent draft", "received submitted"):
        place = of(kind)
        yield Case("api:application-detail", kind, place, put(said(proposal="改过的方案")))
    for kind in ("sent connected", "received connected"):
        yield Case("api:application-contact", kind, of(kind))
    yield from _catalogue()
    yield from _organizations()
    yield Case("api:notification-list")
    yield Case("api:notification-detail", place=of("notice"))
    yield Case("api:notification-read", place=of("notice"))


def _facts() -> Iterator[Case]:
    for noun in FACTS:
        yield Case(f"api:{noun}-list")
        yield Case(f"api:{noun}-detail", place=_fact(noun), is_public=True)
    estimate = _fact("policy-rule")
    yield Case("api:policy-rule-estimate", place=estimate, query="?base_fen=100", is_public=True)
    yield Case("api:policy-edition-list")


def _fact(noun: str) -> Any:
    return lambda world, side: {"code": FACTS[noun]}


def _steps() -> Iterator[Case]:
    """Of each noun, on a record that is in the state for it."""
    for noun, steps, before in (
        ("scenario", SCENARIO_STEPS, _kinds("scenario")),
        ("capability", CAPABILITY_STEPS, _kinds("capability")),
        ("application", APPLICATION_STEPS, applications.BEFORE),
        ("catalogue-item", ITEM_STEPS, catalogue.BEFORE),
        ("organization", ORGANIZATION_STEPS, organizations.KINDS),
    ):
        for step in steps.verbs:
            kind = before[step]
            place = of(kind)
            yield Case(f"api:{noun}-take-{step}", "", place, post(_taken(kind, step)))


def _kinds(noun: str) -> dict[str, str]:
    return {step: f"{noun} {state}" for step, state in records.BEFORE[noun].items()}


def _taken(kind: str, step: str) -> Body:
    """A reason where the step wants one, and nothing where it does not."""

    def build(world: World, side: str) -> dict[str, Any]:
        transition = lifecycle_of(world.records[kind][side]).get(step)
        return REASON if transition.needs_reason else {}

    return build


def _answer(world: World, side: str) -> dict[str, Any]:
    """The rival's scenario, answered with a capability of one's own organization."""
    scenario = world.records["scenario published"]["rival"]
    return {**applications.answer(world, side), "scenario": str(scenario.public_id)}


def _catalogue() -> Iterator[Case]:
    place = catalogue.catalogue
    yield Case("api:catalogue-list", bodies=post(said(**catalogue.NEW)))
    yield Case("api:catalogue-detail", "", place, put(said(name="改过的名称")))
    yield Case("api:catalogue-editions", "", place, post(said(note="本期说明")))
    yield Case("api:catalogue-edition-list")
    yield Case("api:catalogue-edition-detail", place=catalogue.edition)
    yield Case("api:catalogue-item-list", bodies=post(_candidate))
    for state in ("candidate", "under_notice", "listed"):
        yield Case("api:catalogue-item-detail", state, of(f"item {state}"))
    days = dated(notice_from=0, notice_to=9)
    yield Case("api:catalogue-item-begin-notice", "", of("item candidate"), post(days))


def _organizations() -> Iterator[Case]:
    yield Case("api:organization-list", bodies=post(said(**organizations.NEW)))
    for state in ("draft", "submitted", "verified"):
        kind = f"organization {state}"
        yield Case("api:organization-detail", state, of(kind), put(_moved(kind)))
        yield Case("api:organization-members", state, of(kind))
        yield Case("api:organization-evidence", state, of(kind))


def _moved(kind: str) -> Body:
    """What the organization states, with another address."""

    def build(world: World, side: str) -> dict[str, Any]:
        facts = stated_facts(world.records[kind][side]).model_dump(mode="json")
        return {**facts, "address": "新址"}

    return build


def _candidate(world: World, side: str) -> dict[str, Any]:
    return {
        "catalogue": world.records["catalogue"]["own"].code,
        "product": str(world.records["product"]["own"].public_id),
        "grounds": "国内首创",
    }
