"""Policy documents, clauses, rules, targets and the editions of these facts."""

from typing import Any

from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import refuse_unknown_parameters
from api.schema import ProblemSerializer
from api.views import PublicViewSet
from common.money import MAX_FEN
from common.problem import CONTENT_TYPE
from policy import filters, queries
from policy.models import (
    PolicyClause,
    PolicyDocument,
    PolicyEdition,
    PolicyRule,
    PolicyTarget,
    ResponsibleBody,
)
from policy.services import estimate_subsidy


class PolicyDocumentRefSerializer(serializers.ModelSerializer[PolicyDocument]):
    # ``status_note`` goes with the document wherever it is named.

    class Meta:
        model = PolicyDocument
        fields = ["code", "title", "short_title", "status", "status_note"]


class PolicyClauseRefSerializer(serializers.ModelSerializer[PolicyClause]):
    document = PolicyDocumentRefSerializer()

    class Meta:
        model = PolicyClause
        fields = ["code", "number", "heading", "document"]


class ResponsibleBodySerializer(serializers.ModelSerializer[ResponsibleBody]):
    class Meta:
        model = ResponsibleBody
        fields = ["code", "name", "short_name", "jurisdiction"]


class PolicyDocumentSerializer(serializers.ModelSerializer[PolicyDocument]):
    clause_count = serializers.IntegerField()
    rule_count = serializers.IntegerField()
    target_count = serializers.IntegerField()

    class Meta:
        model = PolicyDocument
        fields = [
            "code",
            "title",
            "short_title",
            "number",
            "issuer",
            "jurisdiction",
            "issued",
            "year",
            "status",
            "status_note",
            "valid_from",
            "valid_to",
            "retired_edition",
            "clause_count",
            "rule_count",
            "target_count",
        ]


class PolicyClauseSerializer(serializers.ModelSerializer[PolicyClause]):
    document = PolicyDocumentRefSerializer()
    bodies = ResponsibleBodySerializer(many=True)

    class Meta:
        model = PolicyClause
        fields = [
            "code",
            "number",
            "heading",
            "summary",
            "document",
            "bodies",
            "retired_edition",
        ]


class PolicyRuleSerializer(serializers.ModelSerializer[PolicyRule]):
    clause = PolicyClauseRefSerializer()
    conditions = serializers.SerializerMethodField()

    class Meta:
        model = PolicyRule
        fields = [
            "code",
            "title",
            "clause",
            "rate_percent",
            "rate_is_maximum",
            "cap_fen",
            "cap_per",
            "cap_per_note",
            "base",
            "base_wording",
            "payment",
            "beneficiary",
            "beneficiary_is_interpretation",
            "interpretation",
            "conditions",
            "status",
            "valid_from",
            "valid_to",
            "retired_edition",
        ]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_conditions(self, rule: PolicyRule) -> list[str]:
        return list(rule.conditions)


class PolicyTargetSerializer(serializers.ModelSerializer[PolicyTarget]):
    clause = PolicyClauseRefSerializer()

    class Meta:
        model = PolicyTarget
        fields = [
            "code",
            "subject",
            "quantity",
            "unit",
            "bound",
            "wording",
            "year",
            "nature",
            "clause",
            "retired_edition",
        ]


class PolicyEditionSerializer(serializers.ModelSerializer[PolicyEdition]):
    change_count = serializers.SerializerMethodField()

    class Meta:
        model = PolicyEdition
        fields = ["number", "digest", "loaded_at", "change_count"]

    def get_change_count(self, edition: PolicyEdition) -> int:
        return len(edition.changes)


class EstimateStepSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    amount_fen = serializers.IntegerField()


class EstimateSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    rule_status = serializers.CharField()
    notice = serializers.CharField()
    base_fen = serializers.IntegerField()
    amount_fen = serializers.IntegerField()
    capped = serializers.BooleanField()
    is_maximum = serializers.BooleanField()
    steps = EstimateStepSerializer(many=True)


class EstimateQuerySerializer(serializers.Serializer[Any]):
    # Digits alone: Python's own reading would also take 1_0, 1.0 and digits of other scripts.
    base_fen = serializers.RegexField(
        "^[0-9]{1,19}$",
        error_messages={"invalid": f"请输入 0 到 {MAX_FEN} 之间的整数（分）。"},
    )


class PolicyDocumentViewSet(PublicViewSet):
    queryset = queries.documents()
    detail_queryset = queries.documents(with_retired=True)
    serializer_class = PolicyDocumentSerializer
    filterset_class = filters.DocumentFilter


class PolicyClauseViewSet(PublicViewSet):
    queryset = queries.clauses()
    detail_queryset = queries.clauses(with_retired=True)
    serializer_class = PolicyClauseSerializer
    filterset_class = filters.ClauseFilter


class PolicyTargetViewSet(PublicViewSet):
    queryset = queries.targets()
    detail_queryset = queries.targets(with_retired=True)
    serializer_class = PolicyTargetSerializer
    filterset_class = filters.TargetFilter


class PolicyRuleViewSet(PublicViewSet):
    queryset = queries.rules()
    detail_queryset = queries.rules(with_retired=True)
    serializer_class = PolicyRuleSerializer
    filterset_class = filters.RuleFilter

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "base_fen",
                {"type": "integer", "minimum": 0, "maximum": MAX_FEN},
                required=True,
                description="基数（分）",
            )
        ],
        responses={
            200: EstimateSerializer,
            (422, CONTENT_TYPE): OpenApiResponse(
                ProblemSerializer, description="原文没有比例，无法测算"
            ),
        },
        filters=False,
        summary="按规则测算资助金额",
        description="逐步列出计算过程；`rule_status` 说明规则今天是否有效。",
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def estimate(self, request: Request, code: str) -> Response:
        rule = self.get_object()
        refuse_unknown_parameters(request, {"base_fen"})
        query = EstimateQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        result = estimate_subsidy(rule=rule, base_fen=int(query.validated_data["base_fen"]))
        body = {
            "rule": rule.code,
            "rule_status": rule.status,
            "notice": rule.clause.document.status_note,
            "base_fen": result.base_fen,
            "amount_fen": result.amount_fen,
            "capped": result.capped,
            "is_maximum": result.is_maximum,
            "steps": result.steps,
        }
        return Response(EstimateSerializer(body).data)


class PolicyEditionViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[PolicyEdition]):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    queryset = queries.editions()
    serializer_class = PolicyEditionSerializer
