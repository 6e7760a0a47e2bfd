"""What the records of organizations have in common: who sees them, what is not stated."""

from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.permissions import IsAuthenticatedOrReadOnly

from common.actor import Actor, ActorKind
from organizations.models import Organization
from taxonomy.models import City

M = TypeVar("M", bound=Model)

VISITOR = Actor(ActorKind.VISITOR)


class StatedSerializer(serializers.ModelSerializer[M]):
    # For reading: what was left blank is null. (A docstring would be shown to readers of the
    # API's description.)

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[Any, dict[str, Any]]:
        field_class, given = super().build_standard_field(field_name, model_field)
        options = {
            name: value
            for name, value in given.items()
            if name not in {"required", "allow_blank", "allow_null"}
        }
        if model_field.null or (model_field.blank and model_field.empty_strings_allowed):
            options["allow_null"] = True
        return field_class, {**options, "read_only": True}

    def to_representation(self, instance: M) -> dict[str, Any]:
        stated: dict[str, Any] = super().to_representation(instance)
        return {name: None if value == "" else value for name, value in stated.items()}


class OrganizationRefSerializer(StatedSerializer[Organization]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    city = serializers.SlugRelatedField[City](slug_field="code", read_only=True, allow_null=True)

    class Meta:
        model = Organization
        fields = ["id", "name", "city", "seat", "is_demonstration"]


class RecordRefSerializer(StatedSerializer[M]):
    # Enough to name a record and to find its page.
    id = serializers.UUIDField(source="public_id", read_only=True)
    organization = OrganizationRefSerializer()
    url = serializers.SerializerMethodField()

    class Meta:
        fields = ["id", "name", "organization", "url"]

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, record: Any) -> str:
        return f"{settings.BASE_URL}{record.get_absolute_url()}"


class RecordViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    # Everybody reads what is published, members also what is their own. ``queryset`` is what
    # visitors see; nothing is read through it.
    permission_classes = [IsAuthenticatedOrReadOnly]
    lookup_field = "public_id"

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        return self.visible_to(Actor.of(self.request.user))
