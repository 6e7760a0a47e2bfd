"""What the reviews app holds of a person (``accounts.personal_data``)."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from common.actor import Actor
from reviews.models import ExpertProfile, Interest


def expert_part(person: User) -> dict[str, Any] | None:
    expert = ExpertProfile.objects.filter(user=person).first()
    if expert is None:
        return None
    columns = ("title", "employer", "is_active", "appointed_at", "ended_at")
    interests = expert.interests.order_by("pk").values(
        "kind", "name", "identifier", "since", "until", "share_percent", "relation", "created_at"
    )
    return {
        **{name: getattr(expert, name) for name in columns},
        "concepts": list(expert.concepts.order_by("code").values_list("code", flat=True)),
        "interests": list(interests),
    }


def still_appointed(person: User) -> str | None:
    if ExpertProfile.objects.filter(user=person, is_active=True).exists():
        return "您现在是专家，请先请管理员解聘。"
    return None


def erase_expert(person: User, actor: Actor) -> None:
    """Of an expert who has ended; the audit log keeps that there was one."""
    Interest.objects.filter(expert__user=person).delete()
    ExpertProfile.objects.filter(user=person).delete()
