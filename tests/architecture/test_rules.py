"""The house rules see what they forbid: each line below must be found, each allowed one not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

DOOR = """\
Scenario.objects.all()
Scenario._default_manager.all()
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
    ("rule", "folder", "code"),
    [
        ("doors-do-not-write", "web", DOOR),
        ("doors-do-not-write", "api", DOOR),
        ("state-changes-only-in-lifecycle", "scenarios", STATE),
    ],
)
def test_rule_finds_every_line_that_it_forbids(
    tmp_path: Path, rule: str, folder: str, code: str
) -> None:
    shutil.copytree(settings.ROOT / ".ast-grep", tmp_path / ".ast-grep")
    place = tmp_path / "platform" / folder
    place.mkdir(parents=True)
    (place / "sample.py").write_text(code + ALLOWED, encoding="utf-8")

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
