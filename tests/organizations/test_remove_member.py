"""``manage.py remove_member``, and what it ends."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import AuditEvent
from organizations.models import Membership
from tests.records import credit_code, make_member, make_organization, make_scenario, user_of

pytestmark = pytest.mark.django_db


def test_removed_member_sees_no_drafts_from_the_next_request_on(client: Client, capsys) -> None:
    """THREATS A30: the session lives on, what it was good for does not."""
    organization = make_organization("某港务集团")
    draft = make_scenario(organization, published=False)
    person = user_of(make_member(organization, "editor"))
    client.force_login(person)
    paths = (draft.get_absolute_url(), f"/api/v1/scenarios/{draft.public_id}/")
    for path in paths:
        assert client.get(path).status_code == 200

    call_command("remove_member", person.email.upper(), organization.identifier.lower())

    for path in paths:
        assert client.get(path).status_code == 404
    assert draft.name not in client.get("/my/").content.decode()
    assert capsys.readouterr().out == f"{person.email} · 不再是“某港务集团”的成员\n"
    event = AuditEvent.objects.get(verb="organizations.organization.remove_member")
    assert event.actor_label == "manage.py remove_member"


@pytest.mark.parametrize(
    ("email", "code", "reason"),
    [
        (None, None, "最后一位负责人"),
        ("wu@example.org", None, "没有账号"),
        (None, credit_code(700_001), "没有登记过"),
        (None, "9144", "应为 18 位"),
    ],
)
def test_faults_are_said_and_nobody_is_removed(email, code, reason: str) -> None:
    organization = make_organization()
    owner = user_of(make_member(organization, "owner"))

    with pytest.raises(CommandError, match=reason):
        call_command("remove_member", email or owner.email, code or organization.identifier)
    assert Membership.objects.get().user == owner


def test_stranger_is_said() -> None:
    organization = make_organization()
    stranger = user_of(make_member(make_organization(), "owner"))

    with pytest.raises(CommandError, match=r"不是.*的成员"):
        call_command("remove_member", stranger.email, organization.identifier)
