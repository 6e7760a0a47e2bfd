"""What lists of applications may be filtered by: one list for pages and API."""

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications import queries
from applications.enums import PRIVATE, ApplicationState
from applications.models import Application
from common.actor import Actor
from common.filters import StableOrderingFilter, WordsFilter

ALL = _("全部")


class ApplicationFilter(filters.FilterSet):
    """Needs the request: which side one is on depends on who asks."""

    q = WordsFilter(
        label=_("场景、能力或组织"),
        fields=[
            "scenario__name",
            "capability__name",
            "scenario__organization__name",
            "capability__organization__name",
        ],
    )
    side = filters.ChoiceFilter(
        choices=[("sent", _("我方提交的")), ("received", _("我方收到的"))],
        method="on_side",
        empty_label=ALL,
        label=_("方向"),
    )
    state = filters.ChoiceFilter(choices=ApplicationState, empty_label=ALL, label=_("状态"))
    scenario = filters.UUIDFilter(field_name="scenario__public_id", label=_("场景"))
    sort = StableOrderingFilter(
        fields={"submitted_at": "submitted"},
        choices=[("submitted", _("先提交的在前"))],
        empty_label=_("最新的在前"),
        label=_("排序"),
    )

    class Meta:
        model = Application
        fields: list[str] = []

    def on_side(
        self, queryset: QuerySet[Application], name: str, value: str
    ) -> QuerySet[Application]:
        actor = Actor.of(self.request.user)
        mine = queries.sent_by(actor) if value == "sent" else queries.received_by(actor)
        return queryset.filter(pk__in=mine)


class ReceivedFilter(ApplicationFilter):
    """What came in: without the states that a publisher never sees."""

    state = filters.ChoiceFilter(
        choices=[each for each in ApplicationState.choices if each[0] not in PRIVATE],
        empty_label=ALL,
        label=_("状态"),
    )
