"""The table: every line names news that exists, and says whole sentences."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from string import Formatter
from typing import Any

import pytest
from django.conf import settings

from authorities.models import Appointment, Delegation
from common.actor import Actor
from common.clock import beijing_today
from common.models import database_now
from lifecycle.transitions import lifecycle_of
from notifications.enums import DEFAULT_MODES, OF_ORGANIZATIONS, Category, Mode, Standing
from notifications.kinds import KINDS, Kind
from notifications.subjects import SUBJECTS
from organizations.evidence import confirm_evidence
from organizations.models import Amendment, Evidence, JoinRequest
from outbox import consumers
from tests.catalogues import make_catalogue, make_item, make_product
from tests.records import (
    SYSTEM,
    make_administrator,
    make_application,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)
from tests.reviews.makers import make_expert
from tokens.models import ApiToken

ids = [f"{kind.topic} {kind.audience.__name__}" for kind in KINDS]
# Where the sources say the name of a verb: beside what it was done to.
SAID = r'(?:announce|_tell|_end_membership)\((?:\s*[\w.]+,)+?\s*"(\w+)"'
ANNOUNCED = re.compile(SAID)


def announced_verbs() -> set[str]:
    """Verbs that the source announces beside transitions."""
    found = subprocess.run(
        ["grep", "-rhzoP", SAID, "--include=*.py", "platform"],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ANNOUNCED.findall(found.stdout))


@pytest.mark.parametrize("kind", KINDS, ids=ids)
def test_news_of_the_table_exists(kind: Kind) -> None:
    label, _, verb = kind.topic.rpartition(".")
    model = SUBJECTS[label].model

    assert label == model._meta.label_lower
    try:
        steps = {step.name for step in lifecycle_of(model()).transitions}
    except KeyError:
        steps = set()
    assert verb in steps | announced_verbs()


@pytest.mark.parametrize("kind", KINDS, ids=ids)
def test_sentences_name_no_contact_and_end(kind: Kind) -> None:
    named = {
        name for text in (kind.title, kind.text) for _, name, _, _ in Formatter().parse(str(text))
    }

    assert not {each for each in named if each} & {"email", "phone", "contact", "token_secret"}
    assert str(kind.text)[-1] in "。}"
    assert not str(kind.title).endswith("。")


def test_every_topic_has_its_consumer() -> None:
    for kind in KINDS:
        assert "notifications.notify" in {each.name for each in consumers.listening_to(kind.topic)}


def test_security_is_always_told_at_once() -> None:
    assert DEFAULT_MODES[Category.SECURITY] is Mode.AT_ONCE
    assert Category.SECURITY not in OF_ORGANIZATIONS
    assert set(DEFAULT_MODES) == set(Category)


@pytest.fixture
def records() -> dict[str, Any]:
    """One of everything that news may be about."""
    host = make_organization("明远制造")
    person = user_of(make_member(host, "owner"))
    appointed = user_of(make_administrator())
    proof = Evidence.objects.create(
        organization=host, kind="licence", valid_until=beijing_today() + timedelta(days=365)
    )
    confirm_evidence(evidence=proof, actor=SYSTEM)
    item = make_item(make_catalogue(), "under_notice", make_product(host))
    scenario = make_scenario(host)
    made = [
        scenario,
        make_application(scenario),
        item,
        host,
        proof,
        Amendment.objects.create(organization=host, values={}),
        JoinRequest.objects.create(organization=host, user=appointed),
        ApiToken.objects.create(
            organization=host,
            user=person,
            name="夜间同步",
            prefix="p",
            digest="d",
            expires_at=database_now() + timedelta(days=1),
        ),
        Appointment.objects.get(user=appointed),
        Delegation.objects.create(
            authority=Appointment.objects.get(user=appointed).authority,
            operator=host,
            duties=["content"],
            ends_on=beijing_today() + timedelta(days=30),
        ),
        make_expert(),
        person,
    ]
    return {each._meta.label_lower: each for each in made}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS, ids=ids)
def test_every_line_finds_its_words_and_its_people(kind: Kind, records: dict[str, Any]) -> None:
    label = kind.topic.rpartition(".")[0]
    record, subject = records[label], SUBJECTS[label]
    member = records["accounts.user"]
    payload = {
        "id": record.pk,
        "user": member.pk,
        "role": "editor",
        "before": "viewer",
        "kind": "totp",
        "left": 9,
        "details": {"reason": "理由"},
    }

    words = subject.words(record, payload)
    people = list(kind.audience(record, payload))

    named = {
        name for text in (kind.title, kind.text) for _, name, _, _ in Formatter().parse(str(text))
    }
    assert all(words[name] for name in named if name)
    assert people
    assert all(each.reason and not each.reason.endswith("。") for each in people)
    assert subject.find(record.pk) == record
    for each in people:
        if each.standing != Standing.SELF:
            assert subject.seen(Actor.of(each.user), [record.pk]) == {record.pk}
        if each.standing == Standing.ADMINISTRATOR:
            assert subject.overseen is not None
            assert subject.overseen(Actor.of(each.user)).contains(record)
    assert re.fullmatch(r"/[^/\s]\S*", (kind.page or subject.path)(record))
