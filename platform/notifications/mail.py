"""Mail out of notices: what changed, why it was sent, where to switch it off.

At least once: a mail that is sent again carries the same Message-ID, by which mail programs know
it. The words come from notices, which hold neither contacts nor secrets.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.adapter import site_in_mails
from accounts.models import User
from notifications.enums import Category
from notifications.models import Digest, Notification
from notifications.queries import mail_address, still_to_mail

LONGEST_SUBJECT = 80
LONGEST_NAME = 20
_NAME = re.compile("“([^“”]*)”")


def send_notice(notice: Notification) -> bool:
    """Whether it went out: not to those who may no longer see it, or want no mail any more."""
    if not still_to_mail(notice.user, [notice]):
        return False
    is_security = notice.category == Category.SECURITY
    context = {"notice": notice, "address": _address(notice.path), "is_security": is_security}
    return _send(notice.user, "notification", notice.title, _id(notice), context)


def send_digest(digest: Digest) -> bool:
    """At most NOTIFICATION_DIGEST_CAP notices, by category; nothing to tell, no mail."""
    held = digest.notifications.filter(read_at=None).select_related("user", "organization")
    notices = still_to_mail(digest.user, list(held.order_by("-created_at", "-pk")))
    if not notices:
        return False
    shown = notices[: settings.NOTIFICATION_DIGEST_CAP]
    order = list(Category)
    shown.sort(key=lambda notice: order.index(Category(notice.category)))
    groups = [
        (Category(category).label, [(each, _address(each.path)) for each in found])
        for category, found in groupby(shown, key=lambda notice: notice.category)
    ]
    title = _("%(day)s的通知汇总（%(count)s 条）") % {
        "day": date_format(digest.day),
        "count": len(notices),
    }
    context = {
        "title": title,
        "groups": groups,
        "more": len(notices) - len(shown),
        "inbox": _address(reverse("notification_list")),
    }
    return _send(digest.user, "digest", title, _id(digest), context)


def _send(
    person: User, template: str, title: str, message_id: str, context: dict[str, Any]
) -> bool:
    to = mail_address(person)
    if to is None:
        return False
    preferences = _address(reverse("notification_preferences"))
    values = {**context, "person": person, "preferences": preferences, **site_in_mails()}
    mail = EmailMultiAlternatives(
        subject=settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + _one_line(title),
        body=render_to_string(f"emails/{template}.txt", values),
        to=[to],
        headers={
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{preferences}>",
        },
    )
    mail.attach_alternative(render_to_string(f"emails/{template}.html", values), "text/html")
    mail.send()
    return True


def _id(record: Notification | Digest) -> str:
    host = urlsplit(settings.BASE_URL).hostname
    return f"<{record._meta.model_name}-{record.public_id}@{host}>"


def _address(path: str) -> str:
    """On the configured address (THREATS A25)."""
    return f"{settings.BASE_URL}{path}"


def _one_line(text: str) -> str:
    """No name of a record adds a line to the head of a mail, nor hides what became of it."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return Truncator(_NAME.sub(_short_name, plain)).chars(LONGEST_SUBJECT)


def _short_name(found: re.Match[str]) -> str:
    name = found[1]
    return f"“{name[:LONGEST_NAME]}…”" if len(name) > LONGEST_NAME else found[0]
