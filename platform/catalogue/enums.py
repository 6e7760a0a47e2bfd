"""Closed lists of the catalogue app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemState(models.TextChoices):
    CANDIDATE = "candidate", _("候选")
    UNDER_NOTICE = "under_notice", _("公示中")
    LISTED = "listed", _("已列入")
    DROPPED = "dropped", _("不予列入")
    DELISTED = "delisted", _("已移出")


# Under way: a product is at most once among them in a catalogue.
LIVE = (ItemState.CANDIDATE, ItemState.UNDER_NOTICE, ItemState.LISTED)
# What everybody sees of a verified supplier. A product that was listed does not vanish without a
# word: that it was taken off is public too, why is for its supplier and administrators.
PUBLIC = (ItemState.UNDER_NOTICE, ItemState.LISTED, ItemState.DELISTED)
