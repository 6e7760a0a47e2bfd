"""Documents that prove something: stated, checked, run out, and what others see of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from audit.models import AuditEvent
from common.clock import beijing_today
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.models import database_now
from files.models import StoredFile
from files.queries import visible_to
from files.services import open_file
from organizations import evidence, tasks
from organizations.facts import EvidenceFacts
from organizations.models import Evidence, Organization
from organizations.queries import (
    ending_evidence,
    missing_for_submission,
    shown_attributes,
    unproved_attributes,
    was_checked,
)
from organizations.services import submit_organization, verify_organization
from outbox.models import Message
from tests.evidence import (
    PDF,
    Registration,
    make_draft,
    make_evidence,
    make_submitted,
    upload,
)
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


def lying(home: Path) -> list[str]:
    return [path.name for path in home.rglob("*") if path.is_file()]


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
    members = [draft.owner, make_member(draft.organization, "viewer")]
    reviewers = [make_administrator("content", city=GUANGZHOU), make_administrator("content")]
    for actor in members:
        assert list(visible_to(actor)) == [made.file]
    for actor in reviewers:
        assert not visible_to(actor).exists()
    submit_organization(organization=draft.organization, actor=draft.owner)
    for actor in members + reviewers:
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
    assert lying(home) == []


def test_taking_back_and_adding_again_fills_no_disk(settings: Any, home: Path) -> None:
    settings.EVIDENCE_FILES_A_DAY = 3
    draft = make_draft(licence=False)

    def add() -> Evidence:
        return evidence.add_evidence(
            organization=draft.organization, facts=licence(), upload=upload(), actor=draft.owner
        )

    for _ in range(3):
        evidence.withdraw_evidence(evidence=add(), actor=draft.owner)
    with pytest.raises(Conflict, match="24 小时内最多上传 3 份"):
        add()
    assert len(lying(home)) == 3
    StoredFile.objects.update(created_at=database_now() - timedelta(hours=25))
    assert add().state == "stated"


def test_documents_of_one_organization_take_so_much_room(settings: Any, home: Path) -> None:
    settings.EVIDENCE_MAX_BYTES = 2**20
    draft, content = make_draft(licence=False), PDF + b" " * (2**19 - len(PDF)) + b"%%EOF"

    def add(content: bytes) -> Evidence:
        return evidence.add_evidence(
            organization=draft.organization,
            facts=licence(),
            upload=upload(content=content),
            actor=draft.owner,
        )

    evidence.withdraw_evidence(evidence=add(content), actor=draft.owner)
    with pytest.raises(Conflict, match="合计最多 1 MB"):
        add(content)
    assert len(lying(home)) == 1
    add(PDF)
    another = make_draft(licence=False)
    evidence.add_evidence(
        organization=another.organization,
        facts=licence(),
        upload=upload(content=content),
        actor=another.owner,
    )


def test_one_person_uploads_so_much_for_however_many(settings: Any, home: Path) -> None:
    settings.FILES_A_DAY = 2
    given = make_draft(licence=False)
    others = [make_organization() for _ in range(2)]
    for organization in others:
        organization.memberships.create(user_id=given.owner.user_id, role="editor")
        evidence.add_evidence(
            organization=organization, facts=licence(), upload=upload(), actor=given.owner
        )

    with pytest.raises(Conflict, match="一人 24 小时内最多上传 2 个文件"):
        evidence.add_evidence(
            organization=given.organization, facts=licence(), upload=upload(), actor=given.owner
        )
    assert len(lying(home)) == 2
    colleague = make_member(given.organization)
    evidence.add_evidence(
        organization=given.organization, facts=licence(), upload=upload(), actor=colleague
    )


def test_files_go_when_nobody_needs_them(
    settings: Any, home: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.RETENTION_DAYS = {
        **settings.RETENTION_DAYS,
        "withdrawn_evidence": 10,
        "ended_evidence": 100,
    }
    draft = make_draft(licence=False)
    reviewer = make_administrator("content")

    def add(*steps: str, kind: str = "licence") -> Evidence:
        made = evidence.add_evidence(
            organization=draft.organization,
            facts=licence(kind=kind),
            upload=upload(),
            actor=draft.owner,
        )
        for step in steps:
            actor = draft.owner if step == "withdraw" else reviewer
            said = {"reason": "不清楚"} if step == "decline" else {}
            evidence.STEPS.take(step, made, actor, **said)
        return made

    add()
    submit_organization(organization=draft.organization, actor=draft.owner)
    verify_organization(organization=draft.organization, actor=reviewer)
    kept = Evidence.objects.get()
    unchecked, checked = add("withdraw"), add("confirm", "withdraw", kind="startup")
    declined, fresh = add("decline"), add("withdraw")
    now = database_now()

    def let_pass(days: int) -> None:
        Evidence.objects.exclude(pk=fresh.pk).update(updated_at=now - timedelta(days=days))
        with django_capture_on_commit_callbacks(execute=True):
            tasks.discard_files()

    def gone() -> set[Evidence]:
        return set(Evidence.objects.filter(file=None))

    let_pass(9)
    assert gone() == set()
    let_pass(11)
    assert gone() == {unchecked}
    let_pass(101)
    assert gone() == {unchecked, checked, declined}
    keys = StoredFile.objects.values_list("key", flat=True)
    assert sorted(lying(home)) == sorted(keys)
    assert set(StoredFile.objects.values_list("evidence", flat=True)) == {kept.pk, fresh.pk}
    told = AuditEvent.objects.filter(verb="organizations.evidence.discard_file")
    assert told.count() == 3
    assert all(each.before and each.details["digest"] for each in told)
    with pytest.raises(Forbidden):
        evidence.discard_files(actor=make_administrator("system"))


def test_reading_of_an_administrator_is_on_record(home: Path) -> None:
    draft = make_draft(licence=False)
    made = evidence.add_evidence(
        organization=draft.organization, facts=licence(), upload=upload(), actor=draft.owner
    )
    submit_organization(organization=draft.organization, actor=draft.owner)
    file, reviewer = made.file, make_administrator("content", city=GUANGZHOU)
    assert file is not None
    read = AuditEvent.objects.filter(verb="organizations.evidence.open_file")

    for own in (draft.owner, make_member(draft.organization, "viewer")):
        with open_file(file=file, actor=own) as content:
            assert content.read() == PDF
    assert not read.exists()
    with open_file(file=file, actor=reviewer) as content:
        assert content.read() == PDF
    (event,) = read
    assert (event.actor_user_id, event.object_id) == (reviewer.user_id, str(made.pk))
    assert event.organization_id == draft.organization.pk
    assert event.details == {"file": str(file.public_id), "digest": file.digest}
    for stranger in (make_member(make_organization(), "owner"), make_administrator("system")):
        with pytest.raises(NotFound):
            open_file(file=file, actor=stranger)
    for path in home.rglob(file.key):
        path.unlink()
    with pytest.raises(NotFound):
        open_file(file=file, actor=reviewer)
    assert read.count() == 1


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


def verified_with_licence(**facts: Any) -> Registration:
    given = make_submitted(**facts)
    verify_organization(organization=given.organization, actor=SYSTEM)
    given.organization.refresh_from_db()
    return given


def test_licence_of_a_verified_organization_gives_way_to_a_newer_one_alone(home: Path) -> None:
    given = verified_with_licence()
    organization = given.organization
    former = Evidence.objects.get(organization=organization)
    assert former.state == "confirmed"

    with pytest.raises(Conflict, match="只能更换"):
        evidence.withdraw_evidence(evidence=former, actor=given.owner)
    newer = evidence.add_evidence(
        organization=organization, facts=licence(), upload=upload(), actor=given.owner
    )
    with pytest.raises(Conflict, match="只能更换"):
        evidence.withdraw_evidence(evidence=former, actor=given.owner)
    reviewer = make_administrator("content", city=GUANGZHOU)
    evidence.confirm_evidence(evidence=newer, actor=reviewer)
    former.refresh_from_db()
    assert (former.state, newer.state) == ("replaced", "confirmed")
    (event,) = AuditEvent.objects.filter(verb="organizations.evidence.replace")
    assert (event.object_id, event.actor_user_id) == (str(former.pk), reviewer.user_id)
    with pytest.raises(Conflict, match="只能更换"):
        evidence.withdraw_evidence(evidence=newer, actor=given.owner)


def test_newer_proof_of_an_attribute_leaves_the_older_one() -> None:
    organization = make_organization(attributes=["high_tech"])
    older = make_evidence(organization, "high_tech", state="confirmed")
    newer = make_evidence(organization, "high_tech")

    evidence.confirm_evidence(evidence=newer, actor=SYSTEM)
    older.refresh_from_db()
    assert older.state == "confirmed"


def test_what_was_checked_only_owners_take_back() -> None:
    given = verified_with_licence(attributes=["high_tech"])
    checked = make_evidence(given.organization, "high_tech")
    evidence.confirm_evidence(evidence=checked, actor=SYSTEM)
    stated = make_evidence(given.organization, "startup")
    editor = make_member(given.organization, "editor")

    evidence.withdraw_evidence(evidence=stated, actor=editor)
    with pytest.raises(Forbidden):
        evidence.withdraw_evidence(evidence=checked, actor=editor)
    evidence.withdraw_evidence(evidence=checked, actor=given.owner)
    assert (stated.state, checked.state) == ("withdrawn", "withdrawn")
    assert (was_checked(stated), was_checked(checked)) == (False, True)
