"""Organizations: who they are for everybody, their registration for those who are concerned.

Organizations are written by people: no token is given a permission for it.
"""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import PAGING, refuse_unknown_parameters
from api.v1.records import VISITOR, RecordViewSet, StatedSerializer
from api.v1.verbs import (
    IF_MATCH,
    ActionsSerializer,
    VerbsViewSet,
    read_facts,
    unchanged_since,
    with_steps,
)
from common.actor import Actor
from common.contact import mask_email
from common.errors import Forbidden
from common.permissions import may
from organizations import queries
from organizations.enums import Attribute, OrganizationState
from organizations.facts import OrganizationFacts
from organizations.filters import DirectoryFilter
from organizations.models import Evidence, Membership, Organization
from organizations.rules import is_member, oversees
from organizations.services import STEPS, change_organization, register_organization
from taxonomy.models import City, District


class OrganizationSerializer(StatedSerializer[Organization]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    city = serializers.SlugRelatedField[City](slug_field="code", read_only=True, allow_null=True)
    district = serializers.SlugRelatedField[District](
        slug_field="code", read_only=True, allow_null=True
    )
    shown_attributes = serializers.SerializerMethodField(help_text="已经核验、仍在有效期内的属性")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Organization
        fields = [
            "id",
            "name",
            "legal_kind",
            "capacities",
            "shown_attributes",
            "city",
            "district",
            "seat",
            "state",
            "is_demonstration",
            "url",
        ]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Attribute.choices)))
    def get_shown_attributes(self, organization: Any) -> list[str]:
        confirmed = organization.confirmed_kinds
        return [value for value in organization.attributes if value in confirmed]

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, organization: Organization) -> str:
        return f"{settings.BASE_URL}{organization.get_absolute_url()}"


class MissingSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(source="place")
    message = serializers.CharField(source="why")


class CommentSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    message = serializers.CharField(source="text")


class RegistrationSerializer(StatedSerializer[Organization]):
    # What the licence says besides the name, and how far the registration is.
    member_count = serializers.SerializerMethodField()
    evidence_count = serializers.SerializerMethodField(help_text="有效的证明材料")
    missing = serializers.SerializerMethodField(help_text="提交核验之前还须补上的")
    comments = serializers.SerializerMethodField(help_text="退回时逐项写下的意见，提交后即了结")

    class Meta:
        model = Organization
        fields = [
            "identifier_scheme",
            "identifier",
            "representative",
            "address",
            "submitted_at",
            "created_at",
            "updated_at",
            "member_count",
            "evidence_count",
            "missing",
            "comments",
        ]

    def get_member_count(self, organization: Organization) -> int:
        return queries.members(organization).count()

    def get_evidence_count(self, organization: Organization) -> int:
        return queries.live_evidence(organization).count()

    @extend_schema_field(MissingSerializer(many=True))
    def get_missing(self, organization: Organization) -> Any:
        if organization.state not in {OrganizationState.DRAFT, OrganizationState.RETURNED}:
            return []
        lacking = queries.missing_for_submission(organization)
        return MissingSerializer(lacking, many=True).data

    @extend_schema_field(CommentSerializer(many=True))
    def get_comments(self, organization: Organization) -> Any:
        actor = Actor.of(self.context["request"].user)
        rows = queries.visible_comments(actor).filter(organization=organization, settled_at=None)
        return CommentSerializer(rows, many=True).data


class OrganizationDetailSerializer(ActionsSerializer, OrganizationSerializer):
    registration = serializers.SerializerMethodField(
        allow_null=True, help_text="登记情况；只有成员和所在地的内容管理员能看到"
    )
    stated = serializers.SerializerMethodField(
        allow_null=True, help_text="可以原样用于修改的内容；只有本单位的编辑能看到"
    )

    class Meta(OrganizationSerializer.Meta):
        fields = [*OrganizationSerializer.Meta.fields, "registration", "stated", "actions"]

    @property
    def actor(self) -> Actor:
        return Actor.of(self.context["request"].user)

    @extend_schema_field(RegistrationSerializer)
    def get_registration(self, organization: Organization) -> Any:
        if not _is_concerned(self.actor, organization):
            return None
        return RegistrationSerializer(organization, context=self.context).data

    @extend_schema_field(OrganizationFacts)  # type: ignore[arg-type]  # api.schema describes facts
    def get_stated(self, organization: Organization) -> dict[str, Any] | None:
        if not may("organizations.change", self.actor, organization):
            return None
        return queries.stated_facts(organization).model_dump(mode="json")


class MemberSerializer(StatedSerializer[Membership]):
    id = serializers.UUIDField(source="user.public_id", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True, allow_null=True)
    email = serializers.SerializerMethodField(help_text="遮盖后的邮箱")

    class Meta:
        model = Membership
        fields = ["id", "name", "email", "role", "created_at"]

    def get_email(self, membership: Membership) -> str:
        return mask_email(membership.user.email)


class EvidenceSerializer(StatedSerializer[Evidence]):
    # The file itself is read on the pages, by people.
    id = serializers.UUIDField(source="public_id", read_only=True)
    has_file = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = ["id", "kind", "state", "valid_until", "note", "has_file", "created_at"]

    def get_has_file(self, evidence: Evidence) -> bool:
        return evidence.file_id is not None


@with_steps(STEPS)
class OrganizationViewSet(VerbsViewSet, RecordViewSet):
    queryset = queries.visible_to(VISITOR)
    serializer_class = OrganizationSerializer
    detail_serializer_class = OrganizationDetailSerializer
    filterset_class = DirectoryFilter

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        rows = queries.visible_to(actor).select_related("city", "district")
        return queries.with_confirmed_kinds(rows)

    @extend_schema(
        request=OrganizationFacts,
        description="登记一个组织，先成为草稿，登记人为负责人；证明材料在网页上传。"
        "城市和区填代码，省外的填 `seat`。访问令牌不能登记组织。",
    )
    def create(self, request: Request) -> Response:
        facts = read_facts(OrganizationFacts, request)
        organization = register_organization(facts=facts, actor=self.actor)
        return self.answer(organization, created=True)

    @extend_schema(
        request=OrganizationFacts,
        parameters=[IF_MATCH],
        description="以正文替换全部内容：没有写的项即为不填写。核验通过后，证照上的内容只能在网页申请变更。",
    )
    def update(self, request: Request, public_id: str) -> Response:
        organization = self.get_object()
        changed = change_organization(
            organization=organization,
            facts=read_facts(OrganizationFacts, request),
            actor=self.actor,
            unchanged_since=unchanged_since(request, organization),
        )
        return self.answer(changed)

    @extend_schema(
        responses=MemberSerializer(many=True),
        summary="列出成员",
        description="负责人在前；只有成员和管理账号的管理员能看到，邮箱都是遮盖过的。",
    )
    @action(detail=True, filter_backends=[], permission_classes=[IsAuthenticated])
    def members(self, request: Request, public_id: str) -> Response:
        organization = self.get_object()
        keeps = may("organizations.change_role", self.actor, organization)
        if not (keeps or is_member(self.actor, organization)):
            raise Forbidden("只有成员能看到成员名单。")
        return self._pages_of(queries.members(organization), MemberSerializer)

    @extend_schema(
        responses=EvidenceSerializer(many=True),
        summary="列出证明材料",
        description="先上传的在前；只有成员和所在地的内容管理员能看到，文件在网页查看。",
    )
    @action(detail=True, filter_backends=[], permission_classes=[IsAuthenticated])
    def evidence(self, request: Request, public_id: str) -> Response:
        organization = self.get_object()
        if not _is_concerned(self.actor, organization):
            raise Forbidden("只有成员和所在地的内容管理员能看到证明材料。")
        rows = queries.visible_evidence(self.actor).filter(organization=organization)
        return self._pages_of(rows, EvidenceSerializer)

    def _pages_of(
        self, rows: QuerySet[Any], serializer: type[serializers.ModelSerializer[Any]]
    ) -> Response:
        refuse_unknown_parameters(self.request, PAGING)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(serializer(page, many=True).data)


def _is_concerned(actor: Actor, organization: Organization) -> bool:
    """Members, and whoever verifies the organizations of its place."""
    return bool(is_member(actor, organization) or oversees(actor, organization))
