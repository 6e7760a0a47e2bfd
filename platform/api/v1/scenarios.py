"""Scenarios, and the capabilities that suit them.

Contacts are shared with consent alone, so they have no field here.
"""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.matching import (
    CapabilityMatchSerializer,
    MatchPagination,
    ScenarioRefSerializer,
    answer_matches,
)
from api.v1.records import VISITOR, OrganizationRefSerializer, RecordViewSet, StatedSerializer
from api.v1.taxonomy import ConceptRefSerializer
from common.actor import Actor
from matching.queries import capabilities_for
from scenarios import queries
from scenarios.filters import ScenarioFilter
from scenarios.models import Scenario, ScenarioGoal, TechnicalNeed
from taxonomy.models import City, District


class ScenarioGoalSerializer(StatedSerializer[ScenarioGoal]):
    class Meta:
        model = ScenarioGoal
        fields = ["indicator", "target"]


class TechnicalNeedSerializer(StatedSerializer[TechnicalNeed]):
    concept = ConceptRefSerializer(allow_null=True)

    class Meta:
        model = TechnicalNeed
        fields = ["strength", "text", "concept"]


class ScenarioSerializer(ScenarioRefSerializer):
    co_publishers = OrganizationRefSerializer(many=True)
    concepts = ConceptRefSerializer(many=True)
    city = serializers.SlugRelatedField[City](slug_field="code", read_only=True, allow_null=True)
    district = serializers.SlugRelatedField[District](
        slug_field="code", read_only=True, allow_null=True
    )
    goals = ScenarioGoalSerializer(many=True)
    technical_needs = TechnicalNeedSerializer(many=True)

    class Meta(ScenarioRefSerializer.Meta):
        fields = [
            *ScenarioRefSerializer.Meta.fields,
            "co_publishers",
            "state",
            "kind",
            "demand_kind",
            "concepts",
            "city",
            "district",
            "site",
            "problem",
            "goals",
            "technical_needs",
            "conditions",
            "conditions_note",
            "budget_min_fen",
            "budget_max_fen",
            "readiness_min",
            "readiness_max",
            "readiness_is_must",
            "required_qualifications",
            "call_mode",
            "deadline",
            "created_at",
            "updated_at",
        ]


class ScenarioViewSet(RecordViewSet):
    queryset = queries.visible_to(VISITOR)
    serializer_class = ScenarioSerializer
    filterset_class = ScenarioFilter

    def visible_to(self, actor: Actor) -> QuerySet[Scenario]:
        return queries.with_details(queries.visible_to(actor))

    @extend_schema(
        responses=CapabilityMatchSerializer(many=True),
        summary="列出匹配的能力",
        description="得分高的在前，最多 50 项；未发布、已截止或尚未排序的场景没有匹配。",
    )
    @action(detail=True, filter_backends=[], pagination_class=MatchPagination)
    def matches(self, request: Request, public_id: str) -> Response:
        return answer_matches(self, capabilities_for(self.get_object()), CapabilityMatchSerializer)
