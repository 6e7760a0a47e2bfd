"""Real needs and achievements, imported and ranked as they come."""

from __future__ import annotations

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from capabilities.models import Capability
from matching.models import CurrentRun, MatchList, Side
from matching.queries import capabilities_for
from outbox.models import Message
from scenarios.models import Scenario
from tests.records import make_organization

FOLDER = settings.ROOT.parent / "shared" / "eval" / "tech_needs"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the judged data is not on this machine"),
]


def take(kind: str, file: str) -> str:
    said = StringIO()
    organization = make_organization()
    arguments = [kind, str(FOLDER / file), "--organization", organization.identifier]
    call_command("import_records", *arguments, "--apply", stdout=said, verbosity=0)
    return said.getvalue()


def test_needs_and_achievements_are_imported_and_ranked() -> None:
    assert take("scenarios", "needs.jsonl").startswith("131 rows imported")
    assert take("capabilities", "achievements.jsonl").startswith("6715 rows imported")

    call_command("rank", stdout=StringIO(), verbosity=0)

    assert (Scenario.objects.count(), Capability.objects.count()) == (131, 6715)
    assert Message.objects.filter(topic="imports.importedfile.apply").count() == 2
    run = CurrentRun.objects.get().run
    assert (run.scenario_count, run.capability_count) == (131, 6715)
    assert MatchList.objects.filter(run=run, side=Side.SCENARIO).count() == 131
    assert MatchList.objects.filter(run=run, side=Side.CAPABILITY).count() == 6715
    for scenario in Scenario.objects.all()[:10]:
        scores = [each.score for each in capabilities_for(scenario)[:50]]
        assert len(scores) == 50
        assert scores == sorted(scores, reverse=True)
