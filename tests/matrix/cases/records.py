"""Scenarios, capabilities and products."""

from __future__ import annotations

from collections.abc import Iterator

from capabilities.services import STEPS as CAPABILITY_STEPS
from scenarios.services import STEPS as SCENARIO_STEPS
from tests.matrix.case import Case, begun, filled, of, post, said

# The state in which each step can be taken.
BEFORE = {
    "scenario": {
        "submit": "draft",
        "recall": "submitted",
        "publish": "submitted",
        "return": "submitted",
        "close": "published",
    },
    "capability": {"publish": "draft", "withdraw": "published"},
}
REASON = said(reason="请补充材料")
CONTACT = {"contact_name": "张三", "contact_phone": "13800138000"}


def cases() -> Iterator[Case]:
    for noun in BEFORE:
        yield Case(f"{noun}_list")
        yield Case(f"{noun}_new", bodies=post(begun(f"{noun}_new", name="新的记录")))
        for state in ("draft", "published"):
            place = of(f"{noun} {state}")
            yield Case(f"{noun}_detail", state, place)
            yield Case(f"{noun}_ranked_by", state, place)
    for noun, state in (
        ("scenario", "draft"),
        ("scenario", "returned"),
        ("capability", "draft"),
        ("capability", "published"),
    ):
        place = of(f"{noun} {state}")
        form = filled(f"{noun}_edit", place, "editor", name="改过的名称")
        yield Case(f"{noun}_edit", state, place, post(form))
    for state in ("draft", "published"):
        place = of(f"scenario {state}")
        form = filled("scenario_contact", place, "editor", **CONTACT)
        yield Case("scenario_contact", state, place, post(form))
    yield from _steps()
    yield from _products()


def _steps() -> Iterator[Case]:
    for noun, steps in (("scenario", SCENARIO_STEPS), ("capability", CAPABILITY_STEPS)):
        for step in steps.verbs:
            place = of(f"{noun} {BEFORE[noun][step]}", step=step)
            yield Case(f"{noun}_step", step, place, post(REASON))


def _products() -> Iterator[Case]:
    yield Case("product_list")
    yield Case("product_new", bodies=post(begun("product_new", name="新产品", kind="product")))
    form = filled("product_edit", of("product"), "editor", name="改过的名称")
    yield Case("product_edit", "", of("product"), post(form))
