"""What a token may be given, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """Whoever may write something may read; administrators' duties are not among these."""

    READ = "read", _("读取")
    SCENARIOS = "scenarios", _("场景：新建、修改、提交、结束")
    CAPABILITIES = "capabilities", _("能力和产品：新建、修改、发布、撤下")
    APPLICATIONS = "applications", _("对接申请：填写、提交、撤回、答复")


class Lifetime(models.IntegerChoices):
    """Days. 平台默认: no token lives longer than a year."""

    WEEK = 7, _("7 天")
    MONTH = 30, _("30 天")
    QUARTER = 90, _("90 天")
    YEAR = 365, _("365 天")


class Standing(models.TextChoices):
    IN_FORCE = "in_force", _("有效")
    REVOKED = "revoked", _("已撤销")
    EXPIRED = "expired", _("已过期")
    ORPHANED = "orphaned", _("已失效：创建者不再是成员")


# The names of ``rules`` that each stands for. What everybody sees, and what a viewer of the
# organization sees, needs none.
PERMISSIONS: Mapping[str, frozenset[str]] = {
    Scope.READ: frozenset(),
    Scope.SCENARIOS: frozenset(
        {"scenarios.create", "scenarios.change", "scenarios.submit", "scenarios.close"}
    ),
    Scope.CAPABILITIES: frozenset(
        {
            "capabilities.create",
            "capabilities.change",
            "capabilities.publish",
            "capabilities.withdraw",
        }
    ),
    Scope.APPLICATIONS: frozenset(
        {
            "applications.create",
            "applications.change",
            "applications.submit",
            "applications.withdraw",
            "applications.decide",
        }
    ),
}


def permissions_of(scopes: Iterable[str]) -> frozenset[str]:
    """A scope that this version of the code does not have stands for nothing."""
    return frozenset().union(*(PERMISSIONS.get(scope, frozenset()) for scope in scopes))
