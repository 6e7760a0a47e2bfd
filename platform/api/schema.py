"""OpenAPI: operations named by their noun, each also answering with problems."""

from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiResponse
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from api.idempotency import PARAMETER, IdempotentView
from common.problem import CONTENT_TYPE, TITLES


class FieldProblemSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457; ``code`` is stable, ``errors`` names each field that is wrong."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldProblemSerializer(many=True, required=False)  # type: ignore[assignment]


# 404 also for a page beyond the end, 406 for an Accept header that JSON does not meet.
PROBLEM_STATUSES = ("400", "404", "406", "429")
# 409 when the state does not allow it, 413 and 415 for the body, 422 for an idempotency key that
# belongs to another request.
WRITING_STATUSES = ("403", "409", "413", "415", "422")


# Where the labels of choices wait: pydantic puts the docstring of an enumeration as description.
LABELS = "x-labels"


class FactsJsonSchema(GenerateJsonSchema):
    """Facts as OpenAPI 3.0 has it: ``nullable`` for None, choices with their labels.

    Docstrings are for those who read the code, so they are left out.
    """

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        described = super().model_schema(schema)
        return {k: v for k, v in described.items() if k not in {"title", "description"}}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        return {**({"allOf": [inner]} if "$ref" in inner else inner), "nullable": True}

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        choices = schema["cls"].choices
        return {
            "type": "string",
            "enum": [value for value, _ in choices],
            LABELS: "\n".join(f"* `{value}` - {label}" for value, label in choices),
        }


class FactsExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Facts as bodies of requests and as fields of answers."""

    target_class = "common.facts.Facts"
    match_subclasses = True
    priority = 1  # before drf-spectacular's own, which describes what pydantic writes out

    def get_name(self, auto_schema: AutoSchema, direction: Any) -> str:
        return str(self.target.__name__)

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = self.target.model_json_schema(
            ref_template="#/components/schemas/{model}", schema_generator=FactsJsonSchema
        )
        for name, inner in schema.pop("$defs", {}).items():
            if LABELS in inner:
                inner.pop("title")
                inner["description"] = inner.pop(LABELS)
            component = ResolvedComponent(  # type: ignore[no-untyped-call]
                name=name, type=ResolvedComponent.SCHEMA, object=name, schema=inner
            )
            auto_schema.registry.register_on_missing(component)
        return schema


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sbt_…"}


class ProblemAutoSchema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        takes_a_key = isinstance(self.view, IdempotentView) and self.method not in SAFE_METHODS
        return [PARAMETER] if takes_a_key else []

    def get_tags(self) -> list[str]:
        return [str(self._noun())]

    def get_summary(self) -> str | None:
        named: str | None = super().get_summary()
        words = {
            "list": _("列出{noun}"),
            "retrieve": _("查看一项{noun}"),
            "create": _("新建一项{noun}"),
            "update": _("修改一项{noun}"),
        }
        action = getattr(self.view, "action", "")
        return named or (str(words[action]).format(noun=self._noun()) if action in words else None)

    def _noun(self) -> str:
        queryset: QuerySet[Any] = self.view.queryset  # type: ignore[attr-defined]
        return str(queryset.model._meta.verbose_name)

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        statuses = [*PROBLEM_STATUSES]
        if self.method not in SAFE_METHODS:
            statuses += WRITING_STATUSES
        if self.method == "PUT":
            statuses.append("412")
        if self.view.get_authenticators():
            statuses.append("401")  # visitors who must sign in, and tokens that open nothing
        for status in statuses:
            bodies.setdefault(
                status,
                self._get_response_for_code(  # type: ignore[no-untyped-call]
                    OpenApiResponse(ProblemSerializer, TITLES[int(status)]), status, [CONTENT_TYPE]
                ),
            )
        return bodies
