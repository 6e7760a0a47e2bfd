"""First-purchase catalogues, their editions, and the items on their way into them."""

from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from pydantic import Field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.rules import is_catalogue_administrator
from api.v1.policy import PolicyClauseRefSerializer, ResponsibleBodySerializer
from api.v1.records import VISITOR, OrganizationRefSerializer, RecordViewSet, StatedSerializer
from api.v1.verbs import (
    IF_MATCH,
    ActionsSerializer,
    OpenStepSerializer,
    VerbsViewSet,
    part,
    read_facts,
    unchanged_since,
    with_steps,
)
from api.views import PublicViewSet
from capabilities.enums import ProductKind
from catalogue import filters, queries, services
from catalogue.facts import (
    CandidateFacts,
    CatalogueChange,
    CatalogueFacts,
    EditionFacts,
    NoticeFacts,
)
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem, EditionItem
from common.actor import Actor
from common.errors import Forbidden, InvalidInput
from common.facts import Line
from lifecycle.services import available


class AdministratorsWrite(BasePermission):
    # Everybody reads what they may see; the verbs ask again, about the record.
    code = Forbidden.code
    message = _("您没有编制目录的权限。")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or bool(
            is_catalogue_administrator(Actor.of(request.user))
        )


class AddressSerializer(serializers.Serializer[Any]):
    url = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, record: Any) -> str:
        return f"{settings.BASE_URL}{record.get_absolute_url()}"


class CatalogueRefSerializer(AddressSerializer, StatedSerializer[Catalogue]):
    class Meta:
        model = Catalogue
        fields = ["code", "name", "is_demonstration", "url"]


class EditionRefSerializer(AddressSerializer, StatedSerializer[CatalogueEdition]):
    class Meta:
        model = CatalogueEdition
        fields = ["number", "year", "sequence", "title", "item_count", "published_at", "url"]


class EditionSerializer(EditionRefSerializer):
    catalogue = CatalogueRefSerializer()

    class Meta(EditionRefSerializer.Meta):
        fields = [*EditionRefSerializer.Meta.fields, "catalogue", "note"]


class EditionItemSerializer(StatedSerializer[EditionItem]):
    class Meta:
        model = EditionItem
        fields = [
            "position",
            "product_name",
            "kind",
            "model_number",
            "summary",
            "price_min_fen",
            "price_max_fen",
            "organization_name",
            "identifier_scheme",
            "identifier",
            "is_demonstration",
            "notice_from",
            "notice_to",
            "grounds",
        ]


class EditionDetailSerializer(EditionSerializer):
    items = EditionItemSerializer(many=True, help_text="发布时的内容，此后不变")

    class Meta(EditionSerializer.Meta):
        fields = [*EditionSerializer.Meta.fields, "items"]


class CatalogueSerializer(CatalogueRefSerializer):
    issuer = ResponsibleBodySerializer(allow_null=True, help_text="演示目录没有发布机构，为 null")
    basis = PolicyClauseRefSerializer()
    latest_edition = EditionRefSerializer(allow_null=True)
    notice_count = serializers.IntegerField(help_text="公示中的产品数")
    listed_count = serializers.IntegerField(help_text="已列入、进入下一期的产品数")

    class Meta(CatalogueRefSerializer.Meta):
        fields = [
            *CatalogueRefSerializer.Meta.fields,
            "issuer",
            "basis",
            "introduction",
            "latest_edition",
            "notice_count",
            "listed_count",
            "created_at",
            "updated_at",
        ]


class AnnouncementSerializer(serializers.Serializer[Any]):
    # The product as announced; before its notice, as it is.
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ProductKind.choices)
    model_number = serializers.CharField()
    summary = serializers.CharField()


class ItemSerializer(AddressSerializer, StatedSerializer[CatalogueItem]):
    id = serializers.UUIDField(source="public_id", read_only=True)
    catalogue = serializers.SlugRelatedField[Catalogue](slug_field="code", read_only=True)
    organization = OrganizationRefSerializer()
    product = serializers.SerializerMethodField()
    announced = AnnouncementSerializer(
        source="told", help_text="公示开始时的内容，此后不变；候选为产品现在的内容"
    )

    class Meta:
        model = CatalogueItem
        fields = [
            "id",
            "catalogue",
            "state",
            "product",
            "announced",
            "organization",
            "grounds",
            "notice_from",
            "notice_to",
            "url",
            "created_at",
            "updated_at",
        ]

    @extend_schema_field(OpenApiTypes.UUID)
    def get_product(self, item: CatalogueItem) -> str:
        return str(item.product.public_id)


class ItemDetailSerializer(ActionsSerializer, ItemSerializer):
    class Meta(ItemSerializer.Meta):
        fields = [*ItemSerializer.Meta.fields, "actions"]

    @extend_schema_field(OpenStepSerializer(many=True))
    def get_actions(self, item: CatalogueItem) -> Any:
        # begin_notice too, which has a body of its own.
        actor = Actor.of(self.context["request"].user)
        return OpenStepSerializer(available(item, actor), many=True).data


class CatalogueViewSet(mixins.ListModelMixin, VerbsViewSet):
    permission_classes = [IsAuthenticatedOrReadOnly, AdministratorsWrite]
    queryset = queries.catalogues()
    serializer_class = detail_serializer_class = CatalogueSerializer
    lookup_field = "code"
    lookup_value_regex = "[A-Z]{2,8}"

    @extend_schema(
        request=CatalogueFacts,
        description="只有管理员可以建立。发布机构和政策依据填代码；目录代码建立后不能更改。",
    )
    def create(self, request: Request) -> Response:
        facts = read_facts(CatalogueFacts, request)
        made = services.create_catalogue(facts=facts, actor=self.actor)
        return self.answer(made, created=True)

    @extend_schema(
        request=CatalogueChange,
        parameters=[IF_MATCH],
        description="替换名称和说明；已发布的各期不变。",
    )
    def update(self, request: Request, code: str) -> Response:
        catalogue = self.get_object()
        changed = services.change_catalogue(
            catalogue=catalogue,
            facts=read_facts(CatalogueChange, request),
            actor=self.actor,
            unchanged_since=unchanged_since(request, catalogue),
        )
        return self.answer(changed)

    @extend_schema(
        request=EditionFacts,
        responses={201: EditionDetailSerializer},
        summary="发布新一期目录",
        description="把现在已列入的产品编号发布，发布后不能更改；没有变化时回答 409。",
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def editions(self, request: Request, code: str) -> Response:
        facts = read_facts(EditionFacts, request)
        edition = services.publish_edition(
            catalogue=self.get_object(), facts=facts, actor=self.actor
        )
        return Response(EditionDetailSerializer(edition).data, status=201)


class EditionViewSet(PublicViewSet):
    queryset = queries.editions()
    detail_queryset = queries.editions().prefetch_related("items")
    lookup_field = "number"
    lookup_value_regex = "[A-Z]{2,8}-[0-9]{4}-[0-9]{4,5}"
    filterset_class = filters.EditionFilter

    def get_serializer_class(self) -> type[EditionSerializer]:
        return EditionSerializer if self.action == "list" else EditionDetailSerializer


class NewItem(CandidateFacts):
    # Why a product should be listed, and where.
    catalogue: Annotated[Line, Field(max_length=8)]
    product: UUID


@with_steps(services.STEPS)
class ItemViewSet(VerbsViewSet, RecordViewSet):
    permission_classes = [IsAuthenticatedOrReadOnly, AdministratorsWrite]
    queryset = queries.visible_to(VISITOR)
    serializer_class = ItemSerializer
    detail_serializer_class = ItemDetailSerializer
    filterset_class = filters.ItemFilter

    def visible_to(self, actor: Actor) -> QuerySet[CatalogueItem]:
        return queries.with_details(queries.visible_to(actor))

    @extend_schema(
        request=NewItem,
        description="推荐产品（`product`）为目录（`catalogue` 代码）的候选。"
        "只有不属于供给单位的管理员可以推荐；推荐理由公示时公开。",
    )
    def create(self, request: Request) -> Response:
        body = read_facts(NewItem, request)
        catalogue = queries.catalogues().filter(code=body.catalogue).first()
        if catalogue is None:
            raise _unknown("catalogue", "没有这个代码的目录。")
        product = queries.product_for(self.actor, body.product)
        if product is None:
            raise _unknown("product", "没有这个产品。")
        item = services.add_candidate(
            catalogue=catalogue,
            product=product,
            facts=part(CandidateFacts, body),
            actor=self.actor,
        )
        return self.answer(item, created=True)

    @extend_schema(
        request=NoticeFacts,
        responses={200: ItemDetailSerializer},
        summary="开始公示",
        description=f"首尾两天都计入，按北京时间；至少 {settings.CATALOGUE_NOTICE_DAYS} 天。",
    )
    @action(detail=True, methods=["post"])
    def begin_notice(self, request: Request, public_id: str) -> Response:
        item = self.get_object()
        facts = read_facts(NoticeFacts, request)
        return self.answer(services.begin_notice(item=item, facts=facts, actor=self.actor))


def _unknown(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, fields={field: [message]})
