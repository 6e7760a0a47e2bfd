"""What the licence says changes: asked, checked, and nothing hidden meanwhile."""

from typing import Any

import pytest

from audit.queries import events_of
from common.errors import Conflict, Forbidden, InvalidInput
from organizations import amendments
from organizations.models import Amendment, Organization
from organizations.queries import amended, pending_amendment, stated_facts
from scenarios.queries import visible_to
from tests.records import (
    SHENZHEN,
    SYSTEM,
    credit_code,
    make_administrator,
    make_member,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.django_db


def ask(organization: Organization, **changes: Any) -> Amendment:
    stated = stated_facts(Organization.objects.get(pk=organization.pk))
    return amendments.ask_to_amend(
        organization=organization,
        facts=stated.model_copy(update=changes),
        actor=make_member(organization, "owner"),
    )


def test_what_was_verified_stands_until_the_change_is_checked() -> None:
    organization = make_organization("旧名有限公司")
    scenario = make_scenario(organization)

    amendment = ask(organization, name="新名有限公司", city=SHENZHEN)

    stored = Organization.objects.get(pk=organization.pk)
    assert (stored.name, stored.state) == ("旧名有限公司", "verified")
    assert list(visible_to(make_member(make_organization()))) == [scenario]
    assert amended(stored, amendment) == [
        ("name", "旧名有限公司", "新名有限公司"),
        ("city", None, SHENZHEN),
    ]
    amendments.approve_amendment(amendment=amendment, actor=make_administrator("content"))
    stored.refresh_from_db()
    assert stored.city is not None
    assert (stored.name, stored.skeleton, stored.city.code) == ("新名有限公司", "新名", SHENZHEN)
    assert pending_amendment(stored) is None
    *_, verified, amended_then = events_of(organization)
    assert amended_then.verb == "organizations.organization.amend"
    assert amended_then.before == verified.after
    assert amended_then.after not in {"", amended_then.before}


def test_one_change_waits_at_a_time() -> None:
    organization = make_organization()
    amendment = ask(organization, name="甲")

    with pytest.raises(Conflict, match="等待核验"):
        ask(organization, name="乙")
    amendments.decline_amendment(amendment=amendment, reason="执照未更新", actor=SYSTEM)
    assert ask(organization, name="乙").state == "pending"


def test_change_of_nothing_or_to_a_taken_number_is_refused() -> None:
    organization, other = make_organization(), make_organization()

    with pytest.raises(InvalidInput, match="没有改动"):
        ask(organization, address="别处")
    with pytest.raises(Conflict, match="已经登记过"):
        ask(organization, identifier=other.identifier)
    with pytest.raises(Conflict, match="直接修改"):
        ask(make_organization(verified=False), name="甲")


def test_number_that_was_taken_meanwhile_stops_the_change() -> None:
    organization = make_organization()
    amendment = ask(organization, identifier=credit_code(888_888))
    make_organization(identifier=credit_code(888_888))

    with pytest.raises(Conflict, match="已经登记过"):
        amendments.approve_amendment(amendment=amendment, actor=SYSTEM)
    amendment.refresh_from_db()
    assert amendment.state == "pending"


@pytest.mark.parametrize("role", ["viewer", "stranger"])
def test_others_ask_for_nothing(role: str) -> None:
    organization = make_organization()
    actor = make_member(organization if role == "viewer" else make_organization(), "viewer")

    with pytest.raises(Forbidden):
        amendments.ask_to_amend(
            organization=organization,
            facts=stated_facts(organization).model_copy(update={"name": "甲"}),
            actor=actor,
        )
