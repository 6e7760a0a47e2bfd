"""Pages on which organizations register, prove who they are, and gather their people."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from common.actor import Actor
from files import storage
from organizations import joining
from organizations.amendments import ask_to_amend
from organizations.enums import MemberRole
from organizations.models import (
    Amendment,
    Evidence,
    Invitation,
    JoinRequest,
    Membership,
    Organization,
)
from organizations.queries import role_of, stated_facts
from organizations.services import submit_organization, verify_organization
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
    join = reverse("organization_join")
    assert f'href="{join}?identifier_scheme=credit_code&amp;identifier={taken.identifier}"' in text
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
    assert reviewer.get(address).status_code == 404
    submit_organization(organization=draft.organization, actor=draft.owner)
    read_by_others = AuditEvent.objects.filter(verb="organizations.evidence.open_file")
    assert not read_by_others.exists()
    assert reviewer.get(address).status_code == 200
    assert reviewer.get(f"{address}?inline=1").status_code == 200
    assert read_by_others.count() == 2
    for stranger in (
        make_member(make_organization(), "owner"),
        make_administrator("content", city=SHENZHEN),
        make_administrator("catalogue"),
    ):
        assert signed_in(stranger).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert read_by_others.count() == 2
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


def test_everybody_sees_addresses_of_others_masked() -> None:
    organization = make_organization(city=GUANGZHOU)
    owner, viewer = make_member(organization, "owner"), make_member(organization, "viewer")
    ask(organization, make_person("wanting@example.org"))
    address = page(organization, "organization_members")
    keeper = make_administrator("system", city=GUANGZHOU)
    emails = [user_of(each).email for each in (owner, viewer)]

    for actor, may_reveal in ((owner, True), (viewer, False), (keeper, True)):
        shown = read(signed_in(actor), address)
        own = user_of(actor).email
        assert [each for each in emails if each in shown] == [e for e in emails if e == own]
        assert "wanting@example.org" not in shown
        assert ("w***@example.org" in shown) is (actor is not viewer)
        others = [user_of(each).public_id for each in (owner, viewer) if each is not actor]
        for person in others:
            reveal = page(organization, "member_contact", person)
            assert (f'action="{reveal}"' in shown) is may_reveal
    read(signed_in(make_member(make_organization())), address, status=403)
    assert Client().get(address).status_code == 302


def test_invited_address_is_masked_for_those_who_did_not_type_it() -> None:
    organization = make_organization()
    first, second = (make_member(organization, "owner") for _ in range(2))
    joining.invite(
        organization=organization, email="new@example.org", role=MemberRole.VIEWER, actor=first
    )
    address = page(organization, "organization_members")

    assert "new@example.org" in read(signed_in(first), address)
    shown = read(signed_in(second), address)
    assert "new@example.org" not in shown
    assert "n***@example.org" in shown


def test_reviewer_sees_addresses_masked_and_may_ask_for_them() -> None:
    given = make_submitted()
    person = user_of(given.owner)
    reviewer = signed_in(make_administrator("content", city=GUANGZHOU))

    shown = read(reviewer, page(given.organization, "organization_review"))
    assert person.name in shown
    assert person.email not in shown
    assert "o***@example.org" in shown
    assert page(given.organization, "member_contact", person.public_id) in shown


def test_draft_is_nothing_to_administrators() -> None:
    draft = make_draft()
    addresses = [
        page(draft.organization, f"organization_{name}") for name in ("detail", "members", "review")
    ]
    addresses.append(f"/api/v1/organizations/{draft.organization.public_id}/")

    for duty in ("content", "system"):
        administrator = signed_in(make_administrator(duty, city=GUANGZHOU))
        for address in addresses[:2] + addresses[3:]:
            assert administrator.get(address).status_code == 404, (duty, address)
    reviewer = signed_in(make_administrator("content"))
    assert reviewer.get(addresses[2]).status_code == 404
    submit_organization(organization=draft.organization, actor=draft.owner)
    for address in (addresses[0], *addresses[2:]):
        assert reviewer.get(address).status_code == 200, address


def test_invitation_is_answered_from_the_workspace() -> None:
    organization, draft = make_organization("广州港"), make_draft(name="没人核验的公司")
    invited(organization)
    invited(draft.organization)
    client, other = signed_in(make_person()), signed_in(make_person("x@example.org"))

    for address in ("/my/", reverse("organization_join")):
        shown = read(client, address)
        assert "您有 2 个加入邀请" in shown
        assert "广州港" in shown
        assert "加入邀请" not in read(other, address)
    link = reverse("invitation", args=[joining.token_of(organization.invitations.get())])
    assert link in shown
    assert "尚未通过核验" not in read(client, link)
    theirs = reverse("invitation", args=[joining.token_of(draft.organization.invitations.get())])
    assert "尚未通过核验" in read(client, theirs)
    assert client.post(link).headers["Location"] == organization.get_absolute_url()
    assert "您有 1 个加入邀请" in read(client, "/my/")


def test_invitations_of_the_workspace_cost_the_same_with_thirty(
    django_assert_num_queries: Any,
) -> None:
    client = signed_in(make_person())
    invited(make_organization())
    read(client, "/my/")
    with CaptureQueriesContext(connection) as one:
        read(client, "/my/")
    for _ in range(29):
        invited(make_organization())
    with django_assert_num_queries(len(one)):
        assert "您有 30 个加入邀请" in read(client, "/my/")


def test_upload_beyond_the_bound_is_refused_in_words(settings: Any, home: Path) -> None:
    settings.EVIDENCE_FILES_A_DAY = 1
    draft = make_draft(licence=False)
    client, address = signed_in(draft.owner), page(draft.organization, "organization_evidence")
    client.post(address, licence())

    answer = client.post(address, licence())
    assert answer.status_code == 409
    assert "24 小时内最多上传 1 份材料" in answer.content.decode()
    assert len([path for path in home.rglob("*") if path.is_file()]) == 1


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

    role_page = page(organization, "member_role", owner.public_id)
    for given in ({"role": "viewer"}, {"role": "nonsense"}):
        assert client.post(role_page, given).status_code == 403
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


def test_owner_gives_a_registration_up_after_being_asked() -> None:
    draft = make_draft()
    client, address = signed_in(draft.owner), page(draft.organization, "organization_discard")
    assert address in read(client, page(draft.organization, "organization_detail"))

    assert "不能撤销" in read(client, address)
    answer = client.post(address, follow=True)
    assert answer.redirect_chain == [(reverse("workspace"), 302)]
    assert "已放弃" in answer.content.decode()
    assert not Organization.objects.exists()


def test_others_are_offered_no_giving_up() -> None:
    draft = make_draft()
    editor = signed_in(make_member(draft.organization, "editor"))
    address = page(draft.organization, "organization_discard")

    assert address not in read(editor, page(draft.organization, "organization_detail"))
    assert editor.post(address).status_code == 403
    verified = make_organization()
    owner = signed_in(make_member(verified, "owner"))
    assert owner.get(page(verified, "organization_discard"), follow=True).status_code == 200
    assert (
        "不能放弃登记"
        in owner.post(page(verified, "organization_discard"), follow=True).content.decode()
    )
    assert Organization.objects.count() == 2


def test_whoever_checks_again_sees_what_was_said_and_what_changed() -> None:
    given = make_submitted(name="甲某公司")
    organization, reviewer = given.organization, signed_in(make_administrator("content"))
    comments = {"reason": "补正", "on-name": "与执照不符", "on-evidence": "看不清"}
    reviewer.post(page(organization, "organization_return"), comments)
    client = signed_in(given.owner)
    told = read(client, page(organization, "organization_detail"))
    assert f'{page(organization, "organization_edit")}#id_name">名称</a>：与执照不符' in told
    assert f'{page(organization, "organization_evidence")}#stated">证明材料</a>：看不清' in told

    organization.refresh_from_db()
    values = {**FACTS, "name": "乙某公司", "identifier": organization.identifier}
    version = {"version": organization.updated_at.isoformat()}
    client.post(page(organization, "organization_edit"), {**values, **version})
    client.post(page(organization, "organization_step", "submit"))
    organization.refresh_from_db()
    assert (organization.state, organization.name) == ("submitted", "乙某公司")
    shown = read(reviewer, page(organization, "organization_review"))
    assert re.search(
        "乙某公司.{0,200}退回后已修改.{0,200}上次意见.{0,60}与执照不符", shown, re.DOTALL
    )
    assert "看不清" in shown


def test_reviewer_of_ones_own_organization_is_told_why_there_is_nothing_to_press() -> None:
    given = make_submitted()
    reviewer = make_administrator("content")
    Membership.objects.create(
        organization=given.organization, user=user_of(reviewer), role=MemberRole.VIEWER
    )

    shown = read(signed_in(reviewer), page(given.organization, "organization_review"))
    assert "不能办理自己单位的核验" in shown
    assert page(given.organization, "organization_step", "verify") not in shown


def test_step_that_is_open_no_more_leads_back() -> None:
    given = make_submitted()
    reviewer = signed_in(make_administrator("content"))
    signed_in(given.owner).post(page(given.organization, "organization_step", "recall"))

    answer = reviewer.post(page(given.organization, "organization_step", "verify"))
    assert answer.status_code == 404  # a draft belongs to its authors
    again = make_submitted()
    signed_in(make_administrator("content")).post(
        page(again.organization, "organization_step", "verify")
    )
    answer = reviewer.post(page(again.organization, "organization_step", "verify"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "没有办理" in text
    assert "当前状态：已核验" in text
    assert "返回查看" in text
    assert f'href="{page(again.organization, "organization_review")}"' in text
    assert '<button class="btn btn-primary" type="submit">核验通过</button>' not in text


def test_step_pressed_twice_is_taken_once_and_answered_alike() -> None:
    given = make_submitted()
    reviewer = signed_in(make_administrator("content"))
    address = page(given.organization, "organization_step", "verify")
    version = {"version": Organization.objects.get().updated_at.isoformat()}

    for _ in range(2):
        answer = reviewer.post(address, version)
        assert answer.status_code == 302
        assert answer["Location"] == page(given.organization, "organization_review")
    assert AuditEvent.objects.filter(verb="organizations.organization.verify").count() == 1
    other = signed_in(make_administrator("content")).post(address, version)
    assert other.status_code == 409


def test_return_sent_twice_is_answered_alike() -> None:
    given = make_submitted()
    reviewer = signed_in(make_administrator("content"))
    for _ in range(2):
        answer = reviewer.post(page(given.organization, "organization_return"), {"reason": "补正"})
        assert answer.status_code == 302
    other = signed_in(make_administrator("content"))
    answer = other.post(page(given.organization, "organization_return"), {"reason": "补正"})
    assert answer.status_code == 409
    assert "返回查看" in answer.content.decode()


def test_declined_amendment_says_why() -> None:
    organization = make_organization("旧名公司", city=GUANGZHOU, representative="陈某")
    owner = make_member(organization, "owner")
    facts = stated_facts(organization).model_copy(update={"name": "新名公司"})
    amendment = ask_to_amend(organization=organization, facts=facts, actor=owner)
    reviewer, client = signed_in(make_administrator("content")), signed_in(owner)
    reviewer.post(
        page(organization, "amendment_step", amendment.public_id, "decline"),
        {"reason": "新执照未上传"},
    )

    for reader, name in ((client, "organization_detail"), (reviewer, "organization_review")):
        shown = read(reader, page(organization, name))
        assert amendment.get_absolute_url() in shown
        assert "新执照未上传" in shown
    for reader in (client, reviewer):
        shown = read(reader, amendment.get_absolute_url())
        assert "新执照未上传" in shown
        assert "新名公司" in shown
    stranger = signed_in(make_member(make_organization(), "owner"))
    assert stranger.get(amendment.get_absolute_url()).status_code == 404
    assert "新执照未上传" not in read(stranger, page(organization, "organization_detail"))


def test_owner_is_asked_before_giving_the_role_up() -> None:
    organization = make_organization()
    owner, other = make_member(organization, "owner"), make_member(organization, "owner")
    client, person = signed_in(owner), user_of(owner)
    address = page(organization, "member_role", person.public_id)

    answer = client.post(address, {"role": "viewer"})
    assert "不再担任负责人" in answer.content.decode()
    assert role_of(organization, person) == "owner"
    client.post(address, {"role": "viewer", "confirmed": "1"})
    assert role_of(organization, person) == "viewer"
    alone = signed_in(other)
    address = page(organization, "member_role", user_of(other).public_id)
    answer = alone.post(address, {"role": "viewer"}, follow=True)
    assert "最后一位负责人" in answer.content.decode()


def test_last_owner_is_told_at_once_that_leaving_is_not_possible() -> None:
    organization = make_organization()
    owner, editor = make_member(organization, "owner"), make_member(organization)
    address = page(organization, "member_leave")

    said = read(signed_in(owner), address)
    assert "最后一位负责人" in said
    assert "确认退出" not in said
    assert "确认退出" in read(signed_in(editor), address)
    assert "要移交负责人" not in read(signed_in(editor), page(organization, "organization_members"))


def test_claims_without_proof_stand_among_the_facts_of_ones_own() -> None:
    draft = make_draft(attributes=["startup", "high_tech"], representative="")
    make_evidence(draft.organization, "startup")
    client = signed_in(draft.owner)

    shown = read(client, page(draft.organization, "organization_detail"))
    assert re.search(
        "初创企业 <span[^>]*>待核验.{0,60}高新技术企业 <span[^>]*>待证明", shown, re.DOTALL
    )
    shown = read(client, page(draft.organization, "organization_evidence"))
    assert re.search('提交前还缺 <span class="count">1</span>', shown)
    assert re.search('选填 <span class="count">1</span>', shown)
    assert re.search('aria-current="step"><span class="stage-number">2</span>', shown)
    assert "已填" not in shown


def test_rejected_one_is_told_why_and_where_to_begin_anew() -> None:
    given = make_submitted()
    reviewer = signed_in(make_administrator("content"))
    reviewer.post(page(given.organization, "organization_step", "reject"), {"reason": "查无此号"})

    shown = read(signed_in(given.owner), page(given.organization, "organization_detail"))
    assert re.search("核验未通过.{0,200}查无此号", shown, re.DOTALL)
    assert f'href="{reverse("organization_new")}"' in shown


def test_licence_in_force_is_offered_no_withdrawal() -> None:
    given = make_submitted()
    verify_organization(organization=given.organization, actor=SYSTEM)
    document = Evidence.objects.get(organization=given.organization)
    client = signed_in(given.owner)
    address = page(given.organization, "evidence_step", document.public_id, "withdraw")

    assert address not in read(client, page(given.organization, "organization_evidence"))
    answer = client.post(address)
    assert answer.status_code == 409
    assert "只能更换" in answer.content.decode()
    editor = signed_in(make_member(given.organization, "editor"))
    assert editor.post(address).status_code == 403
