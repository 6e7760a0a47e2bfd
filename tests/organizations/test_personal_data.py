"""What is told of a person's organizations, and what keeps them from going."""

import pytest

from accounts.personal_data import everything_of, objections_to_closing
from tests.people import ask, invited, make_person
from tests.records import make_member, make_organization, user_of

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
