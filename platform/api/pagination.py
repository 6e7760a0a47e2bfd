"""Pages of at most 100 results: ``page``, ``page_size``."""

from typing import Any

from django.conf import settings
from rest_framework import pagination
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView


class PageNumberPagination(pagination.PageNumberPagination):
    """A page size above 100 is answered with 100; one that is no number is refused."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int | None:
        asked = request.query_params.get("page_size")
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdecimal() and int(asked[:9]) > 0):
            raise ValidationError({"page_size": ["请输入 1 到 100 之间的整数。"]})
        return min(int(asked[:9]), self.max_page_size)

    def get_next_link(self) -> str | None:
        return self._absolute(super().get_next_link())

    def get_previous_link(self) -> str | None:
        return self._absolute(super().get_previous_link())

    def _absolute(self, link: str | None) -> str | None:
        """The address under BASE_URL, whatever Host the request named (THREATS A25)."""
        if link is None or self.request is None:
            return None
        own = self.request.build_absolute_uri("/").rstrip("/")
        return f"{settings.BASE_URL}{link.removeprefix(own)}"

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        whole = {"type": "integer", "minimum": 1}
        return [
            {"name": "page", "in": "query", "schema": whole, "description": "页码，从 1 开始"},
            {
                "name": "page_size",
                "in": "query",
                "schema": whole,
                "description": "每页条数，超过 100 按 100 计",
            },
        ]
