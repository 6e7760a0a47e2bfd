"""What becomes of duties that were given together before they were separated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from accounts.models import User
from audit.chain import faults
from audit.models import AuditEvent
from authorities.history import decisions_on
from authorities.models import Appointment, Authority
from common.clock import beijing_today
from tests.authorities.makers import make_appointment, make_authority, make_person

JOINED = ["system", "content", "catalogue"]


def joined(authority: Authority, *duties: str, ended: bool = False, **who: bool) -> Appointment:
    """As the table took it before."""
    person = make_person()
    User.objects.filter(pk=person.pk).update(**who)
    made = Appointment.objects.create(
        authority=authority, user=person, duties=[*(duties or JOINED)]
    )
    if ended:
        Appointment.objects.filter(pk=made.pk).update(ended_at=made.created_at)
    return made


def now(row: Appointment) -> tuple[list[str], bool]:
    """Its duties, and whether it stands."""
    row.refresh_from_db()
    return row.duties, row.ended_at is None


def test_duties_of_before_are_separated_and_told(committed_db: str) -> None:
    call_command("migrate", "authorities", "0003_history", verbosity=0)
    two, lonely, closed, shown = (make_authority() for _ in range(4))
    first, second = joined(two), joined(two, "system", "content")
    former = joined(two, ended=True)
    over = joined(two)
    Appointment.objects.filter(pk=over.pk).update(ends_on=beijing_today() - timedelta(days=1))
    last = joined(lonely)
    left = joined(closed), joined(closed, is_active=False)
    invented = joined(shown, is_demonstration=True)
    untouched = [
        *(make_appointment(two, None, duty) for duty in ("content", "audit")),
        make_appointment(two, None, "content", "catalogue"),
    ]
    # Across authorities: one of them is the last system administrator somewhere.
    spread, anchor = make_authority(), make_authority()
    here = make_appointment(spread, None, "system")
    there = Appointment.objects.create(authority=anchor, user=here.user, duties=["content"])
    relieved = Appointment.objects.create(authority=two, user=make_person(), duties=["system"])
    elsewhere = Appointment.objects.create(
        authority=anchor, user=relieved.user, duties=["catalogue"]
    )
    make_appointment(shared := make_authority(), None, "system")
    one_of_two = Appointment.objects.create(authority=shared, user=make_person(), duties=["system"])
    kept = Appointment.objects.create(
        authority=anchor, user=one_of_two.user, duties=["content", "catalogue"]
    )
    events = AuditEvent.objects.count()

    call_command("migrate", "authorities", verbosity=0)

    assert now(first) == (["content", "catalogue"], True)
    assert now(second) == (["content"], True)
    assert now(former) == (JOINED, False)
    assert now(over) == (["content", "catalogue"], True)
    assert now(last) == (["system"], True)
    assert now(left[0]) == (["system"], True)
    assert now(left[1]) == (["content", "catalogue"], True)
    assert now(invented) == (["content", "catalogue"], True)
    assert [now(row) for row in untouched] == [
        (["content"], True),
        (["audit"], True),
        (["content", "catalogue"], True),
    ]
    assert (now(here), now(there)) == ((["system"], True), (["content"], False))
    # Nobody else keeps accounts at ``two`` by then.
    assert (now(relieved), now(elsewhere)) == ((["system"], True), (["catalogue"], False))
    assert now(one_of_two) == (["system"], False)
    assert now(kept) == (["content", "catalogue"], True)
    (told,) = decisions_on(lonely, 1)
    assert (str(told.label), told.former, told.duties) == (
        "变更职责",
        ["系统管理", "内容管理", "目录管理"],
        ["系统管理"],
    )
    assert told.by == "authorities.0004_separate_duties"
    changed = [first, second, over, last, *left, invented, there, elsewhere, one_of_two]
    assert AuditEvent.objects.count() == events + len(changed)
    assert list(faults([])) == []
    with pytest.raises(IntegrityError):
        Appointment.objects.create(authority=two, user=make_person(), duties=JOINED)
