"""What the commands of this app say when a verb refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from pydantic import ValidationError

from authorities.models import Authority
from authorities.queries import authority_by_code
from common.errors import DomainError, InvalidInput
from common.validation import explain


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turns refusals into CommandError, one line for each fault."""
    try:
        yield
    except ValidationError as error:
        raise CommandError(
            "\n".join(
                ": ".join([*map(str, each["loc"][:1]), explain(each)]) for each in error.errors()
            )
        ) from None
    except InvalidInput as error:
        faults = [f"{name}: {text}" for name, texts in error.fields.items() for text in texts]
        raise CommandError("\n".join(faults) or error.message) from None
    except DomainError as error:
        raise CommandError(error.message) from None
    except ValueError as error:
        raise CommandError(str(error)) from None


def known_authority(code: str) -> Authority:
    """Raises ValueError when no authority has the code."""
    found = authority_by_code(code)
    if found is None:
        raise ValueError(
            f"没有代码为“{code}”的主管部门，请先用 manage.py register_authority 登记。"
        )
    return found
