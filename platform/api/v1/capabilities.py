"""Capabilities with their products and cases, and the scenarios that suit them; own products."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.matching import (
    CapabilityRefSerializer,
    MatchPagination,
    ScenarioMatchSerializer,
    ScenarioRankedSerializer,
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
from capabilities import queries
from capabilities.facts import CapabilityFacts, ProductFacts
from capabilities.filters import CapabilityFilter
from capabilities.models import Capability, Product, ReferenceCase
from capabilities.services import (
    STEPS,
    change_capability,
    change_product,
    create_capability,
    create_product,
)
from common.actor import Actor
from common.permissions import may
from matching.queries import scenarios_for, scenarios_ranking
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


class CapabilityDetailSerializer(ActionsSerializer, CapabilitySerializer):
    stated = serializers.SerializerMethodField(
        allow_null=True, help_text="可以原样用于修改的内容；只有所属组织的编辑能看到"
    )

    class Meta(CapabilitySerializer.Meta):
        fields = [*CapabilitySerializer.Meta.fields, "stated", "actions"]

    @extend_schema_field(CapabilityFacts)  # type: ignore[arg-type]  # api.schema describes facts
    def get_stated(self, capability: Capability) -> dict[str, Any] | None:
        if not may("capabilities.change", Actor.of(self.context["request"].user), capability):
            return None
        return queries.stated_facts(capability).model_dump(mode="json")


class NewCapability(CapabilityFacts):
    # What is said, and for whom.
    organization: UUID


@with_steps(STEPS)
class CapabilityViewSet(VerbsViewSet, RecordViewSet):
    queryset = queries.visible_to(VISITOR)
    serializer_class = CapabilitySerializer
    detail_serializer_class = CapabilityDetailSerializer
    filterset_class = CapabilityFilter

    def visible_to(self, actor: Actor) -> QuerySet[Capability]:
        return queries.with_details(queries.visible_to(actor))

    @extend_schema(
        request=NewCapability,
        description="以所属组织（`organization`）的名义新建一份草稿。标签和城市填代码，产品填 id。",
    )
    def create(self, request: Request) -> Response:
        body = read_facts(NewCapability, request)
        capability = create_capability(
            organization=own_organization(self.actor, body.organization),
            facts=part(CapabilityFacts, body),
            actor=self.actor,
        )
        return self.answer(capability, created=True)

    @extend_schema(
        request=CapabilityFacts,
        parameters=[IF_MATCH],
        description="以正文替换全部内容：没有写的项即为不填写。已发布的能力会重新匹配。",
    )
    def update(self, request: Request, public_id: str) -> Response:
        capability = self.get_object()
        changed = change_capability(
            capability=capability,
            facts=read_facts(CapabilityFacts, request),
            actor=self.actor,
            unchanged_since=unchanged_since(request, capability),
        )
        return self.answer(changed)

    @extend_schema(
        responses=ScenarioMatchSerializer(many=True),
        summary="列出匹配的场景",
        description="得分高的在前，最多 50 项；未发布或尚未排序的能力没有匹配。",
    )
    @action(detail=True, filter_backends=[], pagination_class=MatchPagination)
    def matches(self, request: Request, public_id: str) -> Response:
        return answer_matches(self, scenarios_for(self.get_object()), ScenarioMatchSerializer)

    @extend_schema(
        responses=ScenarioRankedSerializer(many=True),
        summary="列出把能力列入清单的场景",
        description="在对方清单里名次靠前的在前；未发布或尚未排序的能力不在任何清单里。",
    )
    @action(detail=True, url_path="ranked-by", filter_backends=[])
    def ranked_by(self, request: Request, public_id: str) -> Response:
        rankings = scenarios_ranking(self.get_object())
        return answer_ranked_by(self, rankings, ScenarioRankedSerializer)


class OwnProductSerializer(ProductSerializer):
    organization = OrganizationRefSerializer()

    class Meta(ProductSerializer.Meta):
        fields = [*ProductSerializer.Meta.fields, "organization", "created_at", "updated_at"]


class NewProduct(ProductFacts):
    # What is said, and for whom.
    organization: UUID


class ProductViewSet(mixins.ListModelMixin, VerbsViewSet):
    # Of one's own organizations; everybody reads the products of published capabilities there.
    queryset = queries.own_products(VISITOR)
    serializer_class = detail_serializer_class = OwnProductSerializer
    lookup_field = "public_id"

    def get_queryset(self) -> QuerySet[Product]:
        return queries.own_products(self.actor).select_related("organization__city")

    @extend_schema(request=NewProduct, description="以所属组织（`organization`）的名义登记。")
    def create(self, request: Request) -> Response:
        body = read_facts(NewProduct, request)
        product = create_product(
            organization=own_organization(self.actor, body.organization),
            facts=part(ProductFacts, body),
            actor=self.actor,
        )
        return self.answer(product, created=True)

    @extend_schema(
        request=ProductFacts,
        parameters=[IF_MATCH],
        description="以正文替换全部内容：没有写的项即为不填写。",
    )
    def update(self, request: Request, public_id: str) -> Response:
        product = self.get_object()
        changed = change_product(
            product=product,
            facts=read_facts(ProductFacts, request),
            actor=self.actor,
            unchanged_since=unchanged_since(request, product),
        )
        return self.answer(changed)
