"""Duplicates that the database refuses, and links written in a few statements."""

import pytest
from django.db import IntegrityError

from common.errors import Conflict
from common.models import BATCH, link, refuse_duplicates
from organizations.models import Membership, Organization
from scenarios.models import Scenario
from taxonomy.models import Concept
from tests.records import make_member, make_organization, make_scenario

pytestmark = pytest.mark.django_db


def test_violation_of_the_named_constraint_becomes_a_conflict() -> None:
    taken = make_organization()

    with (
        pytest.raises(Conflict, match="登记过") as refusal,
        refuse_duplicates("organizations_one_per_identifier", "已经登记过"),
    ):
        Organization.objects.create(name="乙", identifier=taken.identifier, state="submitted")
    assert refusal.value.__cause__ is None


def test_transaction_goes_on_after_a_refused_duplicate() -> None:
    taken = make_organization()

    def change_and_duplicate() -> None:
        with refuse_duplicates("organizations_one_per_identifier", "同号"):
            Organization.objects.filter(pk=taken.pk).update(name="改了")
            Organization.objects.create(name="乙", identifier=taken.identifier, state="submitted")

    with pytest.raises(Conflict):
        change_and_duplicate()

    assert Organization.objects.get(pk=taken.pk).name == taken.name


def test_other_violations_stay_what_they_are() -> None:
    organization = make_organization()
    actor = make_member(organization)

    with (
        pytest.raises(IntegrityError, match="organizations_one_membership"),
        refuse_duplicates("organizations_one_per_identifier", "已经登记过"),
    ):
        Membership.objects.create(organization=organization, user_id=actor.user_id, role="owner")


def test_other_faults_stay_what_they_are() -> None:
    with pytest.raises(KeyError), refuse_duplicates("organizations_one_per_identifier", "同号"):
        raise KeyError


def test_link_fills_the_relations_of_many_rows_in_one_statement(
    django_assert_num_queries,
) -> None:
    host = make_organization()
    first, second, third = (make_scenario(host, published=False) for _ in range(3))
    one, two = Concept.objects.order_by("pk")[:2]

    with django_assert_num_queries(1):
        link(
            Scenario.concepts, [(first.pk, [two.pk, one.pk]), (second.pk, []), (third.pk, [one.pk])]
        )

    assert set(first.concepts.all()) == {one, two}
    assert set(second.concepts.all()) == set()
    assert set(third.concepts.all()) == {one}


def test_link_points_the_right_way() -> None:
    """The two keys of a link are told apart although both are plain numbers."""
    scenario = make_scenario(published=False)
    partners = [make_organization() for _ in range(2)]

    link(Scenario.co_publishers, [(scenario.pk, [partners[1].pk])])

    assert list(scenario.co_publishers.all()) == [partners[1]]
    assert list(partners[1].co_published.all()) == [scenario]
    assert not partners[0].co_published.exists()


def test_link_without_pairs_asks_the_database_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        link(Scenario.concepts, [])


def test_link_takes_more_than_one_batch() -> None:
    scenario = make_scenario(published=False)
    concept = Concept.objects.order_by("pk").first()
    assert concept is not None
    template = {"organization_id": scenario.organization_id, "name": "很多"}
    many = Scenario.objects.bulk_create(Scenario(**template) for _ in range(BATCH + 1))

    link(Scenario.concepts, ((each.pk, [concept.pk]) for each in many))

    assert concept.scenarios.count() == BATCH + 1
