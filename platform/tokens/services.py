"""Verbs on tokens."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.queries import may_sign_in
from common.actor import Actor, ActorKind, require_actor
from common.errors import Conflict, Forbidden
from common.models import database_now
from common.permissions import may
from lifecycle.news import announce
from organizations.models import Organization
from tokens import queries
from tokens.enums import permissions_of
from tokens.facts import TokenFacts
from tokens.keys import Key, new_key, read_key
from tokens.models import ApiToken

# 平台默认: more than these nobody keeps in view.
MOST_TOKENS = 20
USE_NOTED_EVERY = timedelta(minutes=1)


def create_token(
    *, organization: Organization, facts: TokenFacts, actor: Actor
) -> tuple[ApiToken, Key]:
    """Make a token; the key is returned here and never again.

    Raises Forbidden, Conflict (the organization has MOST_TOKENS in force).
    """
    actor = require_actor(actor)
    if actor.user_id is None or not may("tokens.create", actor, organization):
        raise Forbidden("只有组织的负责人可以创建访问令牌。")
    key = new_key()
    with transaction.atomic():
        # Of two owners at once the second counts the first one's token.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        held = ApiToken.objects.filter(organization=organization)
        if queries.in_force(held).count() >= MOST_TOKENS:
            raise Conflict(f"一个组织最多同时有 {MOST_TOKENS} 个有效的令牌，请先撤销不用的。")
        token = ApiToken.objects.create(
            organization=organization,
            user_id=actor.user_id,
            name=facts.name,
            permissions=[*facts.permissions],
            prefix=key.prefix,
            digest=key.digest,
            expires_at=database_now() + timedelta(days=facts.days),
        )
        recorded = {
            "organization": organization.pk,
            "name": token.name,
            "prefix": token.prefix,
            "permissions": token.permissions,
            "expires_at": token.expires_at,
        }
        announce(token, "create", actor, recorded=recorded)
    return token, key


def revoke_token(*, token: ApiToken, actor: Actor) -> ApiToken:
    """End a token: its next call is refused. Raises Forbidden, Conflict (revoked already)."""
    actor = require_actor(actor)
    if not may("tokens.revoke", actor, token):
        raise Forbidden("只有组织的负责人可以撤销访问令牌。")
    with transaction.atomic():
        locked = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
        if locked.revoked_at is not None:
            raise Conflict(f"令牌“{locked}”已经撤销。")
        locked.revoked_at = database_now()
        locked.revoked_by_id = actor.user_id
        locked.save(update_fields=["revoked_at", "revoked_by", "updated_at"])
        recorded = {"organization": locked.organization_id, "prefix": locked.prefix}
        announce(locked, "revoke", actor, recorded=recorded)
    return locked


def open_with(text: str) -> ApiToken | None:
    """The token in force that ``text`` is, its maker with it; None for any other text.

    One query, and at most once in USE_NOTED_EVERY one that notes the use.
    """
    key = read_key(text)
    if key is None:
        return None
    token = queries.in_force(ApiToken.objects.filter(prefix=key.prefix)).first()
    # Compared also when there is none, so that the time tells nothing of prefixes.
    is_right = key.opens(token.digest if token else "")
    if token is None or not is_right or not may_sign_in(token.user):
        return None
    if token.last_used_at is None or timezone.now() - token.last_used_at >= USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
    return token


def actor_of(token: ApiToken) -> Actor:
    """Without the duties that its maker has for authorities: they never pass to a program."""
    return Actor(
        ActorKind.TOKEN,
        user_id=token.user_id,
        label=token.name,
        organization_id=token.organization_id,
        permissions=permissions_of(token.permissions),
        token_id=token.pk,
    )
