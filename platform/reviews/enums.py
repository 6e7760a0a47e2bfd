"""Closed lists of the reviews app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# The duty of ``common.actor.Grant`` that an active expert has.
EXPERT = "expert"


class InterestKind(models.TextChoices):
    """What ties an expert to an organization."""

    EMPLOYER = "employer", _("任职")
    SHAREHOLDING = "shareholding", _("持股")
    DIRECTORSHIP = "directorship", _("担任董事、监事或高管")
    FAMILY = "family", _("亲属关系")
