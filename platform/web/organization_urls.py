"""Addresses below ``organizations/``."""

from django.urls import URLPattern, URLResolver, include, path

from web.views import member_contacts, members, organizations, verification

OWN: list[URLPattern | URLResolver] = [
    path("", organizations.organization_detail, name="organization_detail"),
    path("edit/", organizations.organization_edit, name="organization_edit"),
    path("discard/", organizations.organization_discard, name="organization_discard"),
    path("amend/", organizations.organization_amend, name="organization_amend"),
    path("evidence/", organizations.organization_evidence, name="organization_evidence"),
    path("evidence/<uuid:evidence_id>/", verification.evidence_detail, name="evidence_detail"),
    path(
        "evidence/<uuid:evidence_id>/<slug:step>/",
        verification.evidence_step,
        name="evidence_step",
    ),
    path(
        "amendments/<uuid:amendment_id>/",
        verification.amendment_detail,
        name="amendment_detail",
    ),
    path(
        "amendments/<uuid:amendment_id>/<slug:step>/",
        verification.amendment_step,
        name="amendment_step",
    ),
    path("members/", members.member_list, name="organization_members"),
    path("members/leave/", members.member_leave, name="member_leave"),
    path("members/<uuid:person_id>/role/", members.member_role, name="member_role"),
    path("members/<uuid:person_id>/remove/", members.member_remove, name="member_remove"),
    path(
        "members/<uuid:person_id>/contact/",
        member_contacts.member_contact,
        name="member_contact",
    ),
    path("invitations/", members.invite, name="organization_invite"),
    path("invitations/<uuid:invitation_id>/revoke/", members.revoke, name="invitation_revoke"),
    path(
        "join-requests/<uuid:request_id>/<slug:step>/",
        members.answer_join_request,
        name="join_request_answer",
    ),
    path("return/", verification.organization_return, name="organization_return"),
    path("tokens/", include("web.token_urls")),
    path("<slug:step>/", organizations.organization_step, name="organization_step"),
]

urlpatterns = [
    path("new/", organizations.organization_new, name="organization_new"),
    path("check-identifier/", organizations.check_identifier, name="check_identifier"),
    path("join/", members.join, name="organization_join"),
    path(
        "join/<uuid:request_id>/withdraw/",
        members.withdraw_join_request,
        name="join_request_withdraw",
    ),
    path("<uuid:public_id>/", include(OWN)),
]
