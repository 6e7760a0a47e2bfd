"""Ranked counterparts with the parts of their score and the reasons."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from api.filters import PAGING, refuse_unknown_parameters
from api.pagination import PageNumberPagination
from api.v1.policy import PolicyClauseRefSerializer
from api.v1.records import RecordRefSerializer, RecordViewSet
from capabilities.models import Capability
from matching.explanations import LABELS
from matching.queries import MAXIMUM, Matches, Rankings
from scenarios.models import Scenario


class ScenarioRefSerializer(RecordRefSerializer[Scenario]):
    class Meta(RecordRefSerializer.Meta):
        model = Scenario


class CapabilityRefSerializer(RecordRefSerializer[Capability]):
    class Meta(RecordRefSerializer.Meta):
        model = Capability


class MatchReasonSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    clauses = PolicyClauseRefSerializer(many=True)


class MatchPartSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=list(LABELS))
    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.IntegerField()
    maximum = serializers.IntegerField()
    stated = serializers.BooleanField(help_text="false：有一方没有填写，这一项不计分")
    reasons = MatchReasonSerializer(many=True)


class MatchSerializer(serializers.Serializer[Any]):
    # Each side adds its counterpart.
    score = serializers.IntegerField()
    maximum = serializers.SerializerMethodField()
    parts = MatchPartSerializer(many=True, help_text="各项得分，合计等于 score")

    def get_maximum(self, match: Any) -> int:
        return MAXIMUM


class ScenarioMatchSerializer(MatchSerializer):
    scenario = ScenarioRefSerializer(source="record")


class CapabilityMatchSerializer(MatchSerializer):
    capability = CapabilityRefSerializer(source="record")


class RankedSerializer(serializers.Serializer[Any]):
    # Each side adds the record whose list it is.
    place = serializers.IntegerField(help_text="在对方清单里的名次，从 1 开始")
    score = serializers.IntegerField()
    maximum = serializers.SerializerMethodField()

    def get_maximum(self, ranked: Any) -> int:
        return MAXIMUM


class ScenarioRankedSerializer(RankedSerializer):
    scenario = ScenarioRefSerializer(source="record")


class CapabilityRankedSerializer(RankedSerializer):
    capability = CapabilityRefSerializer(source="record")


class MatchPagination(PageNumberPagination):
    """``ranked_at`` tells a record that nothing suits from one that is not ranked yet (null)."""

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        matches: Matches[Any] = self.page.paginator.object_list  # type: ignore[union-attr, assignment]
        shown = serializers.DateTimeField().to_representation
        response.data["ranked_at"] = shown(matches.ranked_at) if matches.ranked_at else None
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        described["properties"]["ranked_at"] = {
            "type": "string",
            "format": "date-time",
            "nullable": True,
            "description": "排序时间；尚未排序时为空",
        }
        return described


def answer_matches(
    view: RecordViewSet, matches: Matches[Any], serializer: type[MatchSerializer]
) -> Response:
    """One page of a top list, best first."""
    refuse_unknown_parameters(view.request, PAGING)
    page = view.paginate_queryset(matches)
    return view.get_paginated_response(serializer(page, many=True).data)


def answer_ranked_by(
    view: RecordViewSet, rankings: Rankings[Any], serializer: type[RankedSerializer]
) -> Response:
    """One page of those whose lists hold a record, best place first."""
    refuse_unknown_parameters(view.request, PAGING)
    page = view.paginate_queryset(rankings)
    return view.get_paginated_response(serializer(page, many=True).data)
