"""Concept schemes, concepts with their mappings, cities with focus areas, carriers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.v1.policy import PolicyClauseRefSerializer, PolicyDocumentRefSerializer
from api.views import PublicViewSet
from taxonomy import filters, queries
from taxonomy.enums import FocusScope, MappingKind
from taxonomy.models import (
    Carrier,
    CarrierSource,
    City,
    CityFocus,
    Concept,
    District,
    MissingCounterpart,
    Scheme,
)


class ConceptRefSerializer(serializers.ModelSerializer[Concept]):
    scheme = serializers.SlugRelatedField[Scheme](slug_field="code", read_only=True)

    class Meta:
        model = Concept
        fields = ["code", "label", "level", "scheme"]


class SchemeSerializer(serializers.ModelSerializer[Scheme]):
    document = PolicyDocumentRefSerializer()
    clauses = PolicyClauseRefSerializer(many=True)
    concept_count = serializers.IntegerField()

    class Meta:
        model = Scheme
        fields = [
            "code",
            "title",
            "short_title",
            "jurisdiction",
            "note",
            "concept_count",
            "document",
            "clauses",
            "retired_edition",
        ]


class MappingSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        choices=MappingKind.choices, help_text="从本标签看对方：broad 表示对方更宽"
    )
    concept = ConceptRefSerializer()
    reason = serializers.CharField()


class MissingCounterpartSerializer(serializers.ModelSerializer[MissingCounterpart]):
    scheme = serializers.SlugRelatedField[Scheme](slug_field="code", read_only=True)

    class Meta:
        model = MissingCounterpart
        fields = ["scheme", "reason"]


class ConceptSerializer(serializers.ModelSerializer[Concept]):
    scheme = serializers.SlugRelatedField[Scheme](slug_field="code", read_only=True)
    alternatives = serializers.ListField(child=serializers.CharField())
    broader = serializers.SlugRelatedField[Concept](
        slug_field="code", read_only=True, allow_null=True
    )
    narrower = serializers.SlugRelatedField[Concept](slug_field="code", read_only=True, many=True)
    clause = PolicyClauseRefSerializer()
    mappings = serializers.SerializerMethodField()
    missing_counterparts = MissingCounterpartSerializer(many=True)

    class Meta:
        model = Concept
        fields = [
            "code",
            "label",
            "alternatives",
            "scheme",
            "level",
            "definition",
            "horizon",
            "status",
            "retired_edition",
            "broader",
            "narrower",
            "clause",
            "mappings",
            "missing_counterparts",
        ]

    @extend_schema_field(MappingSerializer(many=True))
    def get_mappings(self, concept: Concept) -> Any:
        return MappingSerializer(queries.mappings_of(concept), many=True).data


class DistrictSerializer(serializers.ModelSerializer[District]):
    class Meta:
        model = District
        fields = ["code", "name", "division_code", "kind"]


class FocusConceptSerializer(serializers.ModelSerializer[CityFocus]):
    code = serializers.CharField(source="concept.code")
    label = serializers.CharField(source="concept.label")  # type: ignore[assignment]
    scheme = serializers.CharField(source="concept.scheme.code")

    class Meta:
        model = CityFocus
        fields = ["code", "label", "scheme", "wording"]


class FocusSourceSerializer(serializers.Serializer[Any]):
    clause = PolicyClauseRefSerializer()
    scope = serializers.ChoiceField(choices=FocusScope.choices)
    sub_industries = FocusConceptSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        # Declared as an attribute, ``fields`` would hide the serializer's own.
        return {**super().get_fields(), "fields": FocusConceptSerializer(many=True)}


class CarrierSourceSerializer(serializers.ModelSerializer[CarrierSource]):
    clause = PolicyClauseRefSerializer()

    class Meta:
        model = CarrierSource
        fields = ["clause", "wording", "role"]


class CityCarrierSerializer(serializers.ModelSerializer[Carrier]):
    district = serializers.SlugRelatedField[District](
        slug_field="code", read_only=True, allow_null=True
    )
    alternatives = serializers.ListField(child=serializers.CharField())
    sources = CarrierSourceSerializer(many=True)

    class Meta:
        model = Carrier
        fields = ["code", "name", "alternatives", "kind", "district", "sources"]


class CarrierSerializer(CityCarrierSerializer):
    city = serializers.SlugRelatedField[City](slug_field="code", read_only=True)

    class Meta(CityCarrierSerializer.Meta):
        fields = [*CityCarrierSerializer.Meta.fields, "city", "retired_edition"]


class CitySerializer(serializers.ModelSerializer[City]):
    metro_circles = serializers.ListField(
        child=serializers.CharField(), help_text="常用地理划分，不出自所列政策文件"
    )
    districts = DistrictSerializer(many=True)
    focus = serializers.SerializerMethodField()
    carriers = CityCarrierSerializer(many=True)

    class Meta:
        model = City
        fields = [
            "code",
            "name",
            "slug",
            "region",
            "metro_circles",
            "districts",
            "focus",
            "carriers",
            "retired_edition",
        ]

    @extend_schema_field(FocusSourceSerializer(many=True))
    def get_focus(self, city: City) -> Any:
        return FocusSourceSerializer(queries.focus_by_source(city.focus.all()), many=True).data


class SchemeViewSet(PublicViewSet):
    queryset = queries.schemes()
    detail_queryset = queries.schemes(with_retired=True)
    serializer_class = SchemeSerializer


class ConceptViewSet(PublicViewSet):
    queryset = queries.concepts_with_mappings()
    detail_queryset = queries.concepts_with_mappings(with_retired=True)
    serializer_class = ConceptSerializer
    filterset_class = filters.ConceptFilter


class CityViewSet(PublicViewSet):
    queryset = queries.cities_with_facts()
    detail_queryset = queries.cities_with_facts(with_retired=True)
    serializer_class = CitySerializer
    filterset_class = filters.CityFilter


class CarrierViewSet(PublicViewSet):
    queryset = queries.carriers()
    detail_queryset = queries.carriers(with_retired=True)
    serializer_class = CarrierSerializer
    filterset_class = filters.CarrierFilter
