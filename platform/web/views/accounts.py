"""What is ours around allauth's views, and the pages of one's own account."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.email_verification import send_verification_email_at_login
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.internal.stagekit import unstash_login
from allauth.account.views import ConfirmEmailView
from allauth.mfa.base.views import AuthenticateView, IndexView, ReauthenticateView
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    EditWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from redis import RedisError

from accounts.adapter import BY_PASSWORD
from accounts.closing import close_account, export_of
from accounts.consents import (
    IN_FORCE_SINCE,
    VERSIONS,
    consents_of,
    give_consent,
    withdraw_sharing,
)
from accounts.contacts import shares_contact, update_contact
from accounts.enums import ConsentKind
from accounts.personal_data import objections_to_closing
from accounts.queries import consents_visible_to, pending_address
from accounts.second_factor import (
    SecondFactorAdapter,
    has_second_factor,
    has_shown_second_factor,
    hold_second_factors,
    may_show_passkey,
    needs_second_factor,
    passkeys_work,
    second_factors_of,
)
from accounts.sessions import end_session, end_sessions, sessions_of
from common.actor import Actor
from common.errors import DomainError
from web.forms.accounts import ClosingForm, ConsentForm, ContactForm
from web.forms.refusals import attempt, posted
from web.views.errors import unavailable

log = structlog.get_logger(__name__)


def account_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """One transaction, so that what changed and the log of it stand or fall together.

    Refuses for the moment when Redis, which counts failures, or the mail server is away: letting
    people in uncounted would invite whoever guesses passwords.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except (RedisError, OSError):
            log.exception("account_outage")
            return unavailable(request)

    return wrapped


# Getting in


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verification_sent(request: HttpRequest) -> HttpResponseBase:
    """Where sign-up and a sign-in with an unproven address end; sends the mail once more.

    The same for an address that has an account already, whose owner is told so by mail.
    """
    login = unstash_login(request, peek=True)
    email = (login.email or getattr(login.user, "email", "")) if login else ""
    if request.method == "POST" and login:
        send_verification_email_at_login(request, login)
        messages.info(request, _("如果上一封邮件已超过一分钟，我们又发送了一封。"))
        return redirect("account_email_verification_sent")
    return render(request, "account/verification_sent.html", {"email": email})


class ConfirmAddressView(ConfirmEmailView):
    """Whoever signed up on the way to something, an invitation say, comes there after signing in.

    allauth forgets the way when it ends the stage, so it is noted before.
    """

    then = ""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        login = unstash_login(self.request, peek=True)
        self.then = (login and login.redirect_url) or ""
        answer: HttpResponse = super().post(*args, **kwargs)
        return answer

    def get_redirect_url(self) -> str:
        if self.then and not self.request.user.is_authenticated:
            return f"{reverse('account_login')}?{urlencode({'next': self.then})}"
        url: str = super().get_redirect_url()
        return url


confirm_email = ConfirmAddressView.as_view()


@login_stage_required(stage="consent", redirect_urlname="account_login")
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponseBase:
    """The last step of a sign-in: terms that are new to the person."""
    stage: Any = request._login_stage  # type: ignore[attr-defined]
    person = stage.login.user
    form = ConsentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        kinds = [ConsentKind.TERMS]
        if form.cleaned_data["shares_contacts"]:
            kinds.append(ConsentKind.SHARE_CONTACTS)
        give_consent(person=person, kinds=kinds, actor=Actor.of(person))
        answer: HttpResponseBase = stage.exit()
        return answer
    is_first = not consents_of(person).filter(kind=ConsentKind.TERMS).exists()
    return render(request, "account/consent.html", {"form": form, "is_first": is_first})


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "account/terms.html", _in_force())


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "account/privacy.html", {**_in_force(), "days": settings.RETENTION_DAYS})


def _in_force() -> dict[str, Any]:
    return {"version": VERSIONS[ConsentKind.TERMS], "in_force_since": IN_FORCE_SINCE}


# One's account


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    return render(
        request,
        "account/index.html",
        {
            "second_factors": second_factors_of(person).count(),
            "needs_second_factor": needs_second_factor(person),
            "devices": len(sessions_of(person, request.session.session_key)),
            "pending_address": pending_address(person),
            "shares_contact": shares_contact(person),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    form = ContactForm(posted(request), initial={"name": person.name, "phone": person.phone})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        saved = attempt(
            form,
            lambda: update_contact(person=person, **given, actor=Actor.of(person)),
        )
        if saved:
            messages.success(request, _("已保存。"))
            return redirect("account_index")
    return render(request, "account/contact.html", {"form": form})


class SecondStepView(AuthenticateView):
    """allauth's, with what it does not ask: whether a passkey is of any use here."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_context_data(**kwargs)
        return {**given, "may_show_passkey": may_show_passkey(self.stage.login.user)}


second_step = SecondStepView.as_view()


class SecondFactorView(IndexView):
    """allauth's, with what it does not ask: whether there must be one, and passkeys can be."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person: Any = self.request.user
        must = needs_second_factor(person)
        return {
            **super().get_context_data(**kwargs),
            "must": must,
            "is_missing": must and not has_second_factor(person),
            "passkeys_work": passkeys_work(),
        }


second_factor = SecondFactorView.as_view()


class ShowsSecondFactor:
    """Around allauth's pages for proving again who one is.

    A person may come here because nothing opens in this session before the second factor was
    shown (``web.middleware``); then the password is no other way.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        is_owed = needs_second_factor(request.user) and not has_shown_second_factor(request)  # type: ignore[arg-type]
        ways = given["reauthentication_alternatives"]
        if is_owed:
            ways = [each for each in ways if each["id"] != BY_PASSWORD]
        return {**given, "reauthentication_alternatives": ways, "is_owed": is_owed}


class CodeAgainView(ShowsSecondFactor, ReauthenticateView):
    """With a code of the app or a recovery code."""


class PasskeyAgainView(ShowsSecondFactor, ReauthenticateWebAuthnView):
    """With a passkey."""


code_again = CodeAgainView.as_view()
passkey_again = PasskeyAgainView.as_view()


class RemoveAppView(DeactivateTOTPView):
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        hold_second_factors(self.request.user)
        answer: HttpResponse = super().post(*args, **kwargs)
        return answer


class RemovePasskeyView(RemoveWebAuthnView):
    """allauth asks of codes alone whether the last factor may go."""

    def form_valid(self, form: Any) -> HttpResponse:
        hold_second_factors(self.request.user)
        adapter = SecondFactorAdapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            text = adapter.error_messages["cannot_delete_authenticator"]
            messages.error(self.request, text)
            return redirect("mfa_index")
        answer: HttpResponse = super().form_valid(form)
        return answer


remove_app = RemoveAppView.as_view()
remove_passkey = RemovePasskeyView.as_view(success_url=reverse_lazy("mfa_index"))
name_passkey = EditWebAuthnView.as_view(success_url=reverse_lazy("mfa_index"))


@login_required
@never_cache
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    devices = sessions_of(request.user, request.session.session_key)  # type: ignore[arg-type]
    return render(request, "usersessions/list.html", {"devices": devices})


@login_required
@require_POST
def session_end(request: HttpRequest, number: int) -> HttpResponse:
    person: Any = request.user
    try:
        end_session(person=person, number=number, actor=Actor.of(person))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已让这台设备退出登录。"))
    return redirect("account_sessions")


@login_required
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    keep = request.session.session_key
    ended = end_sessions(person=person, actor=Actor.of(person), keep=keep)
    if ended:
        messages.success(request, _("已让其他 %d 台设备退出登录。") % ended)
    else:
        messages.info(request, _("没有其他设备登录。"))
    return redirect("account_sessions")


# Personal data


@login_required
@require_safe
def personal_data(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    return render(
        request,
        "account/personal_data.html",
        {
            "consents": consents_visible_to(Actor.of(person)),
            "shares_contact": shares_contact(person),
            "objections": objections_to_closing(person),
        },
    )


@login_required
@require_POST
def sharing(request: HttpRequest) -> HttpResponse:
    """Agrees to share one's contact details, or takes it back."""
    person: Any = request.user
    actor = Actor.of(person)
    if request.POST.get("shares") == "yes":
        give_consent(person=person, kinds=[ConsentKind.SHARE_CONTACTS], actor=actor)
        messages.success(request, _("已同意向对接方提供联系方式。"))
    else:
        withdraw_sharing(person=person, actor=actor)
        messages.success(request, _("已撤回，不再向对接方提供联系方式。"))
    return redirect("account_personal_data")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(enabled=lambda request: request.method != "POST")
def export(request: HttpRequest) -> HttpResponse:
    """A page that asks for the proof, and the file by its button.

    The other way round, with the file in answer to the proof, browsers would stay on the page
    that asked for it. Whose proof has run out meanwhile is asked again.
    """
    if request.method != "POST":
        return render(request, "account/export.html")
    if is_reauthentication_required(request, app=""):
        return redirect("account_export")
    person: Any = request.user
    data = export_of(person=person, actor=Actor.of(person))
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    answer = HttpResponse(text, content_type="application/json")
    name = f"scenebridge-{timezone.localdate():%Y%m%d}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    person: Any = request.user
    form = ClosingForm(posted(request))
    if request.method == "POST" and form.is_valid():
        closed = attempt(form, lambda: close_account(person=person, actor=Actor.of(person)))
        if closed:
            logout(request)
            messages.success(request, _("账号已注销，个人信息已删除。"))
            return redirect("home")
    reasons = objections_to_closing(person)
    return render(request, "account/close.html", {"form": form, "objections": reasons})
