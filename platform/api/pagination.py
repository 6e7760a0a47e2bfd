"""Pages of at most 100 results: ``page``, ``page_size``."""

from rest_framework import pagination
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


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
