"""What everybody may read, and what the site tells of itself."""

from __future__ import annotations

from collections.abc import Iterator

from tests.matrix.case import Case

CODES = {
    "city_detail": "440100",
    "concept_detail": "gd-2024-embodied-robots",
    "policy_clause": "sz-2023-12",
    "policy_document": "gd-2024",
    "policy_rule": "sz-2023-hk-macao-programme",
}
LISTS = (
    *("home", "city_list", "concept_list", "policy_list", "clause_list"),
    *("healthz", "api_schema", "api_docs"),
)


def cases() -> Iterator[Case]:
    for route in LISTS:
        yield Case(route)
    for route, code in CODES.items():
        yield Case(route, place=lambda world, side, code=code: {"code": code}, is_public=True)
    yield Case("import_template", place=lambda world, side: {"kind": "scenarios"}, is_public=True)
