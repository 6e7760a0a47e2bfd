"""News of this app that this app acts on: invitations are mailed."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from organizations.enums import InvitationState
from organizations.joining import INVITATION_DAYS, token_of
from organizations.models import Invitation
from outbox import consumers
from outbox.models import Message


def mail_invitation(message: Message) -> None:
    """To the configured address of this site, whatever Host was asked (THREATS A25)."""
    invitation = (
        Invitation.objects.select_related("organization", "inviter")
        .filter(pk=message.payload["id"], state=InvitationState.PENDING)
        .first()
    )
    if invitation is None:
        return
    path = reverse("invitation", args=[token_of(invitation)])
    context = {
        "invitation": invitation,
        "address": f"{settings.BASE_URL}{path}",
        "days": INVITATION_DAYS,
        "base_url": settings.BASE_URL,
        "contact": settings.SITE_CONTACT,
    }
    send_mail(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}邀请您加入“{invitation.organization}”",
        render_to_string("organizations/mail/invitation.txt", context),
        None,
        [invitation.email],
    )


consumers.register(
    "organizations.mail_invitation",
    topics={"organizations.invitation.create"},
    handler=mail_invitation,
)
