"""Verbs on scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.digests import digest_of
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.models import BATCH, database_now, link, refuse_duplicates, refuse_stale
from common.permissions import may
from imports.models import ImportedFile
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps
from organizations.models import Organization
from organizations.queries import by_credit_code
from scenarios.enums import ScenarioState
from scenarios.facts import COLUMNS, ContactFacts, ScenarioFacts
from scenarios.models import Scenario, ScenarioGoal, TechnicalNeed
from scenarios.queries import has_passed, stated_partners
from taxonomy.vocabulary import Vocabulary

REFERENCE_USED = "这个自有编号已用于另一个场景，同一组织内编号不能重复。"
EDITABLE = {ScenarioState.DRAFT, ScenarioState.RETURNED, ScenarioState.PUBLISHED}


def create_scenario(*, organization: Organization, facts: ScenarioFacts, actor: Actor) -> Scenario:
    """Begin a draft. Raises Forbidden, InvalidInput, Conflict (own number already used)."""
    actor = require_actor(actor)
    if not may("scenarios.create", actor, organization):
        raise Forbidden("您不能以这个组织的名义填写场景。")
    with transaction.atomic():
        (scenario,) = _insert([(organization, facts)], state=ScenarioState.DRAFT)
        announce(scenario, "create", actor)
    return scenario


def change_scenario(
    *,
    scenario: Scenario,
    facts: ScenarioFacts,
    actor: Actor,
    unchanged_since: datetime | None = None,
) -> Scenario:
    """Replace what the scenario says; a published one is ranked anew.

    ``unchanged_since``: the ``updated_at`` of the version that was edited, where one was.
    Raises NotFound, Forbidden, InvalidInput, Conflict (under review, closed, changed meanwhile,
    own number used).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        locked = _lock_for_change(scenario, actor)
        if locked.state not in EDITABLE:
            raise Conflict(f"场景“{locked.get_state_display()}”，不能修改。")
        refuse_stale(locked, unchanged_since)
        before = digest_of(locked)
        if locked.state == ScenarioState.PUBLISHED:
            _refuse_tampering(locked, facts)
        vocabulary = Vocabulary.load()
        for name, value in _columns(facts, vocabulary).items():
            setattr(locked, name, value)
        with refuse_duplicates("scenarios_one_per_reference", REFERENCE_USED):
            locked.save()
        for part in (locked.goals, locked.technical_needs):
            part.all().delete()
        for linked in (locked.concepts, locked.co_publishers):
            linked.clear()
        _insert_parts([(locked, facts)], vocabulary)
        announce(locked, "change", actor, before=before)
    return locked


def change_contact(
    *,
    scenario: Scenario,
    facts: ContactFacts,
    actor: Actor,
    unchanged_since: datetime | None = None,
) -> Scenario:
    """Replace whom a chosen supplier reaches, in whatever state the scenario is.

    The call itself stays as it was, so nothing is ranked or reviewed anew. Raises NotFound,
    Forbidden, Conflict (changed meanwhile).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        locked = _lock_for_change(scenario, actor)
        refuse_stale(locked, unchanged_since)
        before = digest_of(locked)
        for name, value in facts.model_dump().items():
            setattr(locked, name, value)
        locked.save(update_fields=[*ContactFacts.model_fields, "updated_at"])
        announce(locked, "change_contact", actor, before=before)
    return locked


def _lock_for_change(scenario: Scenario, actor: Actor) -> Scenario:
    locked = Scenario.objects.select_for_update(of=("self",)).filter(pk=scenario.pk).first()
    if locked is None:
        raise NotFound("这个场景已不存在。")
    if not may("scenarios.change", actor, locked):
        raise Forbidden("您不能修改这个场景。")
    return locked


def _refuse_tampering(published: Scenario, facts: ScenarioFacts) -> None:
    """What people answer and reviewers have seen must not be turned under their hands.

    The deadline may only move on, and only before it passes. Nobody becomes a co-publisher of
    what is public already: that would name them unasked and shut out what they applied with.
    """
    if set(facts.co_publishers) - {each.identifier for each in stated_partners(published)}:
        raise _refused_partners("已发布的场景不能增加联合发布单位。")
    before, after = published.deadline, facts.deadline
    if after == before:
        return
    if before is not None and has_passed(published):
        raise Conflict("截止时间已过，不能再改动。")
    if before is not None and (after is None or after < before):
        raise _refused_deadline("已发布场景的截止时间只能延后，不能提前或取消。")
    if after is not None and after <= database_now():
        raise _refused_deadline("已发布场景的截止时间应在将来。")


def _refused_deadline(message: str) -> InvalidInput:
    return InvalidInput(message, fields={"deadline": [message]})


def import_scenarios(
    *, rows: Sequence[tuple[Organization, ScenarioFacts]], source: ImportedFile, publish: bool
) -> int:
    """Take over the rows of a file; returns how many.

    Called by ``imports.services`` alone, which checks the permission and writes the one audit
    event and the one message of the file, in the same transaction. ``publish``: the rows are
    published at once, which needs verified hosts; else they are drafts.
    """
    state = ScenarioState.PUBLISHED if publish else ScenarioState.DRAFT
    return len(_insert(rows, state=state, imported_from=source))


def submit_scenario(*, scenario: Scenario, actor: Actor) -> Scenario:
    return advance(scenario, "submit", actor)


def recall_scenario(*, scenario: Scenario, actor: Actor) -> Scenario:
    return advance(scenario, "recall", actor)


def publish_scenario(*, scenario: Scenario, actor: Actor) -> Scenario:
    return advance(scenario, "publish", actor, values={"published_at": database_now()})


def return_scenario(*, scenario: Scenario, reason: str, actor: Actor) -> Scenario:
    """Send it back to its publisher, who is told why; raises InvalidInput without a reason."""
    return advance(scenario, "return", actor, reason=reason)


def close_scenario(*, scenario: Scenario, actor: Actor) -> Scenario:
    return advance(scenario, "close", actor)


STEPS = Steps(
    "scenario",
    {
        "submit": submit_scenario,
        "recall": recall_scenario,
        "publish": publish_scenario,
        "return": return_scenario,
        "close": close_scenario,
    },
)


def _insert(
    rows: Sequence[tuple[Organization, ScenarioFacts]],
    *,
    state: ScenarioState,
    imported_from: ImportedFile | None = None,
) -> list[Scenario]:
    vocabulary = Vocabulary.load()
    published_at = database_now() if state == ScenarioState.PUBLISHED else None
    with refuse_duplicates("scenarios_one_per_reference", REFERENCE_USED):
        scenarios = Scenario.objects.bulk_create(
            [
                Scenario(
                    organization=organization,
                    state=state,
                    published_at=published_at,
                    imported_from=imported_from,
                    **_columns(facts, vocabulary),
                )
                for organization, facts in rows
            ],
            batch_size=BATCH,
        )
    pairs = [(scenario, facts) for scenario, (_, facts) in zip(scenarios, rows, strict=True)]
    _insert_parts(pairs, vocabulary)
    return scenarios


def _columns(facts: ScenarioFacts, vocabulary: Vocabulary) -> dict[str, Any]:
    """The scenario's own columns; choices that are not stated are stored as empty text."""
    values = facts.model_dump(include=COLUMNS)
    for name in ("kind", "demand_kind", "call_mode"):
        values[name] = values[name] or ""
    return values | vocabulary.place(facts.city, facts.district)


def _insert_parts(pairs: Sequence[tuple[Scenario, ScenarioFacts]], vocabulary: Vocabulary) -> None:
    """Goals, needs, tags and co-publishers of scenarios that have none."""
    ScenarioGoal.objects.bulk_create(
        (
            ScenarioGoal(scenario=scenario, position=position, **goal.model_dump())
            for scenario, facts in pairs
            for position, goal in enumerate(facts.goals)
        ),
        batch_size=BATCH,
    )
    TechnicalNeed.objects.bulk_create(
        (
            TechnicalNeed(
                scenario=scenario,
                position=position,
                strength=need.strength,
                text=need.text,
                concept_id=(
                    vocabulary.concept_ids([need.concept], "needs")[0] if need.concept else None
                ),
            )
            for scenario, facts in pairs
            for position, need in enumerate(facts.needs)
        ),
        batch_size=BATCH,
    )
    tags = ((each.pk, vocabulary.concept_ids(facts.concepts)) for each, facts in pairs)
    link(Scenario.concepts, tags)
    for scenario, facts in pairs:
        if scenario.organization.identifier in facts.co_publishers:
            raise _refused_partners("联合发布单位不能是发布单位自己。")
    partners = _partners({code for _, facts in pairs for code in facts.co_publishers})
    link(
        Scenario.co_publishers,
        ((each.pk, [partners[code] for code in facts.co_publishers]) for each, facts in pairs),
    )


def _partners(codes: set[str]) -> dict[str, int]:
    found = by_credit_code(codes)
    if missing := codes - set(found):
        raise _refused_partners(f"联合发布单位尚未登记：{'、'.join(sorted(missing))}。")
    return {code: organization.pk for code, organization in found.items()}


def _refused_partners(message: str) -> InvalidInput:
    return InvalidInput(message, fields={"co_publishers": [message]})
