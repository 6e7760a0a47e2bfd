"""Tokens are made and revoked by owners, and open no more than their maker may."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from pydantic import ValidationError

import scenarios.queries
from accounts import personal_data
from audit.models import AuditEvent
from common.actor import ActorKind
from common.errors import Conflict, Forbidden
from common.permissions import may
from organizations.models import Membership
from organizations.queries import (
    editable_organizations,
    organizations_behind,
    own_organizations,
    roles_in,
)
from outbox.models import Message
from tests.records import (
    SYSTEM,
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)
from tests.tokens.makers import make_token
from tokens import queries
from tokens.facts import TokenFacts
from tokens.keys import Key, new_key
from tokens.models import ApiToken
from tokens.services import MOST_TOKENS, actor_of, open_with, revoke_token

pytestmark = pytest.mark.django_db


def test_a_token_is_made_once_and_its_secret_kept_nowhere() -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")

    token, key = make_token(organization, "scenarios", owner=owner)

    assert (token.organization, token.user_id) == (organization, owner.user_id)
    assert token.permissions == ["read", "scenarios"]
    assert token.expires_at - token.created_at <= timedelta(days=30)
    events = AuditEvent.objects.filter(object_type="tokens.apitoken", object_id=str(token.pk))
    topics = Message.objects.filter(key=f"tokens.apitoken:{token.pk}")
    assert [each.verb for each in events] == ["tokens.apitoken.create"]
    assert [each.topic for each in topics] == ["tokens.apitoken.create"]
    stored = [*events.values(), *topics.values(), *ApiToken.objects.values()]
    assert key.secret not in json.dumps(stored, cls=DjangoJSONEncoder)


@pytest.mark.parametrize("role", ["owner", "editor", "viewer", "rival", "administrator", "system"])
def test_owners_alone_make_and_revoke(role: str) -> None:
    organization = make_organization()
    actors = {
        "rival": lambda: make_member(make_organization(), "owner"),
        "administrator": make_administrator,
        "system": lambda: SYSTEM,
    }
    actor = actors[role]() if role in actors else make_member(organization, role)
    token, _ = make_token(organization)

    if role == "owner":
        make_token(organization, owner=actor)
    else:
        with pytest.raises(Forbidden):
            make_token(organization, owner=actor)
    if role in {"owner", "system"}:
        assert revoke_token(token=token, actor=actor).revoked_at is not None
        with pytest.raises(Conflict):
            revoke_token(token=token, actor=actor)
    else:
        with pytest.raises(Forbidden):
            revoke_token(token=token, actor=actor)
    assert queries.visible_to(actor).contains(token) == (role in {"owner", "editor"})


def test_no_token_makes_or_revokes_or_sees_one() -> None:
    organization = make_organization()
    token, _ = make_token(organization, "scenarios", "capabilities", "applications")
    program = actor_of(token)

    with pytest.raises(Forbidden):
        make_token(organization, owner=program)
    with pytest.raises(Forbidden):
        revoke_token(token=token, actor=program)
    assert not queries.visible_to(program).exists()


@pytest.mark.parametrize("days", [1, 366, 0, -1, "no"])
def test_only_offered_lifetimes_are_taken(days: object) -> None:
    with pytest.raises(ValidationError):
        TokenFacts.model_validate({"name": "甲", "days": days})


def test_the_database_refuses_more_than_a_year() -> None:
    token, _ = make_token(make_organization(), days=365)
    later = token.created_at + timedelta(days=366)

    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(expires_at=later)


def test_a_key_opens_its_token_and_nothing_else_does() -> None:
    token, key = make_token(make_organization(), "capabilities")
    other = new_key()

    opened = open_with(key.text)
    assert opened == token
    actor = actor_of(opened)
    assert actor.kind is ActorKind.TOKEN
    assert actor.label == "内网系统"
    assert actor.organization_id == token.organization_id
    assert actor.permissions is not None
    assert "capabilities.change" in actor.permissions
    assert "scenarios.change" not in actor.permissions
    for text in (other.text, Key(key.prefix, other.secret).text, "", "sbt_", key.secret):
        assert open_with(text) is None


def _expire(token: ApiToken) -> None:
    ApiToken.objects.filter(pk=token.pk).update(expires_at=Now())


def _revoke(token: ApiToken) -> None:
    revoke_token(token=token, actor=SYSTEM)


def _deactivate(token: ApiToken) -> None:
    type(token.user).objects.filter(pk=token.user_id).update(is_active=False)


def _leave(token: ApiToken) -> None:
    Membership.objects.filter(user=token.user_id).delete()


def _return(token: ApiToken) -> None:
    _leave(token)
    Membership.objects.create(
        organization=token.organization, user=token.user, role="owner", created_at=Now()
    )
    Membership.objects.filter(user=token.user_id).update(created_at=Now() + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("end", "standing"),
    [
        (_expire, "expired"),
        (_revoke, "revoked"),
        (_deactivate, "orphaned"),
        (_leave, "orphaned"),
        (_return, "orphaned"),
    ],
)
def test_a_token_ends_at_once(end: object, standing: str) -> None:
    organization = make_organization()
    token, key = make_token(organization)
    assert open_with(key.text) == token

    end(token)  # type: ignore[operator]

    assert open_with(key.text) is None
    (shown,) = queries.tokens_of(organization, make_member(organization, "owner"))
    assert shown.standing == standing


def test_use_is_noted_at_most_once_a_minute(django_assert_num_queries: object) -> None:
    token, key = make_token(make_organization())

    with django_assert_num_queries(2):  # type: ignore[operator]
        open_with(key.text)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    with django_assert_num_queries(1):  # type: ignore[operator]
        open_with(key.text)
    long_ago = first - timedelta(minutes=2)
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=long_ago)
    open_with(key.text)

    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at > long_ago


def test_a_token_is_for_one_organization_and_no_more_than_its_maker_may() -> None:
    own, other = make_organization(), make_organization()
    owner = make_member(own, "owner")
    Membership.objects.create(organization=other, user=user_of(owner), role="owner")
    draft, foreign = make_scenario(own, published=False), make_scenario(other, published=False)
    reading, writing = (
        actor_of(make_token(own, *scopes, owner=owner)[0]) for scopes in ((), ("scenarios",))
    )

    for actor in (reading, writing):
        assert list(own_organizations(actor)) == [own]
        assert roles_in(other, actor) == set()
        assert set(organizations_behind(actor)) == {own, other}
        visible = scenarios.queries.visible_to(actor)
        assert (visible.contains(draft), visible.contains(foreign)) == (True, False)
    assert roles_in(own, reading) == {"viewer"}
    assert roles_in(own, writing) == {"editor"}
    assert not editable_organizations(reading).exists()
    assert list(editable_organizations(writing)) == [own]
    assert may("scenarios.change", writing, draft)
    assert not may("scenarios.change", reading, draft)
    assert not may("scenarios.change", writing, foreign)
    assert not may("capabilities.create", writing, own)
    assert not may("organizations.add_member", writing, own)

    Membership.objects.filter(organization=own, user=owner.user_id).update(role="viewer")
    assert roles_in(own, writing) == {"viewer"}
    assert not may("scenarios.change", writing, draft)
    assert not editable_organizations(writing).exists()


def test_duties_of_the_maker_do_not_pass_to_a_token() -> None:
    organization = make_organization()
    administrator = make_administrator()
    Membership.objects.create(organization=organization, user=user_of(administrator), role="owner")
    program = actor_of(make_token(organization, "scenarios", owner=administrator)[0])
    hidden = make_scenario(published=False)

    assert administrator.grants
    assert not program.grants
    assert scenarios.queries.visible_to(administrator).contains(hidden)
    assert not scenarios.queries.visible_to(program).contains(hidden)
    assert not may("scenarios.close", program, make_scenario())


def test_another_interest_of_the_maker_keeps_the_token_from_deciding() -> None:
    host, rival = make_organization(), make_organization()
    owner = make_member(host, "owner")
    received = make_application(make_scenario(host), make_capability(rival))
    program = actor_of(make_token(host, "applications", owner=owner)[0])
    assert may("applications.decide", program, received)

    Membership.objects.create(organization=rival, user=user_of(owner), role="viewer")

    assert not may("applications.decide", owner, received)
    assert not may("applications.decide", program, received)


def test_an_organization_has_so_many_tokens_in_force_and_no_more() -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    made = [make_token(organization, owner=owner)[0] for _ in range(MOST_TOKENS)]

    with pytest.raises(Conflict):
        make_token(organization, owner=owner)
    revoke_token(token=made[0], actor=owner)
    make_token(organization, owner=owner)


def test_the_list_takes_as_many_queries_for_one_as_for_many(
    django_assert_num_queries: object,
) -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    for count in (1, MOST_TOKENS - 1):
        for _ in range(count):
            make_token(organization, owner=owner)
        with django_assert_num_queries(1):  # type: ignore[operator]
            shown = [
                (str(each.user), each.standing, each.revoked_by)
                for each in queries.tokens_of(organization, owner)
            ]
        assert len(shown) in {1, MOST_TOKENS}


def test_an_export_of_personal_data_lists_tokens_without_their_secrets() -> None:
    token, _ = make_token(make_organization())

    (part,) = personal_data.everything_of(token.user)["api_tokens"]

    assert part["prefix"] == token.prefix
    assert token.digest not in str(part)
