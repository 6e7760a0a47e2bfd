"""Registering, verifying, suspending organizations: who may, what is written, what is refused."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pydantic import ValidationError

from accounts.models import User
from audit.models import AuditEvent
from audit.queries import events_of
from common.actor import Actor, ActorKind
from common.errors import Conflict, DomainError, Forbidden, InvalidInput
from files.models import StoredFile
from organizations.evidence import add_evidence, discard_files
from organizations.facts import EvidenceFacts, OrganizationFacts
from organizations.joining import decline_join_request
from organizations.models import Membership, Organization, VerificationComment
from organizations.queries import comments_of_last_return, open_comments, stated_facts
from organizations.services import (
    MOST_DRAFTS,
    change_organization,
    discard_organization,
    leave,
    recall_organization,
    register_organization,
    reject_organization,
    reopen_organization,
    restore_organization,
    return_organization,
    submit_organization,
    suspend_organization,
    verify_organization,
)
from outbox.models import Message
from tests.evidence import make_draft, make_submitted, upload
from tests.people import ask
from tests.races import at_once
from tests.records import (
    FOSHAN,
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    credit_code,
    make_administrator,
    make_capability,
    make_member,
    make_organization,
)

VISITOR = Actor(ActorKind.VISITOR)
FULL = {
    "name": "广州港股份有限公司",
    "legal_kind": "institution",
    "identifier": credit_code(900_001),
    "capacities": ["supply", "serve"],
    "attributes": ["state_owned", "high_tech"],
    "city": GUANGZHOU,
    "district": "guangzhou-nansha",
    "seat": "",
    "address": "广州市南沙区龙穴大道 1 号",
    "representative": "陈某",
}


def make_person() -> Actor:
    return Actor.of(User.objects.create_user(f"newcomer{User.objects.count()}@example.org"))


def written() -> tuple[int, int, int]:
    return Organization.objects.count(), AuditEvent.objects.count(), Message.objects.count()


def facts(**values: Any) -> OrganizationFacts:
    return OrganizationFacts(**{"name": "甲公司", "identifier": credit_code(900_000), **values})


@pytest.mark.django_db
def test_register_keeps_everything_that_is_stated() -> None:
    made = register_organization(facts=OrganizationFacts(**FULL), actor=SYSTEM)

    kept = Organization.objects.get(pk=made.pk)
    assert kept.city is not None
    assert kept.district is not None
    said = {name: getattr(kept, name) for name in set(FULL) - {"city", "district"}}
    assert {**said, "city": kept.city.code, "district": kept.district.code} == FULL
    assert (kept.state, kept.identifier_scheme) == ("submitted", "credit_code")


@pytest.mark.django_db
def test_register_with_name_and_number_alone() -> None:
    kept = register_organization(facts=facts(), actor=SYSTEM)

    kept.refresh_from_db()
    assert (kept.legal_kind, kept.capacities, kept.attributes) == (
        "enterprise",
        ["publish", "supply"],
        [],
    )
    assert (kept.city, kept.district, kept.seat, kept.state) == (None, None, "", "submitted")


@pytest.mark.django_db
def test_register_tells_of_it_once() -> None:
    before = written()

    made = register_organization(facts=facts(), actor=SYSTEM)

    assert written() == tuple(each + 1 for each in before)
    event = AuditEvent.objects.get(object_type="organizations.organization", object_id=made.pk)
    assert (event.verb, event.actor_label, event.details) == (
        "organizations.organization.register",
        "tests",
        {},
    )
    message = Message.objects.get(key=f"organizations.organization:{made.pk}")
    assert (message.topic, message.payload) == (
        "organizations.organization.register",
        {"id": made.pk},
    )


@pytest.mark.django_db
def test_person_begins_a_draft_and_owns_it() -> None:
    actor = make_person()

    made = register_organization(facts=facts(), actor=actor)

    assert (made.state, made.submitted_at) == ("draft", None)
    assert [*Membership.objects.values_list("organization", "user", "role")] == [
        (made.pk, actor.user_id, "owner")
    ]


@pytest.mark.django_db
def test_visitor_registers_nothing() -> None:
    before = written()

    with pytest.raises(Forbidden):
        register_organization(facts=facts(), actor=VISITOR)
    assert written() == before


@pytest.mark.django_db
def test_draft_claims_no_number_until_it_is_submitted() -> None:
    first, second = make_draft(identifier=credit_code(1)), make_draft(identifier=credit_code(1))
    submit_organization(organization=first.organization, actor=first.owner)

    with pytest.raises(Conflict, match="已经登记过"):
        submit_organization(organization=second.organization, actor=second.owner)
    with pytest.raises(Conflict, match="可以申请加入"):
        register_organization(facts=facts(identifier=credit_code(1)), actor=make_person())


@pytest.mark.django_db
def test_rejected_number_is_free_and_the_rejection_cannot_be_undone_then() -> None:
    false = make_submitted(identifier=credit_code(2))
    reject_organization(organization=false.organization, reason="证照不符", actor=SYSTEM)
    true = make_submitted(identifier=credit_code(2))

    with pytest.raises(Conflict, match="已经登记过"):
        reopen_organization(organization=false.organization, reason="再看", actor=SYSTEM)
    recall_organization(organization=true.organization, actor=true.owner)
    reopen_organization(organization=false.organization, reason="再看", actor=SYSTEM)
    assert false.organization.state == "returned"


@pytest.mark.django_db
def test_one_person_keeps_few_drafts_and_none_twice() -> None:
    actor = make_person()
    register_organization(facts=facts(), actor=actor)

    with pytest.raises(Conflict, match="草稿"):
        register_organization(facts=facts(), actor=actor)
    for number in range(MOST_DRAFTS - 1):
        register_organization(facts=facts(identifier=credit_code(910_000 + number)), actor=actor)
    with pytest.raises(Conflict, match="没有提交的登记"):
        register_organization(facts=facts(identifier=credit_code(920_000)), actor=actor)


@pytest.mark.django_db
def test_event_of_a_change_says_what_stood_before() -> None:
    draft = make_draft()
    organization, owner = draft.organization, draft.owner
    for name in ("改名", "又改名"):
        facts = stated_facts(organization).model_copy(update={"name": name})
        change_organization(organization=organization, facts=facts, actor=owner)

    registered, first, second = events_of(organization)
    assert [registered.before, first.before, second.before] == [
        "",
        registered.after,
        first.after,
    ]
    assert len({registered.after, first.after, second.after}) == 3


@pytest.mark.django_db
def test_draft_changes_wholly_what_is_verified_only_beside_the_licence() -> None:
    draft = make_draft()
    organization, owner = draft.organization, draft.owner
    stated = stated_facts(organization)

    changed = change_organization(
        organization=organization, facts=stated.model_copy(update={"name": "改名"}), actor=owner
    )
    assert (changed.name, changed.skeleton) == ("改名", "改名")
    submit_organization(organization=organization, actor=owner)
    with pytest.raises(Conflict, match="待核验"):
        change_organization(organization=organization, facts=stated, actor=owner)
    verify_organization(organization=organization, actor=SYSTEM)
    stated = stated_facts(Organization.objects.get(pk=organization.pk))
    with pytest.raises(InvalidInput) as refused:
        change_organization(
            organization=organization,
            facts=stated.model_copy(update={"name": "又改", "city": SHENZHEN, "address": "新址"}),
            actor=owner,
        )
    assert set(refused.value.fields) == {"name", "city"}
    changed = change_organization(
        organization=organization,
        facts=stated.model_copy(update={"address": "新址"}),
        actor=owner,
    )
    assert (changed.address, changed.name, changed.state) == ("新址", "改名", "verified")


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["visitor", "viewer", "stranger"])
def test_others_change_nothing(role: str) -> None:
    draft = make_draft()
    actor = {
        "visitor": lambda: VISITOR,
        "viewer": lambda: make_member(draft.organization, "viewer"),
        "stranger": lambda: make_member(make_organization(), "owner"),
    }[role]()
    before = written()

    with pytest.raises(Forbidden):
        change_organization(
            organization=draft.organization,
            facts=stated_facts(draft.organization),
            actor=actor,
        )
    assert written() == before


@pytest.mark.django_db
def test_comments_of_a_return_stand_until_it_is_submitted_again() -> None:
    given = make_submitted()

    return_organization(
        organization=given.organization,
        reason="请补正",
        comments={"name": "与执照不符", "seat": "  "},
        actor=SYSTEM,
    )

    said = open_comments(given.organization)
    assert [(each.field, each.text) for each in said] == [("name", "与执照不符")]
    submit_organization(organization=given.organization, actor=given.owner)
    assert not open_comments(given.organization).exists()
    assert VerificationComment.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("comments", [{"state": "改"}, {"name": "长" * 501}], ids=["field", "long"])
def test_comment_that_fits_no_field_returns_nothing(comments: dict[str, str]) -> None:
    given = make_submitted()

    with pytest.raises(InvalidInput):
        return_organization(
            organization=given.organization, reason="请补正", comments=comments, actor=SYSTEM
        )
    given.organization.refresh_from_db()
    assert given.organization.state == "submitted"


def test_of_two_administrators_who_decide_at_once_one_is_told(committed_db: str) -> None:
    given = make_submitted(city=GUANGZHOU)
    first, second = make_administrator(), make_administrator()

    def decide(act: Any, actor: Actor, **said: str) -> str:
        organization = Organization.objects.get(pk=given.organization.pk)
        try:
            act(organization=organization, actor=actor, **said)
        except Conflict:
            return "told"
        return "won"

    done = at_once(
        lambda: decide(verify_organization, first),
        lambda: decide(reject_organization, second, reason="不符"),
    )

    assert sorted(done) == ["told", "won"]
    verbs = AuditEvent.objects.filter(
        object_type="organizations.organization",
        object_id=str(given.organization.pk),
        verb__regex="(verify|reject)$",
    )
    assert verbs.count() == 1


def test_of_two_who_submit_the_same_number_at_once_one_is_told(committed_db: str) -> None:
    drafts = [make_draft(identifier=credit_code(3)) for _ in range(2)]

    def submit(draft: Any) -> str:
        try:
            submit_organization(organization=draft.organization, actor=draft.owner)
        except Conflict:
            return "told"
        return "won"

    assert sorted(at_once(*(lambda d=d: submit(d) for d in drafts))) == ["told", "won"]


@pytest.mark.django_db
@pytest.mark.parametrize("actor", [None, "admin", object()], ids=lambda actor: type(actor).__name__)
def test_verbs_refuse_to_run_without_an_actor(actor: Any) -> None:
    organization = make_organization(verified=False)
    before = written()

    for act in (
        lambda: register_organization(facts=facts(), actor=actor),
        lambda: verify_organization(organization=organization, actor=actor),
        lambda: suspend_organization(organization=organization, reason="核查", actor=actor),
    ):
        with pytest.raises(Forbidden, match="缺少身份信息"):
            act()
    assert written() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"city": "430100"}, "city"),
        ({"city": SHENZHEN, "district": "guangzhou-nansha"}, "district"),
        ({"city": FOSHAN, "district": "guangzhou-nansha"}, "district"),
        ({"district": "guangzhou-nansha"}, "district"),
    ],
    ids=str,
)
def test_register_refuses_places_that_there_are_not(place: dict[str, str], field: str) -> None:
    before = written()

    with pytest.raises(InvalidInput) as refusal:
        register_organization(facts=facts(**place), actor=SYSTEM)
    assert set(refusal.value.fields) == {field}
    assert written() == before


@pytest.mark.django_db
def test_number_is_taken_once_in_its_scheme() -> None:
    first = make_organization(identifier="12345678", identifier_scheme="hong_kong")
    before = written()

    with pytest.raises(Conflict, match="已经登记过"):
        make_organization(identifier=" １２３４５６７８ ", identifier_scheme="hong_kong")
    assert written() == before

    other = make_organization(identifier="12345678", identifier_scheme="macau")
    assert other.pk != first.pk


def test_of_two_who_register_the_same_number_at_once_one_is_told(committed_db: str) -> None:
    def register() -> str:
        try:
            register_organization(facts=facts(), actor=SYSTEM)
        except DomainError as error:
            return type(error).__name__
        return "won"

    assert sorted(at_once(register, register)) == ["Conflict", "won"]
    assert Organization.objects.count() == 1
    verb = "organizations.organization.register"
    assert AuditEvent.objects.filter(verb=verb).count() == 1
    assert Message.objects.filter(topic=verb).count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "字" * 121}, "name"),
        ({"name": "\u200b \u3164"}, "name"),
        ({"name": "甲\x00"}, "name"),
        ({"name": " 某\u3000"}, "name"),
        ({"name": "甲\u202e乙"}, "name"),
        ({"identifier": "91440000MA5000000X"}, "identifier"),
        ({"identifier": "\x00"}, "identifier"),
        ({"identifier": "12", "identifier_scheme": "macau"}, "identifier"),
        ({"identifier_scheme": "passport"}, "identifier_scheme"),
        ({"legal_kind": "person"}, "legal_kind"),
        ({"capacities": []}, "capacities"),
        ({"capacities": ["review"]}, "capacities"),
        ({"attributes": ["famous"]}, "attributes"),
        ({"city": "\ud800"}, "city"),
        ({"city": "4" * 241}, "city"),
        ({"seat": "字" * 61}, "seat"),
        ({"city": GUANGZHOU, "seat": "北京市"}, "seat"),
        ({"state": "verified"}, "state"),
        ({"id": 1}, "id"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_facts_refuse_by_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        facts(**wrong)

    assert {each["loc"][0] for each in refusal.value.errors()} == {field}


def test_capacity_given_twice_counts_once() -> None:
    assert facts(capacities=["serve", "serve"]).capacities == ["serve"]


@pytest.mark.django_db
def test_organization_is_verified_suspended_and_restored() -> None:
    organization = make_organization(verified=False)

    verify_organization(organization=organization, actor=SYSTEM)
    suspend_organization(organization=organization, reason="核查", actor=SYSTEM)
    with pytest.raises(InvalidInput):
        restore_organization(organization=organization, reason=" ", actor=SYSTEM)
    restore_organization(organization=organization, reason="已查清", actor=SYSTEM)
    events = AuditEvent.objects.filter(
        object_type="organizations.organization", object_id=organization.pk
    ).order_by("id")
    assert [(each.verb.rpartition(".")[2], each.details.get("to")) for each in events] == [
        ("register", None),
        ("verify", "verified"),
        ("suspend", "suspended"),
        ("restore", "verified"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "returned", "rejected"])
def test_registration_that_nobody_verified_is_given_up(
    state: str, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.FILES_HOME = tmp_path
    given = make_draft(licence=False, name="放弃的单位")
    organization = given.organization
    licence = EvidenceFacts.model_validate({"kind": "licence"})
    add_evidence(organization=organization, facts=licence, upload=upload(), actor=given.owner)
    if state != "draft":
        submit_organization(organization=organization, actor=given.owner)
        decide = return_organization if state == "returned" else reject_organization
        decide(organization=organization, reason="不符", actor=SYSTEM)

    with django_capture_on_commit_callbacks(execute=True):
        discard_organization(organization=organization, actor=given.owner)
    assert not Organization.objects.exists()
    assert not Membership.objects.exists()
    # What somebody has decided by is kept for its time.
    kept = 0 if state == "draft" else 1
    assert StoredFile.objects.count() == kept
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == kept
    discard_files(actor=SYSTEM)
    assert StoredFile.objects.count() == kept
    StoredFile.objects.update(attached_at=timezone.now() - timedelta(days=1096))
    with django_capture_on_commit_callbacks(execute=True):
        discard_files(actor=SYSTEM)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    (event,) = AuditEvent.objects.filter(verb="organizations.organization.discard")
    assert event.actor_user_id == given.owner.user_id
    told = event.details
    assert (told["name"], told["state"], len(told["files"])) == ("放弃的单位", state, 1)


@pytest.mark.django_db
def test_what_is_verified_or_under_way_is_not_given_up() -> None:
    for given in (make_organization(), make_submitted().organization):
        with pytest.raises(Conflict, match="不能放弃登记"):
            discard_organization(organization=given, actor=make_member(given, "owner"))
        assert Organization.objects.filter(pk=given.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["editor", "viewer", "stranger", "administrator"])
def test_only_an_owner_gives_up(who: str) -> None:
    organization = make_draft().organization
    actor = {
        "stranger": make_person,
        "administrator": lambda: make_administrator("content"),
    }.get(who, lambda: make_member(organization, who))()

    with pytest.raises(Forbidden):
        discard_organization(organization=organization, actor=actor)
    assert Organization.objects.filter(pk=organization.pk).exists()


@pytest.mark.django_db
def test_registration_of_several_people_or_that_others_ask_to_join_is_not_given_up() -> None:
    given = make_submitted()
    request = ask(given.organization, make_person())
    return_organization(organization=given.organization, reason="缺页", actor=SYSTEM)
    with pytest.raises(Conflict, match="没有答复的加入申请"):
        discard_organization(organization=given.organization, actor=given.owner)
    decline_join_request(request=request, actor=given.owner)
    colleague = make_member(given.organization, "viewer")
    with pytest.raises(Conflict, match="其他成员"):
        discard_organization(organization=given.organization, actor=given.owner)

    leave(organization=given.organization, actor=colleague)
    discard_organization(organization=given.organization, actor=given.owner)
    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_organization_for_which_something_was_written_is_not_given_up() -> None:
    given = make_draft()
    make_capability(given.organization, published=False)
    given.organization.memberships.exclude(user=given.owner.user_id).delete()

    with pytest.raises(Conflict, match="名下"):
        discard_organization(organization=given.organization, actor=given.owner)
    assert not AuditEvent.objects.filter(verb="organizations.organization.discard").exists()


@pytest.mark.django_db
def test_comments_of_the_last_return_are_kept_for_the_next_check() -> None:
    given = make_submitted()
    organization = given.organization
    for text in ("第一次", "第二次"):
        return_organization(
            organization=organization, reason="补正", comments={"name": text}, actor=SYSTEM
        )
        submit_organization(organization=organization, actor=given.owner)

    assert [each.text for each in comments_of_last_return(organization)] == ["第二次"]
    return_organization(organization=organization, reason="补正", actor=SYSTEM)
    assert list(comments_of_last_return(organization)) == []
