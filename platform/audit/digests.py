"""What an object said, in 64 characters: two events show whether anything changed in between."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from pydantic import BaseModel


def digest_of(said: models.Model | BaseModel) -> str:
    """SHA-256 (hexadecimal) of a row's own columns, or of the facts that a record states."""
    values: dict[str, Any]
    if isinstance(said, BaseModel):
        values = said.model_dump(mode="json")
    else:
        values = {field.attname: field.value_from_object(said) for field in said._meta.fields}
    text = json.dumps(values, cls=_Encoder, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return bytes(o).hex() if isinstance(o, (bytes, memoryview)) else super().default(o)
