"""Answers by key: repeated for the same question, written with the effect, gone in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from pytest_django import Settings

from common.actor import Actor
from common.errors import Conflict
from organizations.models import Membership
from tests.records import make_member, make_organization
from tests.tokens.makers import make_token
from tokens.idempotency import Answer, KeyReused, answer_once, prune
from tokens.models import AnsweredCall
from tokens.services import actor_of

pytestmark = pytest.mark.django_db


class Work:
    """Counts how often it is done."""

    def __init__(self, status: int = 200, *, is_confidential: bool = False) -> None:
        self.status, self.done, self.is_confidential = status, 0, is_confidential

    def __call__(self) -> Answer:
        self.done += 1
        return Answer(self.status, f"第 {self.done} 次", {"ETag": '"1"'}, self.is_confidential)


def ask(actor: Actor, work: Any, *asked: str, key: str = "k") -> tuple[Answer, bool]:
    return answer_once(key=key, asked=list(asked or ("post", "/a/", "{}")), actor=actor, call=work)


@pytest.fixture
def actor() -> Actor:
    return make_member(make_organization())


def test_the_same_question_is_answered_once(actor: Actor) -> None:
    work = Work()

    first, is_repeated = ask(actor, work)
    again, was_repeated = ask(actor, work)

    assert (is_repeated, was_repeated, work.done) == (False, True, 1)
    assert again == first


@pytest.mark.parametrize(
    "asked",
    [("put", "/a/", "{}"), ("post", "/b/", "{}"), ("post", "/a/", "{ }"), ("post", "/a/{}")],
)
def test_another_question_with_the_same_key_is_refused(
    actor: Actor, asked: tuple[str, ...]
) -> None:
    work = Work()
    ask(actor, work)

    with pytest.raises(KeyReused):
        ask(actor, work, *asked)
    assert work.done == 1


def test_each_person_and_each_token_has_keys_of_its_own(actor: Actor) -> None:
    owner = make_member(make_organization(), "owner")
    tokens = [make_token(own_of(owner), owner=owner)[0] for _ in range(2)]
    work = Work()

    for each in (actor, owner, *(actor_of(token) for token in tokens)):
        assert ask(each, work)[1] is False
    assert work.done == 4


def own_of(owner: Actor) -> Any:
    return Membership.objects.get(user=owner.user_id).organization


@pytest.mark.parametrize(
    ("status", "is_kept"),
    [
        (201, True),
        (400, True),
        (404, True),
        (409, True),
        (422, True),
        (401, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_passing_refusals_are_not_kept(actor: Actor, status: int, is_kept: bool) -> None:
    work = Work(status)

    ask(actor, work)
    ask(actor, work)

    assert work.done == (1 if is_kept else 2)
    assert AnsweredCall.objects.count() == (1 if is_kept else 0)


def test_a_fault_leaves_no_answer(actor: Actor) -> None:
    def broken() -> Answer:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        ask(actor, broken)

    assert not AnsweredCall.objects.exists()
    assert ask(actor, Work())[1] is False


def test_whose_rights_changed_gets_neither_answer_nor_effect(actor: Actor) -> None:
    """A stored answer may show what they may no longer see (THREATS A30)."""
    work = Work()
    ask(actor, work)
    Membership.objects.filter(user=actor.user_id).delete()

    with pytest.raises(Conflict):
        ask(actor, work)
    assert work.done == 1


def test_a_confidential_answer_is_given_once_and_kept_nowhere(actor: Actor) -> None:
    work = Work(is_confidential=True)

    answer, is_repeated = ask(actor, work)

    assert (answer.body, is_repeated) == ("第 1 次", False)
    (row,) = AnsweredCall.objects.values("status", "body", "headers", "is_confidential")
    assert row == {"status": 200, "body": "", "headers": {}, "is_confidential": True}
    with pytest.raises(Conflict, match="没有再次执行"):
        ask(actor, work)
    with pytest.raises(KeyReused):
        ask(actor, work, "post", "/other/")
    assert work.done == 1


@pytest.mark.parametrize("first", [True, False])
def test_a_key_that_is_used_again_after_its_time_keeps_nothing_of_before(
    actor: Actor, first: bool
) -> None:
    ask(actor, Work(is_confidential=first))
    AnsweredCall.objects.update(at=F("at") - timedelta(hours=25))

    assert ask(actor, Work(is_confidential=not first), "post", "/other/")[1] is False

    (kept,) = AnsweredCall.objects.values_list("body", flat=True)
    assert kept == ("第 1 次" if first else "")


def test_an_answer_is_kept_for_its_time(actor: Actor, settings: Settings) -> None:
    settings.IDEMPOTENCY_KEEP_HOURS = 24
    work = Work()
    ask(actor, work)
    AnsweredCall.objects.update(at=F("at") - timedelta(hours=25))

    answer, is_repeated = ask(actor, work, "post", "/other/")

    assert (answer.body, is_repeated) == ("第 2 次", False)
    assert ask(actor, work, "post", "/other/")[1] is True
    assert prune() == 0
    AnsweredCall.objects.update(at=F("at") - timedelta(hours=25))
    assert prune() == 1
    assert not AnsweredCall.objects.exists()
