"""What the API's views have in common."""

from typing import Any

from rest_framework import mixins, viewsets
from rest_framework.permissions import AllowAny


class PublicViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Facts that everybody may read, addressed by their code."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    lookup_field = "code"
    lookup_value_regex = "[a-z0-9-]+"
