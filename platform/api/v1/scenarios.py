"""Scenarios, and the capabilities that suit them.

Contacts are shared with consent alone, so they have no field here but among what the publisher
itself has stated.
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.matching import (
    CapabilityMatchSerializer,
    CapabilityRankedSerializer,
    MatchPagination,
    ScenarioRefSerializer,
    answer_matches,
    answer_ranked_by,
)
from api.v1.records import VISITOR, OrganizationRefSerializer, RecordViewSet, StatedSerializer
from api.v1.taxonomy import ConceptRefSerializer
from api.v1.verbs import (
    IF_MATCH,
    ActionsSerializer,
    VerbsViewSet,
    own_organization,
    part,
    read_facts,
    unchanged_since,
    with_steps,
)
from common.actor import Actor
from common.permissions import may
from matching.queries import capabilities_for, capabilities_ranking
from scenarios import queries
from scenarios.facts import ContactFacts, ScenarioFacts
from scenarios.filters import ScenarioFilter
from scenarios.models import Scenario, ScenarioGoal, TechnicalNeed
from scenarios.services import STEPS, change_contact, change_scenario, create_scenario
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
            "published_at",
            "created_at",
            "updated_at",
        ]


class ScenarioDetailSerializer(ActionsSerializer, ScenarioSerializer):
    stated = serializers.SerializerMethodField(
        allow_null=True, help_text="可以原样用于修改的内容；只有发布单位的编辑能看到"
    )

    class Meta(ScenarioSerializer.Meta):
        fields = [*ScenarioSerializer.Meta.fields, "stated", "actions"]

    @extend_schema_field(ScenarioFacts)  # type: ignore[arg-type]  # api.schema describes facts
    def get_stated(self, scenario: Scenario) -> dict[str, Any] | None:
        if not may("scenarios.change", Actor.of(self.context["request"].user), scenario):
            return None
        return queries.stated_facts(scenario).model_dump(mode="json")


class NewScenario(ScenarioFacts):
    # What is said, and for whom.
    organization: UUID


@with_steps(STEPS)
class ScenarioViewSet(VerbsViewSet, RecordViewSet):
    queryset = queries.visible_to(VISITOR)
    serializer_class = ScenarioSerializer
    detail_serializer_class = ScenarioDetailSerializer
    filterset_class = ScenarioFilter

    def visible_to(self, actor: Actor) -> QuerySet[Scenario]:
        return queries.with_details(queries.visible_to(actor))

    @extend_schema(
        request=NewScenario,
        description="以所属组织（`organization`）的名义新建一份草稿。标签、城市和区填代码。",
    )
    def create(self, request: Request) -> Response:
        body = read_facts(NewScenario, request)
        scenario = create_scenario(
            organization=own_organization(self.actor, body.organization),
            facts=part(ScenarioFacts, body),
            actor=self.actor,
        )
        return self.answer(scenario, created=True)

    @extend_schema(
        request=ScenarioFacts,
        parameters=[IF_MATCH],
        description="以正文替换全部内容：没有写的项即为不填写。已发布的场景会重新匹配。",
    )
    def update(self, request: Request, public_id: str) -> Response:
        scenario = self.get_object()
        changed = change_scenario(
            scenario=scenario,
            facts=read_facts(ScenarioFacts, request),
            actor=self.actor,
            unchanged_since=unchanged_since(request, scenario),
        )
        return self.answer(changed)

    @extend_schema(
        request=ContactFacts,
        parameters=[IF_MATCH],
        responses=ScenarioDetailSerializer,
        summary="修改联系方式",
        description="替换联系人、电话和邮箱；场景结束后也可以。",
    )
    @action(detail=True, methods=["put"], filter_backends=[], pagination_class=None)
    def contact(self, request: Request, public_id: str) -> Response:
        scenario = self.get_object()
        changed = change_contact(
            scenario=scenario,
            facts=read_facts(ContactFacts, request),
            actor=self.actor,
            unchanged_since=unchanged_since(request, scenario),
        )
        return self.answer(changed)

    @extend_schema(
        responses=CapabilityMatchSerializer(many=True),
        summary="列出匹配的能力",
        description="得分高的在前，最多 50 项；未发布、已截止或尚未排序的场景没有匹配。",
    )
    @action(detail=True, filter_backends=[], pagination_class=MatchPagination)
    def matches(self, request: Request, public_id: str) -> Response:
        return answer_matches(self, capabilities_for(self.get_object()), CapabilityMatchSerializer)

    @extend_schema(
        responses=CapabilityRankedSerializer(many=True),
        summary="列出把场景列入清单的能力",
        description="在对方清单里名次靠前的在前；未发布、已截止或尚未排序的场景不在任何清单里。",
    )
    @action(detail=True, url_path="ranked-by", filter_backends=[])
    def ranked_by(self, request: Request, public_id: str) -> Response:
        rankings = capabilities_ranking(self.get_object())
        return answer_ranked_by(self, rankings, CapabilityRankedSerializer)
