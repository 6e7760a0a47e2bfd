"""What a token may be given: names of rules, none of which is an administrator's."""

from __future__ import annotations

import pytest
from rules.permissions import perm_exists

from common.permissions import may
from tests.records import (
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)
from tokens.enums import PERMISSIONS, Scope, permissions_of

EVERY = sorted(permissions_of(Scope.values))


def test_every_scope_has_its_line_and_names_rules() -> None:
    assert set(PERMISSIONS) == set(Scope.values)
    assert [name for name in EVERY if not perm_exists(name)] == []
    assert permissions_of(["read"]) == frozenset()
    assert permissions_of(["nonsense", "scenarios"]) == PERMISSIONS["scenarios"]


@pytest.mark.django_db
@pytest.mark.parametrize("permission", EVERY)
def test_members_without_any_duty_hold_what_tokens_may_be_given(permission: str) -> None:
    """So none of it is an administrator's alone."""
    own = make_organization()
    editor = make_member(own)
    host, supplier = make_scenario(own), make_capability(own)
    objects = {
        "scenarios": host,
        "capabilities": supplier,
        "applications": make_application(capability=supplier, submitted=False),
    }
    decided = make_application(host)
    obj = {
        "scenarios.create": own,
        "capabilities.create": own,
        "applications.create": supplier,
        "applications.decide": decided,
    }.get(permission, objects[permission.partition(".")[0]])

    assert editor.grants == frozenset()
    assert may(permission, editor, obj)
    assert not may(permission, make_member(own, "viewer"), obj)


@pytest.mark.django_db
def test_what_administrators_alone_may_is_in_no_scope() -> None:
    administrator, scenario = make_administrator(), make_scenario(published=False)

    for permission in ("scenarios.review", "scenarios.import", "capabilities.import"):
        assert may(permission, administrator, scenario)
        assert permission not in EVERY
