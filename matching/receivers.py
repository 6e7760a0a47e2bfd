"""News that changes a ranking."""

from django.conf import settings

from matching.services import Changes, rank_all, rank_changed, sweep
from outbox import consumers
from outbox.models import Message


def rank_scenario(message: Message) -> None:
    rank_changed(Changes(scenarios=frozenset({message.payload["id"]})))


def rank_capability(message: Message) -> None:
    rank_changed(Changes(capabilities=frozenset({message.payload["id"]})))


def rank_stale(message: Message) -> None:
    sweep()


def rank_everything(message: Message) -> None:
    rank_all()


consumers.register(
    "matching.rank_scenario",
    topics={
        "scenarios.scenario.publish",
        "scenarios.scenario.change",
        "scenarios.scenario.close",
    },
    handler=rank_scenario,
    coalesce=True,
    queue=settings.MATCHING_QUEUE,
)
consumers.register(
    "matching.rank_capability",
    topics={
        "capabilities.capability.publish",
        "capabilities.capability.change",
        "capabilities.capability.withdraw",
    },
    handler=rank_capability,
    coalesce=True,
    queue=settings.MATCHING_QUEUE,
)
# Many records at once: a file, or everything that an organization has published.
consumers.register(
    "matching.rank_stale",
    topics={
        "imports.importedfile.apply",
        "organizations.organization.verify",
        "organizations.organization.suspend",
        "organizations.organization.restore",
        "organizations.organization.amend",
    },
    handler=rank_stale,
    coalesce=True,
    queue=settings.MATCHING_QUEUE,
)
# What concepts and cities mean to each other has changed, for every pair.
consumers.register(
    "matching.rank_everything",
    topics={"policy_data.loaded"},
    handler=rank_everything,
    coalesce=True,
    queue=settings.MATCHING_QUEUE,
)
