"""The inbox of whoever is signed in; programs of organizations have none."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.records import VISITOR, OrganizationRefSerializer, RecordViewSet, StatedSerializer
from api.v1.verbs import NothingFacts, VerbsViewSet, read_facts
from common.actor import Actor
from common.errors import Forbidden
from common.permissions import may
from notifications import queries, services
from notifications.filters import NotificationFilter
from notifications.models import Notification


class NotificationSerializer(StatedSerializer[Notification]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    organization = OrganizationRefSerializer(allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = [
            "id",
            "category",
            "title",
            "text",
            "reason",
            "organization",
            "url",
            "created_at",
            "read_at",
        ]

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, notice: Notification) -> str:
        return f"{settings.BASE_URL}{notice.path}"


class NotificationViewSet(VerbsViewSet, RecordViewSet):
    permission_classes = [IsAuthenticated]
    queryset = queries.visible_to(VISITOR)
    serializer_class = NotificationSerializer
    detail_serializer_class: ClassVar[type[serializers.BaseSerializer[Any]]] = (
        NotificationSerializer
    )
    filterset_class = NotificationFilter

    def visible_to(self, actor: Actor) -> QuerySet[Notification]:
        if not may("notifications.read", actor):
            raise Forbidden("通知属于个人，请用本人账号登录查看；访问令牌不能读取。")
        return queries.inbox(actor).select_related("organization__city")

    @extend_schema(request=NothingFacts, description="标为已读；已读的保持原样。")
    @action(detail=True, methods=["post"])
    def read(self, request: Request, public_id: str) -> Response:
        read_facts(NothingFacts, request)
        notice = self.get_object()
        services.mark_read(notice=notice, actor=self.actor)
        return self.answer(notice)
