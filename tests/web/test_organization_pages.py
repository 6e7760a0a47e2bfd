"""Pages on which organizations register, prove who they are, and gather their people."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common.actor import Actor
from files import storage
from organizations import joining
from organizations.enums import MemberRole
from organizations.models import (
    Amendment,
    Evidence,
    Invitation,
    JoinRequest,
    Membership,
    Organization,
)
from organizations.queries import role_of
from organizations.services import verify_organization
from tests.evidence import PDF, make_draft, make_evidence, make_submitted, png
from tests.pages import read, signed_in
from tests.people import ask, invited, make_person
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    credit_code,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)

pytestmark = pytest.mark.django_db
CODE = credit_code(650_001)
FACTS = {
    "identifier_scheme": "credit_code",
    "identifier": CODE,
    "name": "广州示例科技有限公司",
    "legal_kind": "enterprise",
    "representative": "陈某",
    "capacities": ["supply"],
    "city": GUANGZHOU,
    "district": "",
    "seat": "",
    "address": "",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "FILES_HOME", tmp_path)
    return tmp_path


def page(organization: Organization, name: str, *more: Any) -> str:
    return reverse(name, args=[organization.public_id, *more])


def licence(content: bytes = PDF, name: str = "执照.pdf") -> dict[str, Any]:
    return {"kind": "licence", "file": SimpleUploadedFile(name, content)}


# Registering


def test_person_registers_uploads_submits_and_is_verified() -> None:
    actor = make_person()
    client = signed_in(actor)
    assert reverse("organization_new") in read(client, "/my/")
    assert "登记组织" in read(client, reverse("organization_new"))

    answer = client.post(reverse("organization_new"), FACTS)
    organization = Organization.objects.get(identifier=CODE)
    assert answer.headers["Location"] == page(organization, "organization_evidence")
    assert "提交前还缺" in read(client, answer.headers["Location"])
    answer = client.post(page(organization, "organization_evidence"), licence())
    assert answer.status_code == 302
    shown = read(client, page(organization, "organization_detail"))
    assert "必填内容已齐" in shown
    client.post(page(organization, "organization_step", "submit"))

    reviewer = signed_in(make_administrator("content", city=GUANGZHOU))
    assert "广州示例科技" in read(reviewer, reverse("organization_verification"))
    assert "执照.pdf" in read(reviewer, page(organization, "organization_review"))
    answer = reviewer.post(page(organization, "organization_step", "verify"))
    assert answer.headers["Location"] == page(organization, "organization_review")
    organization.refresh_from_db()
    assert organization.state == "verified"
    assert role_of(organization, user_of(actor)) == "owner"
    for own in ("detail", "edit", "amend", "evidence", "members"):
        read(client, page(organization, f"organization_{own}"))


def test_faults_stand_at_their_fields_and_a_taken_number_leads_to_joining() -> None:
    client = signed_in(make_person())

    answer = client.post(reverse("organization_new"), {**FACTS, "identifier": CODE[:-1]})
    assert "应为 18 位" in answer.content.decode()
    taken = make_organization()
    answer = client.post(reverse("organization_new"), {**FACTS, "identifier": taken.identifier})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "申请加入" in text
    assert taken.name not in text
    assert not Organization.objects.filter(name=FACTS["name"]).exists()


def test_comment_stands_beside_its_field() -> None:
    given = make_submitted()
    reviewer = signed_in(make_administrator("content"))
    address = page(given.organization, "organization_return")
    assert given.organization.name in read(reviewer, address)

    answer = reviewer.post(address, {"reason": "请补正", "on-name": "与执照上的全称不符"})
    assert answer.status_code == 302
    client = signed_in(given.owner)
    assert "请补正" in read(client, page(given.organization, "organization_detail"))
    form = read(client, page(given.organization, "organization_edit"))
    assert re.search("与执照上的全称不符.{0,200}名称", form, re.DOTALL)


def test_two_reviewers_one_is_told() -> None:
    given = make_submitted()
    first, second = (signed_in(make_administrator("content")) for _ in range(2))
    address = page(given.organization, "organization_step", "reject")
    version = given.organization.updated_at.isoformat()
    read(second, f"{address}?version={version}")
    first.post(page(given.organization, "organization_step", "verify"))

    answer = second.post(address, {"reason": "不符", "version": version})
    assert answer.status_code == 409
    assert Organization.objects.get(pk=given.organization.pk).state == "verified"


def test_verified_organization_changes_by_an_amendment() -> None:
    organization = make_organization("旧名公司", city=GUANGZHOU, representative="陈某")
    owner = make_member(organization, "owner")
    client, reviewer = signed_in(owner), signed_in(make_administrator("content"))
    form = read(client, page(organization, "organization_edit"))
    assert 'name="name"' not in form

    version = organization.updated_at.isoformat()
    told = {"capacities": ["serve"], "attributes": [], "address": "新址", "version": version}
    assert client.post(page(organization, "organization_edit"), told).status_code == 302
    organization.refresh_from_db()
    assert (organization.address, organization.name) == ("新址", "旧名公司")
    changed = {**FACTS, "identifier": organization.identifier, "name": "新名公司", "note": "更名"}
    assert client.post(page(organization, "organization_amend"), changed).status_code == 302
    assert "新名公司" not in read(Client(), page(organization, "organization_detail"))
    shown = read(reviewer, page(organization, "organization_review"))
    assert "新名公司" in shown
    assert "更名" in shown
    step = page(organization, "amendment_step", Amendment.objects.get().public_id, "approve")
    reviewer.post(step)
    organization.refresh_from_db()
    assert organization.name == "新名公司"


# Evidence and files


def test_file_reaches_members_and_reviewers_alone_and_runs_nothing() -> None:
    draft = make_draft(licence=False)
    client = signed_in(draft.owner)
    client.post(page(draft.organization, "organization_evidence"), licence(png(), "../<b>照.png"))
    file = Evidence.objects.get().file
    assert file is not None
    address = reverse("stored_file", args=[file.public_id])

    answer = client.get(address)
    assert b"".join(answer.streaming_content) == png()  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Content-Type"] == "image/png"
    assert client.get(f"{address}?inline=1")["Content-Disposition"].startswith("inline")
    reviewer = signed_in(make_administrator("content", city=GUANGZHOU))
    assert reviewer.get(address).status_code == 200
    for stranger in (
        make_member(make_organization(), "owner"),
        make_administrator("content", city=SHENZHEN),
        make_administrator("catalogue"),
    ):
        assert signed_in(stranger).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    Membership.objects.filter(user_id=draft.owner.user_id).delete()
    assert client.get(address).status_code == 404  # THREATS A30


def test_pdf_is_never_shown_inline() -> None:
    draft = make_draft(licence=False)
    client = signed_in(draft.owner)
    client.post(page(draft.organization, "organization_evidence"), licence())
    file = Evidence.objects.get().file
    assert file is not None

    answer = client.get(reverse("stored_file", args=[file.public_id]) + "?inline=1")
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("content", [b"<svg/>", b""], ids=["drawing", "nothing"])
def test_what_is_no_document_is_refused_in_words(content: bytes) -> None:
    draft = make_draft(licence=False)

    answer = signed_in(draft.owner).post(
        page(draft.organization, "organization_evidence"), licence(content)
    )
    assert answer.status_code == 400
    assert "只接受 PDF" in answer.content.decode() or "空的" in answer.content.decode()
    assert not Evidence.objects.exists()


def test_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make_draft(licence=False)
    monkeypatch.setattr(settings, "FILES_MAX_BYTES", 2**20)

    answer = signed_in(draft.owner).post(
        page(draft.organization, "organization_evidence"), licence(PDF + b" " * 3 * 2**20)
    )
    assert answer.status_code == 413
    assert "1 MB" in answer.content.decode()


def test_full_disk_is_said_and_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make_draft(licence=False)

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    answer = signed_in(draft.owner).post(
        page(draft.organization, "organization_evidence"), licence()
    )
    assert answer.status_code == 507
    assert "存储空间已满" in answer.content.decode()
    assert not Evidence.objects.exists()
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_upload_needs_its_token_against_forgery() -> None:
    draft = make_draft(licence=False)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_of(draft.owner))

    answer = client.post(page(draft.organization, "organization_evidence"), licence())
    assert answer.status_code == 403
    assert not Evidence.objects.exists()


def test_document_is_taken_back_and_of_a_verified_one_checked() -> None:
    given = make_submitted(attributes=["startup"])
    verify_organization(organization=given.organization, actor=SYSTEM)
    stated = make_evidence(given.organization, "high_tech")
    reviewer, client = signed_in(make_administrator("content")), signed_in(given.owner)
    assert "新材料待核验" in read(reviewer, reverse("organization_verification"))

    reviewer.post(page(given.organization, "evidence_step", stated.public_id, "confirm"))
    stated.refresh_from_db()
    assert stated.state == "confirmed"
    address = page(given.organization, "evidence_step", stated.public_id, "withdraw")
    assert "不能撤销" in read(client, address)
    client.post(address)
    stated.refresh_from_db()
    assert stated.state == "withdrawn"


# Numbers


@pytest.mark.parametrize(
    ("scheme", "identifier", "valid"),
    [
        ("credit_code", CODE, True),
        ("credit_code", CODE[:-1] + "0", False),
        ("hong_kong", "12345678", True),
        ("macau", "12", False),
        ("passport", "12345678", False),
        ("credit_code", "\x00", False),
    ],
)
def test_number_is_checked_while_typing(scheme: str, identifier: str, valid: bool) -> None:
    client = signed_in(make_person())
    given = {"scheme": scheme, "identifier": identifier}

    said = client.get(reverse("check_identifier"), given).json()
    assert (said["valid"], said["taken"]) == (valid, False)
    assert said["message"]


def test_number_that_is_taken_tells_nothing_more() -> None:
    taken = make_organization("机密组织", verified=False)
    given = {"scheme": "credit_code", "identifier": taken.identifier}

    answer = signed_in(make_person()).get(reverse("check_identifier"), given)
    assert answer.json()["taken"]
    assert "机密组织" not in answer.content.decode()
    assert Client().get(reverse("check_identifier"), given).status_code == 302


# The queue


def test_queue_holds_its_number_of_queries(django_assert_max_num_queries: Any) -> None:
    client = signed_in(make_administrator("content"))
    make_submitted()
    read(client, reverse("organization_verification"))
    with django_assert_max_num_queries(20) as one:
        read(client, reverse("organization_verification"))
    for _ in range(29):
        make_submitted()
    with django_assert_max_num_queries(len(one)):
        shown = read(client, reverse("organization_verification"))
    assert shown.count('class="record-name"') == 30


def test_queue_shows_ones_own_place_and_what_looks_alike() -> None:
    make_organization("未来科技有限公司", city=SHENZHEN)
    make_submitted(name="末来科技股份有限公司", city=GUANGZHOU)
    make_submitted(name="深圳的公司", city=SHENZHEN)
    draft = make_draft(name="草稿公司")

    shown = read(
        signed_in(make_administrator("content", city=GUANGZHOU)),
        reverse("organization_verification"),
    )
    assert "名称相近 1" in shown
    assert "深圳的公司" not in shown
    assert "草稿公司" not in shown
    reviewer = signed_in(make_administrator("content"))
    read(reviewer, page(draft.organization, "organization_review"), status=404)
    for query in ("?state=", "?state=verified&city=440300", "?q=末来&sort=name"):
        read(reviewer, reverse("organization_verification") + query)


@pytest.mark.parametrize("who", ["visitor", "owner", "catalogue"])
def test_queue_is_for_those_in_charge_of_content(who: str) -> None:
    given = make_submitted()
    clients = {
        "visitor": Client,
        "owner": lambda: signed_in(given.owner),
        "catalogue": lambda: signed_in(make_administrator("catalogue")),
    }
    client = clients[who]()
    for address in (
        reverse("organization_verification"),
        page(given.organization, "organization_review"),
    ):
        assert client.get(address).status_code == (302 if who == "visitor" else 403)


# People


def test_owner_invites_and_the_invited_accepts() -> None:
    organization = make_organization()
    owner = signed_in(make_member(organization, "owner"))

    answer = owner.post(
        page(organization, "organization_invite"),
        {"email": "new@example.org", "role": "editor"},
    )
    assert answer.status_code == 302
    invitation = Invitation.objects.get()
    assert "new@example.org" in read(owner, page(organization, "organization_members"))
    link = reverse("invitation", args=[joining.token_of(invitation)])
    shown = read(Client(), link)
    assert f"next={link}".replace("/", "%2F") in shown
    assert "n***@example.org" in shown
    assert "new@example.org" not in shown
    assert "接受邀请" not in read(signed_in(make_person("x@example.org")), link, status=403)
    actor = make_person()
    client = signed_in(actor)
    assert "接受邀请" in read(client, link)
    assert client.post(link).status_code == 302
    assert role_of(organization, user_of(actor)) == "editor"
    read(client, link, status=410)
    read(client, reverse("invitation", args=["0" * 64]), status=404)


def test_same_answer_whether_the_address_has_an_account(settings: Any) -> None:
    organization = make_organization()
    make_person("known0@example.org")
    owner = signed_in(make_member(organization, "owner"))
    told = []
    for email in ("known0@example.org", "nobody@example.org"):
        answer = owner.post(
            page(organization, "organization_invite"),
            {"email": email, "role": "viewer"},
            follow=True,
        )
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        message = re.search(r'<div class="alert[^>]*>([^<]*)<', text)
        assert message is not None
        told.append((answer.status_code, message[1].replace(email, "")))
    assert told[0] == told[1]


def test_request_is_answered_on_the_members_page() -> None:
    organization, actor = make_organization(verified=False), make_person()
    client = signed_in(actor)
    asking = {
        "identifier_scheme": "credit_code",
        "identifier": organization.identifier,
        "message": "研发部王工",
    }
    assert client.post(reverse("organization_join"), asking).status_code == 302
    shown = read(client, reverse("organization_join"))
    assert organization.identifier in shown
    assert organization.name not in shown

    owner = signed_in(make_member(organization, "owner"))
    assert "研发部王工" in read(owner, page(organization, "organization_members"))
    request = JoinRequest.objects.get()
    owner.post(
        page(organization, "join_request_answer", request.public_id, "accept"),
        {"role": "editor"},
    )
    assert role_of(organization, user_of(actor)) == "editor"
    for number, status in ((credit_code(1), 400), ("12", 400)):
        answer = client.post(reverse("organization_join"), {**asking, "identifier": number})
        assert answer.status_code == status


def test_members_see_each_other_masked_and_owners_in_full() -> None:
    organization = make_organization()
    owner, viewer = make_member(organization, "owner"), make_member(organization, "viewer")
    address = page(organization, "organization_members")
    email = user_of(owner).email

    assert email not in read(signed_in(viewer), address)
    assert "p***@example.org" in read(signed_in(viewer), address)
    assert user_of(viewer).email in read(signed_in(owner), address)
    read(signed_in(make_member(make_organization())), address, status=403)
    assert Client().get(address).status_code == 302


def test_owner_changes_roles_removes_and_cannot_leave_alone() -> None:
    organization = make_organization()
    owner, other = make_member(organization, "owner"), make_member(organization)
    client, person = signed_in(owner), user_of(other)

    client.post(page(organization, "member_role", person.public_id), {"role": "viewer"})
    assert role_of(organization, person) == "viewer"
    read(client, page(organization, "member_remove", person.public_id))
    client.post(page(organization, "member_remove", person.public_id))
    assert role_of(organization, person) is None
    answer = client.post(page(organization, "member_leave"), follow=True)
    assert "最后一位负责人" in answer.content.decode()
    assert role_of(organization, user_of(owner)) == "owner"


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_others_manage_nobody(role: str) -> None:
    organization = make_organization()
    owner = user_of(make_member(organization, "owner"))
    client = signed_in(make_member(organization, role))

    client.post(page(organization, "member_role", owner.public_id), {"role": "viewer"})
    assert client.post(page(organization, "member_remove", owner.public_id)).status_code == 403
    invite = {"email": "x@example.org", "role": "owner"}
    assert client.post(page(organization, "organization_invite"), invite).status_code == 403
    assert role_of(organization, owner) == "owner"
    assert not Invitation.objects.exists()


STEPS = ["edit", "amend", "evidence", "members", "return"]


@pytest.mark.parametrize("name", STEPS)
def test_strangers_find_nothing_of_an_unverified_organization(name: str) -> None:
    draft = make_draft()
    stranger: Actor = make_member(make_organization(), "owner")

    read(signed_in(stranger), page(draft.organization, f"organization_{name}"), status=404)


def test_ids_of_another_organization_lead_nowhere() -> None:
    own, rival = make_draft(), make_draft()
    client = signed_in(own.owner)
    evidence = Evidence.objects.get(organization=rival.organization)
    invitation, request = (
        invited(rival.organization),
        ask(make_organization(), make_person("q@q.cn")),
    )

    for address in (
        page(own.organization, "evidence_step", evidence.public_id, "withdraw"),
        page(own.organization, "invitation_revoke", invitation.public_id),
        page(own.organization, "join_request_answer", request.public_id, "accept"),
        page(own.organization, "member_role", user_of(rival.owner).public_id),
        page(own.organization, "member_remove", user_of(rival.owner).public_id),
        reverse("join_request_withdraw", args=[request.public_id]),
    ):
        assert client.post(address, {"role": "viewer"}).status_code == 404, address
    assert role_of(rival.organization, user_of(rival.owner)) == MemberRole.OWNER
    evidence.refresh_from_db()
    assert evidence.state == "stated"
