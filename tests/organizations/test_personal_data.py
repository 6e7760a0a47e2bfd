"""What is told of a person's organizations, and what keeps them from going."""

from typing import Any

import pytest

from accounts.models import User
from accounts.personal_data import everything_of, objections_to_closing
from common.errors import Conflict
from organizations.enums import MemberRole
from organizations.services import add_member, discard_organization, leave, suspend_organization
from tests.evidence import make_draft, make_submitted
from tests.people import ask, invited, make_person
from tests.records import SYSTEM, make_administrator, make_member, make_organization, user_of

pytestmark = pytest.mark.django_db


def test_export_holds_memberships_requests_and_invitations() -> None:
    organization, other = make_organization("甲单位"), make_organization("未答复的单位")
    person = user_of(make_member(organization, "viewer"))
    ask(other, make_member(make_organization(), "owner"))
    invited(other, person.email)

    told = everything_of(person)
    assert [each["organization"] for each in told["memberships"]] == ["甲单位"]
    assert told["join_requests"] == []
    assert [each["role"] for each in told["invitations"]] == ["editor"]
    asked = make_person("asks@example.org")
    ask(other, asked, message="王工")
    (request,) = everything_of(user_of(asked))["join_requests"]
    assert (request["message"], request["organization"]) == ("王工", other.identifier)


def test_last_owner_hands_over_before_going() -> None:
    organization = make_organization("甲单位")
    person = user_of(make_member(organization, "owner"))

    assert any("甲单位" in said for said in objections_to_closing(person))
    make_member(organization, "owner")
    assert objections_to_closing(person) == []


def test_last_owner_is_told_the_ways_out(settings: Any) -> None:
    settings.SITE_CONTACT = "help@example.org"
    draft = make_draft(name="草稿单位")
    submitted = make_submitted(name="待核验单位")
    verified = make_organization("已核验单位")
    owner = make_member(verified, "owner")

    (said,) = objections_to_closing(user_of(draft.owner))
    assert "草稿单位" in said
    assert "放弃登记" in said
    (said,) = objections_to_closing(user_of(submitted.owner))
    assert "撤回修改" in said
    (said,) = objections_to_closing(user_of(owner))
    assert "help@example.org" in said
    assert "放弃登记" not in said
    discard_organization(organization=draft.organization, actor=draft.owner)
    suspend_organization(organization=verified, reason="应单位要求", actor=SYSTEM)
    assert objections_to_closing(user_of(draft.owner)) == []
    assert "另设负责人" in objections_to_closing(user_of(owner))[0]
    with pytest.raises(Conflict, match="最后一位负责人"):
        leave(organization=verified, actor=owner)
    add_member(
        organization=verified,
        person=User.objects.create_user("next@example.org"),
        role=MemberRole.OWNER,
        actor=make_administrator("system"),
    )
    assert objections_to_closing(user_of(owner)) == []
    leave(organization=verified, actor=owner)
