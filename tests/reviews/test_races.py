"""Two at once: an expert is appointed once, an interest ends once."""

from __future__ import annotations

from datetime import date

from common.errors import Conflict
from reviews.facts import ExpertFacts, ExpertiseFacts
from reviews.models import ExpertProfile
from reviews.services import appoint_expert, end_expert, end_interest
from tests.races import at_once
from tests.records import SYSTEM, make_member, make_organization, user_of
from tests.reviews.makers import declared, make_expert, self_of


def test_an_expert_is_appointed_once(committed_db: str) -> None:
    person = user_of(make_member(make_organization()))

    def appoint() -> str:
        try:
            appoint_expert(
                person=person, facts=ExpertFacts(), expertise=ExpertiseFacts(), actor=SYSTEM
            )
        except Conflict:
            return "told"
        return "done"

    assert sorted(at_once(appoint, appoint)) == ["done", "told"]
    expert = ExpertProfile.objects.get()

    def end() -> str:
        try:
            end_expert(expert=expert, reason="甲", actor=SYSTEM)
        except Conflict:
            return "told"
        return "done"

    assert sorted(at_once(end, end)) == ["done", "told"]


def test_an_interest_ends_once(committed_db: str) -> None:
    expert = make_expert()
    interest, actor = declared(expert), self_of(expert)

    def end(day: int) -> str:
        try:
            end_interest(interest=interest, until=date(2026, 1, day), actor=actor)
        except Conflict:
            return "told"
        return "done"

    assert sorted(at_once(lambda: end(1), lambda: end(2))) == ["done", "told"]
