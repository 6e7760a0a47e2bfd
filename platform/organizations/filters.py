"""Filters by organization that the lists of its records share."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from common.actor import Actor
from common.filters import CodeFilter, StableOrderingFilter, WordsFilter
from organizations import queries
from organizations.enums import Capacity, LegalKind, OrganizationState
from organizations.models import Organization
from taxonomy.queries import every_city

ALL = _("全部")
WAITING = "waiting"


def _known(request: Any) -> QuerySet[Organization]:
    return queries.visible_to(Actor.of(request.user))


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


class DirectoryFilter(filters.FilterSet):
    """Words of names alone: whoever could search by number would learn whose it is."""

    q = WordsFilter(label=_("名称"), fields=["name"])
    state = filters.ChoiceFilter(choices=OrganizationState, empty_label=ALL, label=_("状态"))
    city = CodeFilter(queryset=lambda _: every_city(), label=_("城市"), empty_label=ALL)
    legal_kind = filters.ChoiceFilter(choices=LegalKind, empty_label=ALL, label=_("法人类别"))
    capacity = filters.ChoiceFilter(
        choices=Capacity, method="coming_to", empty_label=ALL, label=_("身份")
    )
    own = filters.ChoiceFilter(
        choices=[("true", _("本单位的"))], method="of_one_self", empty_label=ALL, label=_("归属")
    )
    sort = StableOrderingFilter(
        fields={"name": "name", "created_at": "created"},
        choices=[("name", _("按名称")), ("-created", _("新登记的在前"))],
        empty_label=_("先登记的在前"),
        label=_("排序"),
    )

    class Meta:
        model = Organization
        fields: list[str] = []

    def coming_to(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(capacities__contains=[value])

    def of_one_self(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(pk__in=queries.own_organizations(Actor.of(self.request.user)))


class VerificationFilter(filters.FilterSet):
    """By default what waits, the longest waiting first."""

    q = WordsFilter(label=_("名称或证件号码"), fields=["name", "identifier"])
    state = filters.ChoiceFilter(
        choices=[
            (WAITING, _("等待办理")),
            *(each for each in OrganizationState.choices if each[0] != OrganizationState.DRAFT),
        ],
        method="in_state",
        empty_label=ALL,
        label=_("状态"),
    )
    city = CodeFilter(queryset=lambda _: every_city(), label=_("城市"), empty_label=ALL)
    legal_kind = filters.ChoiceFilter(choices=LegalKind, empty_label=ALL, label=_("法人类别"))
    sort = StableOrderingFilter(
        fields={"since": "since", "name": "name"},
        choices=[("-since", _("新提交的在前")), ("name", _("按名称"))],
        empty_label=_("等得久的在前"),
        label=_("排序"),
    )

    class Meta:
        model = Organization
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data["sort"] else rows.order_by("since", "pk")

    def in_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(is_waiting=True) if value == WAITING else rows.filter(state=value)
