"""What becomes of organizations that were in two places before that was refused."""

from __future__ import annotations

from django.core.management import call_command

from organizations.amendments import approve_amendment
from organizations.history import history_of
from organizations.models import Amendment, Organization
from organizations.queries import stated_facts
from tests.records import GUANGZHOU, SHENZHEN, SYSTEM, make_organization


def test_whoever_sits_in_the_province_leaves_the_seat_outside(committed_db: str) -> None:
    call_command("migrate", "organizations", "0006_replaced_evidence", verbosity=0)
    both, inside = make_organization(city=GUANGZHOU), make_organization(city=GUANGZHOU)
    outside = make_organization(seat="北京市")
    Organization.objects.filter(pk=both.pk).update(seat="北京市")
    asked = Amendment.objects.create(
        organization=inside, values={"city": SHENZHEN, "district": None, "seat": "上海市"}
    )

    call_command("migrate", "organizations", verbosity=0)

    for each in (both, inside, outside, asked):
        each.refresh_from_db()
    assert (both.seat, inside.seat, outside.seat) == ("", "", "北京市")
    assert stated_facts(both).city == GUANGZHOU
    assert [row.seat for row in history_of(both)][-2:] == ["北京市", ""]
    approve_amendment(amendment=asked, actor=SYSTEM)
    assert stated_facts(Organization.objects.get(pk=inside.pk)).city == SHENZHEN
