"""Fields that most records share."""

from django.db import models
from django.db.models.functions import Now


class UUID7(models.Func):
    """PostgreSQL 18's ``uuidv7()``: unguessable enough for addresses, ordered by time."""

    function = "uuidv7"
    output_field = models.UUIDField()


class PublicModel(models.Model):
    """A record that people reach by address: bigint inside, UUIDv7 outside."""

    public_id = models.UUIDField(db_default=UUID7(), unique=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True
