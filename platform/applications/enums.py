"""Closed lists of the applications app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApplicationState(models.TextChoices):
    """Drafts and what was discarded are the supplier's alone."""

    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("已提交")
    SHORTLISTED = "shortlisted", _("入围")
    SELECTED = "selected", _("已选定")
    CONNECTED = "connected", _("已对接")
    DECLINED = "declined", _("未选中")
    WITHDRAWN = "withdrawn", _("已撤回")
    DISCARDED = "discarded", _("已放弃")


# Whoever took an answer back may answer again; whoever was declined has had theirs.
OVER = (ApplicationState.WITHDRAWN, ApplicationState.DISCARDED)
# What the publisher has never been shown.
PRIVATE = (ApplicationState.DRAFT, ApplicationState.DISCARDED)
# What still waits for the publisher.
PENDING = (ApplicationState.SUBMITTED, ApplicationState.SHORTLISTED)
