"""Which rows somebody may see is said once for every model; it agrees with what they may do."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from common.actor import Actor, ActorKind
from common.errors import Forbidden
from common.permissions import may
from lifecycle.transitions import lifecycle_for
from organizations.models import VerificationComment
from tests.matrix.world import ACTORS, World
from tests.records import SYSTEM
from tokens.services import actor_of

# A dotted name is the query that says which rows an actor sees. Else: ``part of`` a model, read
# with what holds it; ``public``, facts for everybody; ``internal``, read by the platform alone.
VISIBILITY = {
    "accounts.User": "accounts.queries.visible_to",
    "accounts.Consent": "accounts.queries.consents_visible_to",
    "applications.Application": "applications.queries.visible_to",
    "audit.AuditEvent": "authorities.auditing.events_visible_to",
    "audit.AuditLink": "part of audit.AuditEvent",
    "authorities.Authority": "authorities.queries.visible_to",
    "authorities.AuthorityHistory": "internal: row history that no page shows",
    "authorities.Appointment": "authorities.queries.appointments_visible_to",
    "authorities.AppointmentHistory": "internal: row history that no page shows",
    "authorities.Delegation": "authorities.queries.delegations_visible_to",
    "authorities.DelegationHistory": "internal: row history that no page shows",
    "capabilities.Capability": "capabilities.queries.visible_to",
    "capabilities.Product": "capabilities.queries.visible_products",
    "capabilities.ReferenceCase": "part of capabilities.Capability",
    "catalogue.Catalogue": "public: who lists what on which basis",
    "catalogue.CatalogueItem": "catalogue.queries.visible_to",
    "catalogue.CatalogueEdition": "public: what is published stays published",
    "catalogue.EditionItem": "part of catalogue.CatalogueEdition",
    "files.StoredFile": "files.queries.visible_to",
    "imports.ImportedFile": "internal: tells an import whether it has taken a file over before",
    "matching.CurrentRun": "internal: the generation that readers use",
    "matching.MatchChange": "internal: from the workers to each other",
    "matching.MatchHistory": "part of scenarios.Scenario or capabilities.Capability",
    "matching.MatchList": "part of scenarios.Scenario or capabilities.Capability",
    "matching.MatchPart": "internal: what is still to be ranked",
    "matching.MatchRun": "internal: how far the ranking is, without records",
    "notifications.Digest": "part of notifications.Notification",
    "notifications.Notification": "notifications.queries.visible_to",
    "notifications.Preference": "part of accounts.User",
    "organizations.Organization": "organizations.queries.visible_to",
    "organizations.OrganizationHistory": "internal: organizations.history tells whom it concerns",
    "organizations.Membership": "organizations.queries.visible_memberships",
    "organizations.MembershipHistory": "internal: row history that no page shows",
    "organizations.Evidence": "organizations.queries.visible_evidence",
    "organizations.VerificationComment": "organizations.queries.visible_comments",
    "organizations.Amendment": "organizations.queries.visible_amendments",
    "organizations.JoinRequest": "organizations.queries.visible_join_requests",
    "organizations.Invitation": "organizations.queries.visible_invitations",
    "outbox.Delivery": "internal: what the relay has sent",
    "outbox.Message": "internal: what the relay sends",
    "policy.PolicyClause": "public: policy",
    "policy.PolicyDocument": "public: policy",
    "policy.PolicyEdition": "public: policy",
    "policy.PolicyRule": "public: policy",
    "policy.PolicyTarget": "public: policy",
    "policy.ResponsibleBody": "public: policy",
    "reviews.ExpertProfile": "reviews.queries.visible_to",
    "reviews.ExpertProfileHistory": "internal: row history that no page shows",
    "reviews.Interest": "reviews.queries.interests_visible_to",
    "scenarios.Scenario": "scenarios.queries.visible_to",
    "scenarios.ScenarioGoal": "part of scenarios.Scenario",
    "scenarios.TechnicalNeed": "part of scenarios.Scenario",
    "taxonomy.Carrier": "public: taxonomy",
    "taxonomy.CarrierSource": "public: taxonomy",
    "taxonomy.City": "public: taxonomy",
    "taxonomy.CityFocus": "public: taxonomy",
    "taxonomy.Concept": "public: taxonomy",
    "taxonomy.ConceptMapping": "public: taxonomy",
    "taxonomy.District": "public: taxonomy",
    "taxonomy.MissingCounterpart": "public: taxonomy",
    "taxonomy.Scheme": "public: taxonomy",
    "tokens.AnsweredCall": "internal: repeated to the very caller who was answered",
    "tokens.ApiToken": "tokens.queries.visible_to",
}
WORDS = ("part of ", "public: ", "internal: ")
QUERIES = sorted(name for name in VISIBILITY.values() if not name.startswith(WORDS))

MEMBERS = {"viewer", "editor", "owner"}
# A token of the organization reads what a viewer reads; it is no person.
ALL_MEMBERS = MEMBERS | {"program"}
OVERSEERS = {"content", "operator"}
KEEPERS = {"system", "province"}
# By query: private rows of the own side, and everybody in the world who sees them. Rows are named
# by their kinds in the world.
SEEN_BY: dict[str, tuple[list[str], set[str]]] = {
    "accounts.queries.visible_to": (["person"], {"owner"}),
    "accounts.queries.consents_visible_to": (["consent"], {"owner"}),
    "applications.queries.visible_to": (
        ["sent draft", "sent submitted", "received submitted", "received selected"],
        ALL_MEMBERS,
    ),
    "authorities.auditing.events_visible_to": (["event"], {"audit"}),
    "authorities.queries.visible_to": (["authority"], {"content", "operator", *KEEPERS}),
    "authorities.queries.appointments_visible_to": (["appointment"], {"content", *KEEPERS}),
    "authorities.queries.delegations_visible_to": (["delegation"], {"operator", *KEEPERS}),
    "capabilities.queries.visible_to": (["capability draft"], ALL_MEMBERS | OVERSEERS),
    "capabilities.queries.visible_products": (
        ["product"],
        ALL_MEMBERS | OVERSEERS | {"issuer", "catalogue"},
    ),
    "catalogue.queries.visible_to": (["item candidate"], ALL_MEMBERS | {"issuer"}),
    "files.queries.visible_to": (["file"], ALL_MEMBERS | OVERSEERS),
    "notifications.queries.visible_to": (["notice"], {"owner"}),
    "organizations.queries.visible_to": (
        [f"organization {state}" for state in ("submitted", "returned", "rejected", "suspended")],
        MEMBERS | OVERSEERS | KEEPERS,
    ),
    "organizations.queries.visible_memberships": (
        ["membership"],
        ALL_MEMBERS | OVERSEERS | KEEPERS,
    ),
    "organizations.queries.visible_evidence": (["evidence"], ALL_MEMBERS | OVERSEERS),
    "organizations.queries.visible_comments": (["comment"], ALL_MEMBERS | OVERSEERS),
    "organizations.queries.visible_amendments": (["amendment"], MEMBERS | OVERSEERS),
    "organizations.queries.visible_join_requests": (["request"], {"owner", "newcomer", *KEEPERS}),
    "organizations.queries.visible_invitations": (["invitation"], {"owner"}),
    "reviews.queries.visible_to": (["expert"], {"expert", "elsewhere", *OVERSEERS, *KEEPERS}),
    "reviews.queries.interests_visible_to": (["interest"], {"expert", "elsewhere", *OVERSEERS}),
    "scenarios.queries.visible_to": (
        ["scenario draft", "scenario submitted", "scenario returned"],
        ALL_MEMBERS | OVERSEERS,
    ),
    "tokens.queries.visible_to": (["token"], {"editor", "owner"}),
}
# Permissions on a record of the kinds; whoever has one for a record sees the record.
DECIDED: list[tuple[str, list[str], list[str]]] = [
    (
        "scenarios.queries.visible_to",
        [
            f"scenario {state}"
            for state in ("draft", "submitted", "returned", "published", "closed")
        ],
        [f"scenarios.{verb}" for verb in ("change", "submit", "review", "close")],
    ),
    (
        "capabilities.queries.visible_to",
        ["capability draft", "capability published"],
        [f"capabilities.{verb}" for verb in ("change", "publish", "withdraw")],
    ),
    ("capabilities.queries.visible_products", ["product"], ["capabilities.change"]),
    (
        "applications.queries.visible_to",
        [
            *(f"sent {state}" for state in ("draft", "submitted", "shortlisted", "selected")),
            *(f"received {state}" for state in ("submitted", "shortlisted", "selected")),
        ],
        [f"applications.{verb}" for verb in ("change", "submit", "withdraw", "decide")],
    ),
    (
        "catalogue.queries.visible_to",
        ["item candidate", "item under_notice", "item listed"],
        ["catalogue.curate"],
    ),
    (
        "organizations.queries.visible_to",
        [
            f"organization {state}"
            for state in ("draft", "submitted", "returned", "rejected", "verified", "suspended")
        ],
        [
            f"organizations.{verb}"
            for verb in (
                *("change", "submit", "verify", "suspend", "amend", "invite", "leave"),
                *("add_member", "change_role", "remove_member", "add_evidence"),
            )
        ],
    ),
    (
        "organizations.queries.visible_evidence",
        ["evidence"],
        ["organizations.withdraw_evidence", "organizations.check_evidence"],
    ),
    (
        "organizations.queries.visible_amendments",
        ["amendment"],
        ["organizations.withdraw_amendment", "organizations.check_amendment"],
    ),
    (
        "organizations.queries.visible_join_requests",
        ["request"],
        ["organizations.answer_join_request", "organizations.withdraw_join_request"],
    ),
    ("tokens.queries.visible_to", ["token"], ["tokens.revoke"]),
    (
        "authorities.queries.visible_to",
        ["authority"],
        ["authorities.appoint", "authorities.delegate"],
    ),
    ("reviews.queries.visible_to", ["expert"], ["reviews.end", "reviews.set_expertise"]),
]
SIDES = ("own", "rival")


def named(query: str) -> Callable[[Actor], QuerySet[Any]]:
    module, _dot, name = query.rpartition(".")
    found: Callable[[Actor], QuerySet[Any]] = getattr(import_module(module), name)
    return found


def own_models() -> Iterator[type[Model]]:
    rooms = {Path(settings.ROOT) / "platform", Path(settings.ROOT)}
    for model in apps.get_models():
        config = apps.get_app_config(model._meta.app_label)
        if Path(config.path).parent in rooms:
            yield model


def test_every_model_says_who_sees_its_rows() -> None:
    assert {model._meta.label for model in own_models()} == set(VISIBILITY)


def test_parts_belong_to_what_has_a_query_or_is_public() -> None:
    for label, said in VISIBILITY.items():
        if said.startswith("part of "):
            for whole in said.removeprefix("part of ").split(" or "):
                assert not VISIBILITY[whole].startswith(("part of ", "internal: ")), label


@pytest.mark.parametrize("query", QUERIES)
def test_queries_want_an_actor(query: str, world: World) -> None:
    parameters = [*inspect.signature(named(query)).parameters.values()]
    assert [each.annotation for each in parameters] in ([Actor], ["Actor"])
    assert parameters[0].default is inspect.Parameter.empty
    with pytest.raises((AttributeError, Forbidden)):
        list(named(query)(None))  # type: ignore[arg-type]


def test_every_query_is_asked() -> None:
    assert sorted(SEEN_BY) == QUERIES
    assert {query for query, _kinds, _permissions in DECIDED} <= set(QUERIES)


@pytest.fixture
def records(world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """The world's, and what it holds without a name. Whatever a test writes is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = dict(world.records)
        owners = {"own": world.people["owner"], "rival": world.people["rival"]}
        organizations = world.organizations
        made["person"] = owners
        made["consent"] = {side: owners[side].consents.get() for side in SIDES}
        made["membership"] = {
            side: organizations[side].memberships.get(user=owners[side]) for side in SIDES
        }
        made["event"] = {side: world.event_of("organization verified", side) for side in SIDES}
        made["comment"] = {
            side: VerificationComment.objects.create(
                organization=organizations[side], field="name", text="与执照不符"
            )
            for side in SIDES
        }
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def everybody(world: World, records: dict[str, Any]) -> dict[str, Actor]:
    """By the names of the world; ``program`` and ``rivals_program`` come with tokens."""
    keys = {name: world.people[name].pk for name in ACTORS if name != "visitor"}
    # Read anew: a person keeps the grants that were asked of them first.
    people = {name: Actor.of(User.objects.get(pk=key)) for name, key in keys.items()}
    tokens = world.records["token"]
    return {
        "visitor": Actor(ActorKind.VISITOR),
        **people,
        "program": actor_of(tokens["own"]),
        "rivals_program": actor_of(tokens["rival"]),
    }


def seers(query: str, record: Model, actors: dict[str, Actor]) -> set[str]:
    return {name for name, actor in actors.items() if named(query)(actor).filter(pk=record.pk)}


@pytest.mark.parametrize("query", QUERIES)
def test_private_rows_are_seen_by_those_alone(
    query: str, records: dict[str, Any], everybody: dict[str, Actor]
) -> None:
    kinds, expected = SEEN_BY[query]
    for kind in kinds:
        assert seers(query, records[kind]["own"], everybody) == expected, kind
        others = seers(query, records[kind]["rival"], everybody)
        assert others & (ALL_MEMBERS | {"visitor", "unverified"}) == set(), kind
    held = set(VISIBILITY) & {records[kind]["own"]._meta.label for kind in kinds}
    assert [VISIBILITY[label] for label in held] == [query]


def test_draft_of_a_registration_is_seen_by_its_members_alone(
    records: dict[str, Any], everybody: dict[str, Actor]
) -> None:
    draft = records["organization draft"]["own"]
    held: dict[str, Model] = {
        "organizations.queries.visible_to": draft,
        "organizations.queries.visible_memberships": draft.memberships.first(),
        "organizations.queries.visible_evidence": draft.evidence.get(),
        "organizations.queries.visible_comments": VerificationComment.objects.create(
            organization=draft, field="name", text="与执照不符"
        ),
        "files.queries.visible_to": draft.evidence.get().file,
    }

    for query, record in held.items():
        assert seers(query, record, everybody) == MEMBERS, query
    for permission in ("verify", "suspend", "add_member", "change_role", "remove_member"):
        doers = {n for n, a in everybody.items() if may(f"organizations.{permission}", a, draft)}
        assert doers <= {"owner"}, permission


def is_open(permission: str, record: Any) -> bool:
    """Whether what the permission is for can be done in the record's state at all."""
    lifecycle = lifecycle_for(type(record))
    steps = lifecycle.transitions if lifecycle else ()
    asked = [each for each in steps if each.permission == permission]
    return not asked or any(record.state in each.sources for each in asked)


@pytest.mark.parametrize(("query", "kinds", "permissions"), DECIDED)
def test_whoever_may_do_something_to_a_record_sees_it(
    query: str,
    kinds: list[str],
    permissions: list[str],
    records: dict[str, Any],
    everybody: dict[str, Actor],
) -> None:
    actors = {**everybody, "system itself": SYSTEM}
    held: set[str] = set()
    for record in _each(records, kinds):
        allowed = {
            permission: {name for name, actor in actors.items() if may(permission, actor, record)}
            for permission in permissions
            if is_open(permission, record)
        }
        doers = set().union(*allowed.values()) - {"system itself"}
        assert doers - seers(query, record, everybody) == set(), record
        held |= {permission for permission, names in allowed.items() if names}
    assert held == set(permissions)


def _each(records: dict[str, Any], kinds: Iterable[str]) -> Iterator[Any]:
    for kind in kinds:
        for side in SIDES:
            record = records[kind][side]
            record.refresh_from_db()
            yield record
