"""What audit administrators read of the audit log, and what it is called there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.enums import Duty
from accounts.jurisdiction import is_province_wide, within
from audit.models import AuditEvent
from common.actor import Actor
from lifecycle.transitions import lifecycle_for
from organizations.models import Organization

# What verbs are called that move no state.
WORDS = {
    "create": _("创建"),
    "change": _("修改"),
    "end": _("结束"),
    "appoint": _("任命"),
    "delegate": _("委托"),
    "register": _("登记"),
    "amend": _("变更登记事项"),
    "add_member": _("加入成员"),
    "change_role": _("更改成员角色"),
    "remove_member": _("移除成员"),
    "leave": _("退出组织"),
    "revoke": _("撤销"),
    "set_password": _("重设密码"),
    "change_password": _("修改密码"),
    "reset_password": _("重置密码"),
    "verify_address": _("验证电子邮箱"),
    "change_address": _("更换电子邮箱"),
    "add_second_factor": _("添加两步验证"),
    "remove_second_factor": _("移除两步验证"),
    "reset_second_factor": _("重置两步验证"),
    "purge_unverified": _("删除未验证的账号"),
    "choose": _("修改通知设置"),
    "sign_up": _("注册"),
    "give_consent": _("同意条款"),
    "withdraw_consent": _("撤回同意"),
    "end_session": _("结束登录"),
    "end_sessions": _("结束全部登录"),
    "update_contact": _("修改联系方式"),
    "change_contact": _("修改联系方式"),
    "reveal_contact": _("查看联系方式"),
    "export": _("导出个人信息"),
    "publish": _("发布"),
    "close": _("注销"),
    "declare": _("申报利害关系"),
    "set_expertise": _("修改专长"),
    "expires_soon": _("即将到期提醒"),
    "load": _("载入"),
    "apply": _("导入"),
}


def events_visible_to(actor: Actor) -> QuerySet[AuditEvent]:
    """Everything for the province's auditors; for others what concerns organizations of theirs.

    The latest first; ``seq`` and ``hash`` are its place in the chain, None where it has none.
    """
    events = AuditEvent.objects.annotate(seq=F("link__seq"), hash=F("link__hash"))
    if is_province_wide(actor, Duty.AUDIT):
        return events
    own = Organization.objects.filter(within(actor, Duty.AUDIT)).values("pk")
    return events.filter(organization_id__in=own)


@dataclass(frozen=True)
class Told:
    """An event of ``events_visible_to``, and what is named in it as it is called now, if at all."""

    event: Any
    label: str
    kind: str
    name: str
    organization: str


def verb_label(verb: str) -> str:
    """In words; a verb that has none is shown by its name."""
    kind, _, name = verb.rpartition(".")
    try:
        lifecycle = lifecycle_for(apps.get_model(kind))
    except (LookupError, ValueError):
        lifecycle = None
    labels = {each.name: each.label for each in lifecycle.transitions} if lifecycle else {}
    return str(labels.get(name) or WORDS.get(name) or name)


def told(events: Iterable[AuditEvent]) -> list[Told]:
    """In one query for each kind of object among them."""
    rows = list(events)
    names: dict[tuple[str, str], str] = {}
    models = {event.object_type: apps.get_model(event.object_type) for event in rows}
    for kind, model in models.items():
        keys = {int(e.object_id) for e in rows if e.object_type == kind and e.object_id.isdecimal()}
        for key, found in model._base_manager.in_bulk(keys).items():
            names[kind, str(key)] = str(found)
    concerned = Organization.objects.in_bulk({e.organization_id for e in rows if e.organization_id})
    return [
        Told(
            event,
            verb_label(event.verb),
            str(models[event.object_type]._meta.verbose_name),
            names.get((event.object_type, event.object_id), ""),
            str(concerned.get(event.organization_id, "") or ""),
        )
        for event in rows
    ]
