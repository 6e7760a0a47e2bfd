"""Closed lists of the notifications app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """What people switch on and off; all but security can be switched off."""

    WORK = "work", _("待办审核")
    REVIEW = "review", _("审核结果")
    APPLICATIONS = "applications", _("对接申请")
    CATALOGUE = "catalogue", _("首购目录")
    MEMBERSHIP = "membership", _("组织与成员")
    SECURITY = "security", _("账号安全")


class Mode(models.TextChoices):
    """How mail goes out; the inbox on the site always has the notice."""

    AT_ONCE = "at_once", _("立即发送")
    DAILY = "daily", _("每日汇总")
    NONE = "none", _("不发邮件")


class Standing(models.TextChoices):
    """As what somebody is told: the notice is hidden once they are that no more."""

    SELF = "self", _("本人")
    MEMBER = "member", _("组织成员")
    ADMINISTRATOR = "administrator", _("管理员")


# 平台默认: no policy says how people are told.
DEFAULT_MODES = {
    Category.WORK: Mode.DAILY,
    Category.REVIEW: Mode.AT_ONCE,
    Category.APPLICATIONS: Mode.AT_ONCE,
    Category.CATALOGUE: Mode.AT_ONCE,
    Category.MEMBERSHIP: Mode.AT_ONCE,
    Category.SECURITY: Mode.AT_ONCE,
}
# What one is told as somebody who acts for an organization, and may set apart for each.
OF_ORGANIZATIONS = (
    Category.REVIEW,
    Category.APPLICATIONS,
    Category.CATALOGUE,
    Category.MEMBERSHIP,
)
