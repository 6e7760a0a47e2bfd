"""OpenAPI: operations named by their noun, each also answering with problems."""

from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from common.problem import CONTENT_TYPE


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
PROBLEM_STATUSES = ("400", "404", "406")


class ProblemAutoSchema(AutoSchema):
    def get_tags(self) -> list[str]:
        return [str(self._noun())]

    def get_summary(self) -> str | None:
        named: str | None = super().get_summary()
        words = {"list": _("列出{noun}"), "retrieve": _("查看一项{noun}")}
        action = getattr(self.view, "action", "")
        return named or (str(words[action]).format(noun=self._noun()) if action in words else None)

    def _noun(self) -> str:
        queryset: QuerySet[Any] = self.view.queryset  # type: ignore[attr-defined]
        return str(queryset.model._meta.verbose_name)

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in PROBLEM_STATUSES:
            bodies.setdefault(
                status,
                self._get_response_for_code(  # type: ignore[no-untyped-call]
                    OpenApiResponse(ProblemSerializer), status, [CONTENT_TYPE]
                ),
            )
        return bodies
