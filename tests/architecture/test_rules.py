"""The house rules see what they forbid: each line below must be found, each allowed one not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROWS = """\
Scenario.objects.all()
Scenario._default_manager.all()
Scenario._base_manager.all()
"""
DOOR = """\
scenario.save()
scenario.delete(keep_parents=True)
city.focus.create(a=1)
rows.bulk_create(new)
rows.update(name="b")
"""
STATE = """\
scenario.state = "published"
scenario.state: str = "published"
setattr(scenario, "state", "published")
rows.update(state="published")
rows.update(name="b", state="published")
rows.update(**{"state": "published"})
rows.bulk_update(found, ["state"])
"""
ALLOWED = """\
state = scenario.state
rows = queries.open_scenarios(state="published")
publish_scenario(scenario=scenario, actor=actor)
"""


@pytest.mark.parametrize(
    ("rule", "file", "code"),
    [
        ("doors-do-not-write", "web/sample.py", DOOR),
        ("doors-do-not-write", "api/sample.py", DOOR),
        ("rows-come-from-queries", "web/views/sample.py", ROWS),
        ("rows-come-from-queries", "api/v1/sample.py", ROWS),
        ("rows-come-from-queries", "catalogue/export.py", ROWS),
        ("rows-come-from-queries", "catalogue/tasks.py", ROWS),
        ("rows-come-from-queries", "catalogue/filters.py", ROWS),
        ("rows-come-from-queries", "organizations/management/commands/sample.py", ROWS),
        ("state-changes-only-in-lifecycle", "scenarios/sample.py", STATE),
    ],
)
def test_rule_finds_every_line_that_it_forbids(
    tmp_path: Path, rule: str, file: str, code: str
) -> None:
    shutil.copytree(settings.ROOT / ".ast-grep", tmp_path / ".ast-grep")
    place = tmp_path / "platform" / file
    place.parent.mkdir(parents=True)
    place.write_text(code + ALLOWED, encoding="utf-8")

    scan = subprocess.run(
        [
            Path(sys.executable).with_name("ast-grep"),
            "scan",
            "-c",
            ".ast-grep/sgconfig.yml",
            "--json=compact",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    found = [each for each in json.loads(scan.stdout) if each["ruleId"] == rule]

    lines = {each["range"]["start"]["line"] for each in found}
    assert lines == set(range(len(code.splitlines())))
