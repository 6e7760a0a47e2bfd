"""Writing over the API: a body becomes facts, a verb is called, the record is answered.

The verbs are the services that the pages call; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from pydantic import BaseModel, Field, ValidationError
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ParseError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import IdempotentView
from common.actor import Actor
from common.errors import InvalidInput
from common.facts import Facts, Text
from common.validation import explain
from lifecycle.services import LONGEST_REASON
from lifecycle.steps import Steps
from lifecycle.transitions import Transition, lifecycle_of
from organizations.models import Organization
from organizations.queries import own_organizations

B = TypeVar("B", bound=BaseModel)
V = TypeVar("V", bound="VerbsViewSet")

# A body can hold tens of thousands of faults; nobody reads more than these.
MOST_FAULTS = 100
# GET answers with it, PUT takes it back.
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="读取时得到的 ETag；记录在此之后改动过则回答 412，什么也不写入",
)


class NothingFacts(Facts):
    # The body of a step that needs none: absent or ``{}``.
    pass


class ReasonFacts(Facts):
    # The body of a step that needs a reason.
    reason: Annotated[Text, Field(min_length=1, max_length=LONGEST_REASON)]


class PreconditionFailed(APIException):
    status_code = 412
    default_code = "precondition_failed"
    default_detail = "这条记录在您读取之后改动过，请重新读取后再提交。"


def read_facts(facts: type[B], request: Request) -> B:
    """The body as ``facts``; an absent body counts as ``{}``.

    Strictly typed: ``"5"`` is no number. Raises ParseError when it is no JSON object,
    InvalidInput with a path (``goals.0.indicator``) for each fault, unknown names among them.
    """
    body: Any = request.data or b"{}"
    try:
        return facts.model_validate_json(body, strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False)[:MOST_FAULTS]
    fields: dict[str, list[str]] = {}
    for fault in faults:
        if fault["type"] == "json_invalid":
            raise ParseError(f"请求正文有误：{explain(fault)}。")
        if fault["type"] == "model_type" and not fault["loc"]:
            raise ParseError("请求正文应为 JSON 对象。")
        fields.setdefault(".".join(map(str, fault["loc"])), []).append(explain(fault))
    raise InvalidInput("提交的内容有误，详见 errors。", fields=fields)


def part(facts: type[B], body: B) -> B:
    """The fields of ``facts`` out of a ``body`` that extends them, checked already."""
    return facts.model_construct(**{name: getattr(body, name) for name in facts.model_fields})


def own_organization(actor: Actor, public_id: UUID) -> Organization:
    """The organization that a body names; one of others is refused like an absent one."""
    found = own_organizations(actor).filter(public_id=public_id).first()
    if found is None:
        message = "只能填写您所属的组织。"
        raise InvalidInput(message, fields={"organization": [message]})
    return found


def etag(record: Any) -> str:
    return f'"{record.updated_at.isoformat()}"'


def unchanged_since(request: Request, record: Any) -> datetime | None:
    """What the header If-Match asks of ``record``, as the verbs take it; None when nothing.

    Raises PreconditionFailed. The verb asks again under the row's lock.
    """
    asked = request.headers.get("If-Match", "*")
    # Servers that compress answers mark the tag as weak.
    tags = {tag.strip().removeprefix("W/") for tag in parse_etags(asked)}
    if "*" in tags:
        return None
    if etag(record) not in tags:
        raise PreconditionFailed
    stamp: datetime = record.updated_at
    return stamp


class OpenStepSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="POST 到 {id}/{name}/")
    label = serializers.CharField()  # type: ignore[assignment]
    needs_reason = serializers.BooleanField()


class ActionsSerializer(serializers.Serializer[Any]):
    # For the detail of a noun whose viewset has ``steps``; rows of lists would each ask anew.
    actions = serializers.SerializerMethodField(help_text="您现在可以执行的操作")

    @extend_schema_field(OpenStepSerializer(many=True))
    def get_actions(self, record: Any) -> Any:
        view: VerbsViewSet = self.context["view"]
        actor = Actor.of(self.context["request"].user)
        return OpenStepSerializer(view.steps.open_to(record, actor), many=True).data


class VerbsViewSet(IdempotentView, viewsets.GenericViewSet[Any]):
    # A noun that is written too. ``detail_serializer_class`` answers for one record, after verbs
    # as well; ``get_queryset`` gives what the reader may see, and 404 stands for the rest. Steps
    # come by ``with_steps``. (A docstring would be shown to readers of the API's description.)
    detail_serializer_class: ClassVar[type[serializers.BaseSerializer[Any]]]
    steps: ClassVar[Steps]

    @property
    def actor(self) -> Actor:
        return Actor.of(self.request.user)

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        if self.action == "list":
            return super().get_serializer_class()
        return self.detail_serializer_class

    @extend_schema(description="ETag 供修改时的 If-Match 使用。")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._show(self.get_object())

    def answer(self, record: Any, *, created: bool = False) -> Response:
        """The record as it is after a verb, read anew."""
        response = self._show(get_object_or_404(self.get_queryset(), pk=record.pk))
        if created:
            own = getattr(record, self.lookup_field)
            address = reverse(f"api:{self.basename}-detail", args=[own])
            response.status_code = 201
            response["Location"] = f"{settings.BASE_URL}{address}"
        return response

    def _show(self, record: Any) -> Response:
        return Response(self.get_serializer(record).data, headers={"ETag": etag(record)})


def with_steps(steps: Steps) -> Callable[[type[V]], type[V]]:
    """Give a viewset ``POST <record>/<step>/`` for every step of its noun.

    Its ``queryset`` names the model, whose lifecycle says what a step is called and needs.
    """

    def add(viewset: type[V]) -> type[V]:
        viewset.steps = steps
        lifecycle = lifecycle_of(viewset.queryset.model())  # type: ignore[union-attr]
        for name in steps.verbs:
            take = _taking(lifecycle.get(name), viewset)
            setattr(viewset, take.__name__, take)
        return viewset

    return add


def _taking(step: Transition, viewset: type[VerbsViewSet]) -> Callable[..., Response]:
    body = ReasonFacts if step.needs_reason else NothingFacts

    def take(self: VerbsViewSet, request: Request, **_: Any) -> Response:
        record = self.get_object()
        given = read_facts(body, request).model_dump()
        since = unchanged_since(request, record)
        self.steps.take(step.name, record, self.actor, unchanged_since=since, **given)
        return self.answer(record)

    take.__name__ = f"take_{step.name}"
    described = extend_schema(
        summary=str(step.label),
        parameters=[IF_MATCH],
        request=body if step.needs_reason else None,
        responses={200: viewset.detail_serializer_class},
    )
    routed = action(detail=True, methods=["post"], url_path=step.name)
    return described(routed(take))
