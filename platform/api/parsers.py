"""Request bodies: JSON of a bounded size, left as it came for ``api.v1.verbs`` to read."""

from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser

# 平台默认: a record with every field filled to its limit needs less than half of it.
MAX_BODY_BYTES = 500_000


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = f"请求正文最多 {MAX_BODY_BYTES // 1000} KB。"


class JSONBody(BaseParser):
    """Reads no more than the limit, whatever length the request states (THREATS A15)."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raw: bytes = stream.read(MAX_BODY_BYTES + 1)
        if len(raw) > MAX_BODY_BYTES:
            raise TooLarge
        return raw
