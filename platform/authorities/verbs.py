"""What the verbs of the audit log are called, and how they are found by that."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.filters import WordsFilter
from lifecycle.transitions import lifecycle_for

# What verbs are called that move no state.
WORDS = {
    "create": _("创建"),
    "change": _("修改"),
    "end": _("结束"),
    "appoint": _("任命"),
    "delegate": _("委托"),
    "register": _("登记"),
    "discard": _("放弃登记"),
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
    "use_recovery_code": _("使用恢复码"),
    "purge_unverified": _("删除未验证的账号"),
    "choose": _("修改通知设置"),
    "sign_up": _("注册"),
    "give_consent": _("同意"),
    "withdraw_consent": _("撤回同意"),
    "end_session": _("结束登录"),
    "end_sessions": _("结束全部登录"),
    "update_contact": _("修改联系方式"),
    "change_contact": _("修改联系方式"),
    "reveal_contact": _("查看联系方式"),
    "export": _("导出个人信息"),
    "export_log": _("导出操作记录"),
    "sign_in": _("登录"),
    "open_file": _("查看文件"),
    "discard_file": _("清除到期文件"),
    "publish": _("发布"),
    "close": _("注销"),
    "declare": _("申报利害关系"),
    "set_expertise": _("修改专长"),
    "expires_soon": _("即将到期提醒"),
    "load": _("载入"),
    "apply": _("导入"),
}


def verb_label(verb: str) -> str:
    """In words; a verb that has none is shown by its name."""
    kind, _, name = verb.rpartition(".")
    try:
        lifecycle = lifecycle_for(apps.get_model(kind))
    except (LookupError, ValueError):
        lifecycle = None
    labels = {each.name: each.label for each in lifecycle.transitions} if lifecycle else {}
    return str(labels.get(name) or WORDS.get(name) or name)


def verb_names() -> list[tuple[str, str]]:
    """Each name once, with the nouns whose lifecycles know it, if any do."""
    nouns: dict[str, list[str]] = {}
    for noun, name in _steps().values():
        nouns.setdefault(name, []).append(noun)
    for word in WORDS.values():
        nouns.setdefault(str(word), [])
    return [(name, "、".join(each)) for name, each in nouns.items()]


class VerbFilter(WordsFilter):
    """By code or name; a whole name means the verbs of that name alone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields=["verb"], **kwargs)

    def holding(self, word: str) -> Q:
        steps = {verb: name for verb, (_noun, name) in _steps().items()}
        words = {name: str(said) for name, said in WORDS.items()}
        is_whole = word in {*steps.values(), *words.values()}

        def fits(name: str) -> bool:
            return word == name if is_whole else word in name

        found = super().holding(word) | Q(verb__in=[v for v, name in steps.items() if fits(name)])
        for name, said in words.items():
            if fits(said):
                found |= Q(verb__endswith=f".{name}") & ~Q(verb__in=steps)
        return found


def _steps() -> dict[str, tuple[str, str]]:
    """Noun and name of each verb that moves a state."""
    return {
        f"{model._meta.label_lower}.{step.name}": (str(model._meta.verbose_name), str(step.label))
        for model in apps.get_models()
        if (lifecycle := lifecycle_for(model)) is not None
        for step in lifecycle.transitions
    }
