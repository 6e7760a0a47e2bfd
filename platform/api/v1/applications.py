"""Applications: the supplier's answers and the publisher's decisions, for the two parties alone."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

import capabilities.queries
import scenarios.queries
from api.v1.matching import (
    CapabilityRefSerializer,
    MatchSerializer,
    ScenarioRefSerializer,
)
from api.v1.records import VISITOR, RecordViewSet, StatedSerializer
from api.v1.verbs import (
    IF_MATCH,
    ActionsSerializer,
    VerbsViewSet,
    part,
    read_facts,
    unchanged_since,
    with_steps,
)
from applications import queries
from applications.enums import ApplicationState
from applications.facts import ApplicationFacts
from applications.filters import ApplicationFilter
from applications.models import Application
from applications.services import (
    STEPS,
    change_application,
    create_application,
    reveal_contact,
)
from common.actor import Actor
from common.errors import InvalidInput
from common.permissions import may
from matching.queries import fits


class ApplicationSerializer(StatedSerializer[Application]):
    # When drafting began is the supplier's alone, so there is no ``created_at``.
    id = serializers.UUIDField(source="public_id", read_only=True)
    scenario = ScenarioRefSerializer()
    capability = CapabilityRefSerializer()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Application
        fields = [
            "id",
            "scenario",
            "capability",
            "state",
            "proposal",
            "price_fen",
            "schedule",
            "submitted_at",
            "url",
            "updated_at",
        ]

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, application: Application) -> str:
        return f"{settings.BASE_URL}{application.get_absolute_url()}"


class PastStepSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    reason = serializers.CharField()


class FitSerializer(MatchSerializer):
    unmet = serializers.ListField(
        child=serializers.CharField(), help_text="没有满足的硬性要求，有则不进入匹配列表"
    )


class ContactSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    is_masked = serializers.BooleanField()


class ApplicationDetailSerializer(ActionsSerializer, ApplicationSerializer):
    history = serializers.SerializerMethodField(
        help_text="经过，早的在前；提交之前的只有申请方能看到"
    )
    fit = serializers.SerializerMethodField(
        allow_null=True, help_text="场景与能力现在的匹配程度；还没有排过序时为空"
    )
    contact = serializers.SerializerMethodField(
        allow_null=True,
        help_text="发布单位现在的联系方式；出示（connect）之后才有，没有填写的为空串；"
        "申请方看到的电话和邮箱经过遮盖，完整的用 POST {id}/contact/ 查看",
    )
    stated = serializers.SerializerMethodField(
        allow_null=True, help_text="可以原样用于修改的内容；只有草稿有，只有申请方的编辑能看到"
    )

    class Meta(ApplicationSerializer.Meta):
        fields = [
            *ApplicationSerializer.Meta.fields,
            "history",
            "fit",
            "contact",
            "stated",
            "actions",
        ]

    @property
    def actor(self) -> Actor:
        return Actor.of(self.context["request"].user)

    @extend_schema_field(PastStepSerializer(many=True))
    def get_history(self, application: Application) -> Any:
        return PastStepSerializer(queries.history_for(application, self.actor), many=True).data

    @extend_schema_field(FitSerializer)
    def get_fit(self, application: Application) -> Any:
        found = fits(application.scenario, [application.capability])
        return FitSerializer(found[application.capability_id]).data if found else None

    @extend_schema_field(ContactSerializer)
    def get_contact(self, application: Application) -> Any:
        contact = queries.contact_for(application, self.actor)
        return ContactSerializer(contact).data if contact else None

    @extend_schema_field(ApplicationFacts)  # type: ignore[arg-type]  # api.schema describes facts
    def get_stated(self, application: Application) -> dict[str, Any] | None:
        is_draft = application.state == ApplicationState.DRAFT
        if not (is_draft and may("applications.change", self.actor, application)):
            return None
        return queries.stated_facts(application).model_dump(mode="json")


class NewApplication(ApplicationFacts):
    # What is said, to which scenario and with which capability.
    scenario: UUID
    capability: UUID


@with_steps(STEPS)
class ApplicationViewSet(VerbsViewSet, RecordViewSet):
    permission_classes = [IsAuthenticated]
    queryset = queries.visible_to(VISITOR)
    serializer_class = ApplicationSerializer
    detail_serializer_class = ApplicationDetailSerializer
    filterset_class = ApplicationFilter

    def visible_to(self, actor: Actor) -> QuerySet[Application]:
        return queries.with_details(queries.visible_to(actor))

    @extend_schema(
        request=NewApplication,
        description="用所属组织的一项能力（`capability`）回应一个场景（`scenario`），先成为草稿；"
        "提交之前，发布单位一无所知。",
    )
    def create(self, request: Request) -> Response:
        body = read_facts(NewApplication, request)
        seen = scenarios.queries.visible_to(self.actor).filter(public_id=body.scenario).first()
        if seen is None:
            raise _unknown("scenario", "没有这个场景。")
        own = capabilities.queries.own_capabilities(self.actor).filter(public_id=body.capability)
        capability = own.first()
        if capability is None:
            raise _unknown("capability", "只能用您所属组织的能力申请。")
        application = create_application(
            scenario=seen,
            capability=capability,
            facts=part(ApplicationFacts, body),
            actor=self.actor,
        )
        return self.answer(application, created=True)

    @extend_schema(
        request=ApplicationFacts,
        parameters=[IF_MATCH],
        description="以正文替换草稿的全部内容：没有写的项即为不填写。提交之后不能修改。",
    )
    def update(self, request: Request, public_id: str) -> Response:
        application = self.get_object()
        changed = change_application(
            application=application,
            facts=read_facts(ApplicationFacts, request),
            actor=self.actor,
            unchanged_since=unchanged_since(request, application),
        )
        return self.answer(changed)

    @extend_schema(
        request=None,
        responses=ContactSerializer,
        summary="查看完整联系方式",
        description="只有申请方的成员可以查看；每次查看都会留下记录。",
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def contact(self, request: Request, public_id: str) -> Response:
        contact = reveal_contact(application=self.get_object(), actor=self.actor)
        return Response(ContactSerializer(contact).data, headers={"Cache-Control": "no-store"})


def _unknown(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, fields={field: [message]})
