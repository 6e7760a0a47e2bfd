"""Capabilities with their products and cases, and the scenarios that suit them."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.matching import (
    CapabilityRefSerializer,
    MatchPagination,
    ScenarioMatchSerializer,
    answer_matches,
)
from api.v1.records import VISITOR, RecordViewSet, StatedSerializer
from api.v1.taxonomy import ConceptRefSerializer
from capabilities import queries
from capabilities.filters import CapabilityFilter
from capabilities.models import Capability, Product, ReferenceCase
from common.actor import Actor
from matching.queries import scenarios_for
from taxonomy.models import City


class ProductSerializer(StatedSerializer[Product]):
    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = Product
        fields = [
            "id",
            "name",
            "kind",
            "model_number",
            "summary",
            "price_min_fen",
            "price_max_fen",
        ]


class ReferenceCaseSerializer(StatedSerializer[ReferenceCase]):
    class Meta:
        model = ReferenceCase
        fields = ["title", "client", "year"]


class CapabilitySerializer(CapabilityRefSerializer):
    concepts = ConceptRefSerializer(many=True)
    products = ProductSerializer(many=True)
    reference_cases = ReferenceCaseSerializer(many=True)
    cities_served = serializers.SlugRelatedField[City](
        slug_field="code", read_only=True, many=True, help_text="空：服务全省"
    )

    class Meta(CapabilityRefSerializer.Meta):
        fields = [
            *CapabilityRefSerializer.Meta.fields,
            "state",
            "summary",
            "highlights",
            "concepts",
            "products",
            "readiness",
            "price_min_fen",
            "price_max_fen",
            "qualifications",
            "patents",
            "reference_cases",
            "cities_served",
            "created_at",
            "updated_at",
        ]


class CapabilityViewSet(RecordViewSet):
    queryset = queries.visible_to(VISITOR)
    serializer_class = CapabilitySerializer
    filterset_class = CapabilityFilter

    def visible_to(self, actor: Actor) -> QuerySet[Capability]:
        return queries.with_details(queries.visible_to(actor))

    @extend_schema(
        responses=ScenarioMatchSerializer(many=True),
        summary="列出匹配的场景",
        description="得分高的在前，最多 50 项；未发布或尚未排序的能力没有匹配。",
    )
    @action(detail=True, filter_backends=[], pagination_class=MatchPagination)
    def matches(self, request: Request, public_id: str) -> Response:
        return answer_matches(self, scenarios_for(self.get_object()), ScenarioMatchSerializer)
