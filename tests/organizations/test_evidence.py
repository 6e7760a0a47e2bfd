"""Documents that prove something: stated, checked, run out, and what others see of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from audit.models import AuditEvent
from common.clock import beijing_today
from common.errors import Conflict, Forbidden, InvalidInput
from files.models import StoredFile
from files.queries import visible_to
from organizations import evidence, tasks
from organizations.facts import EvidenceFacts
from organizations.models import Evidence, Organization
from organizations.queries import (
    ending_evidence,
    missing_for_submission,
    shown_attributes,
    unproved_attributes,
)
from organizations.services import submit_organization, verify_organization
from outbox.models import Message
from tests.evidence import make_draft, make_evidence, make_submitted, upload
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    make_administrator,
    make_member,
    make_organization,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "FILES_HOME", tmp_path)
    return tmp_path


def licence(**values: object) -> EvidenceFacts:
    return EvidenceFacts.model_validate({"kind": "licence", **values})


def test_licence_is_needed_to_submit() -> None:
    draft = make_draft(licence=False)

    assert [each.place for each in missing_for_submission(draft.organization)] == ["evidence"]
    with pytest.raises(Conflict, match="营业执照"):
        submit_organization(organization=draft.organization, actor=draft.owner)
    evidence.add_evidence(
        organization=draft.organization, facts=licence(), upload=upload(), actor=draft.owner
    )
    submit_organization(organization=draft.organization, actor=draft.owner)
    assert draft.organization.state == "submitted"


def test_document_lies_with_its_file_for_those_who_check_and_belong(home: Path) -> None:
    draft = make_draft(licence=False)
    made = evidence.add_evidence(
        organization=draft.organization, facts=licence(), upload=upload(), actor=draft.owner
    )

    assert made.file is not None
    for actor in (
        draft.owner,
        make_member(draft.organization, "viewer"),
        make_administrator("content", city=GUANGZHOU),
        make_administrator("content"),
    ):
        assert list(visible_to(actor)) == [made.file]
    for actor in (
        make_member(make_organization(), "owner"),
        make_administrator("content", city="440300"),
        make_administrator("catalogue"),
        make_administrator("system"),
    ):
        assert not visible_to(actor).exists()


def test_refused_document_leaves_no_file(home: Path) -> None:
    draft = make_draft(licence=False)
    yesterday = beijing_today() - timedelta(days=1)

    with pytest.raises(InvalidInput) as refused:
        evidence.add_evidence(
            organization=draft.organization,
            facts=licence(valid_until=yesterday),
            upload=upload(),
            actor=draft.owner,
        )
    assert set(refused.value.fields) == {"valid_until"}
    with pytest.raises(Forbidden):
        evidence.add_evidence(
            organization=draft.organization,
            facts=licence(),
            upload=upload(),
            actor=make_member(draft.organization, "viewer"),
        )
    submitted = make_submitted()
    with pytest.raises(Conflict, match="待核验"):
        evidence.add_evidence(
            organization=submitted.organization,
            facts=licence(),
            upload=upload(),
            actor=submitted.owner,
        )
    assert not StoredFile.objects.exclude(evidence__isnull=False).exists()
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_document_under_review_is_not_taken_back() -> None:
    given = make_submitted()
    document = Evidence.objects.get(organization=given.organization)

    with pytest.raises(Conflict, match="待核验"):
        evidence.withdraw_evidence(evidence=document, actor=given.owner)


def test_attribute_is_shown_once_checked_and_while_it_lasts() -> None:
    draft = make_draft(attributes=["high_tech", "startup"])
    organization, today = draft.organization, beijing_today()
    document = make_evidence(organization, "high_tech", valid_until=today)
    submit_organization(organization=organization, actor=draft.owner)

    assert shown_attributes(organization) == []
    assert unproved_attributes(organization) == ["startup"]
    verify_organization(organization=organization, actor=make_administrator("content"))
    assert shown_attributes(organization) == ["高新技术企业"]
    Evidence.objects.filter(pk=document.pk).update(valid_until=today - timedelta(days=1))
    assert shown_attributes(organization) == []
    assert list(ending_evidence(organization)) == [document]


def test_platform_vouches_for_what_it_takes_up() -> None:
    organization = make_organization(attributes=["central"])

    assert shown_attributes(organization) == ["中央企业"]
    assert Evidence.objects.get().file is None


def test_evidence_that_ran_out_before_the_check_is_not_confirmed() -> None:
    draft = make_draft(attributes=["startup"])
    document = make_evidence(draft.organization, "startup")
    submit_organization(organization=draft.organization, actor=draft.owner)
    Evidence.objects.filter(pk=document.pk).update(valid_until=beijing_today() - timedelta(days=1))

    verify_organization(organization=draft.organization, actor=SYSTEM)
    document.refresh_from_db()
    assert document.state == "stated"


def test_nights_watch_marks_and_reminds_once() -> None:
    organization, today = make_organization(), beijing_today()
    kinds = {
        "over": today - timedelta(days=1),
        "today": today,
        "soon": today + timedelta(days=evidence.REMIND_DAYS),
        "later": today + timedelta(days=evidence.REMIND_DAYS + 1),
        "never": None,
    }
    made = {
        name: make_evidence(organization, valid_until=day, state="confirmed")
        for name, day in kinds.items()
    }

    tasks.watch_evidence()
    tasks.watch_evidence()

    for name, document in made.items():
        document.refresh_from_db()
        assert document.state == ("expired" if name == "over" else "confirmed"), name
        assert (document.reminded_at is not None) is (name in {"today", "soon"}), name
    topics = Message.objects.filter(topic__startswith="organizations.evidence.")
    assert sorted(topics.values_list("topic", "payload__id")) == [
        ("organizations.evidence.expire", made["over"].pk),
        ("organizations.evidence.expires_soon", made["today"].pk),
        ("organizations.evidence.expires_soon", made["soon"].pk),
    ]
    assert AuditEvent.objects.filter(verb="organizations.evidence.expire").count() == 1


def test_every_member_of_staff_who_reminds_is_the_platform() -> None:
    with pytest.raises(Forbidden):
        evidence.remind_of_evidence(actor=make_administrator())


def test_document_can_be_stated_after_verification_and_is_checked_alone() -> None:
    draft = make_submitted(attributes=["startup"])
    verify_organization(organization=draft.organization, actor=SYSTEM)
    Evidence.objects.filter(kind="startup").delete()
    made = evidence.add_evidence(
        organization=draft.organization,
        facts=EvidenceFacts.model_validate({"kind": "startup"}),
        upload=upload(),
        actor=draft.owner,
    )

    assert shown_attributes(draft.organization) == []
    reviewer = make_administrator("content", city=GUANGZHOU)
    evidence.confirm_evidence(evidence=made, actor=reviewer)
    assert shown_attributes(draft.organization) == ["初创企业"]
    evidence.decline_evidence(evidence=made, reason="看错了", actor=reviewer)
    assert shown_attributes(draft.organization) == []
    assert Organization.objects.get(pk=draft.organization.pk).state == "verified"
