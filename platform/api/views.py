"""What the API's views have in common."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import mixins, viewsets
from rest_framework.permissions import AllowAny


class PublicViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    # Facts that everybody may read, addressed by their code. (A docstring would be shown to
    # readers of the API's description.) ``detail_queryset`` may also hold retired facts: a record
    # that points at one must be able to say what it was.
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    lookup_field = "code"
    lookup_value_regex = "[a-z0-9-]+"
    detail_queryset: QuerySet[Any]

    def get_queryset(self) -> QuerySet[Any]:
        if self.action != "list":
            return self.detail_queryset.all()
        return super().get_queryset()
