"""Filters by organization that the lists of its records share."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_administrator
from common.actor import Actor
from organizations import queries
from organizations.models import Organization


def _known(request: Any) -> QuerySet[Organization]:
    actor = Actor.of(request.user)
    return queries.visible_to(actor, administrator=is_administrator(actor))


class OrganizationFilter(filters.ModelChoiceFilter):
    """Filters by the public id of an organization that whoever asks may see.

    One that is not verified is refused like one that does not exist (THREATS A3).
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=_known, to_field_name="public_id", label=_("组织"), **kwargs)


class OwnFilter(filters.ChoiceFilter):
    """Only records of the organizations that whoever asks belongs to."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", _("本单位的"))]
        super().__init__(choices=choices, empty_label=_("全部"), label=_("归属"), **kwargs)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value != "true":
            return qs
        actor = Actor.of(self.parent.request.user)
        return qs.filter(organization__in=queries.own_organizations(actor))
