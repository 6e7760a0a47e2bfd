"""The errors that verbs raise; each door maps the family once (HTML message, problem+json)."""

from __future__ import annotations

from dataclasses import dataclass


class DomainError(Exception):
    """A refusal with a message fit for people; ``code`` is stable for programs."""

    code = "refused"
    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(DomainError):
    """The values given cannot be used; ``fields`` names each one that is wrong."""

    code = "invalid"

    def __init__(self, message: str, *, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class Forbidden(DomainError):
    """The actor may see the object but not do this to it."""

    code = "forbidden"
    status = 403


class NotFound(DomainError):
    """There is no such object, or the actor may not know of it: both answer alike."""

    code = "not_found"
    status = 404


class Conflict(DomainError):
    """The object changed meanwhile, or its state does not allow the step."""

    code = "conflict"
    status = 409


@dataclass(frozen=True)
class Problem:
    """One fault in an input file: where it stands and what is wrong with it.

    ``line`` counts from 1; ``field`` is the path inside the file, such as ``cities[3].region``.
    """

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}"
        return (
            f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"
        )


class InvalidFiles(DomainError):
    """Input files hold faults; nothing of them was taken over."""

    code = "invalid_files"

    def __init__(self, message: str, problems: list[Problem]) -> None:
        super().__init__(message)
        self.problems = problems
