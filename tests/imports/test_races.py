"""Two imports at once: the later one is told what the earlier one has taken over."""

from __future__ import annotations

from common.errors import InvalidFiles
from imports.readers import read_table
from imports.services import import_records
from scenarios.models import Scenario
from tests.races import at_once
from tests.records import SYSTEM, make_organization


def test_two_files_with_the_same_records_give_them_once(committed_db: str) -> None:
    host = make_organization()
    names = [f"场景{number}" for number in range(300)]

    def take(*more: str) -> str:
        table = read_table(f"{len(more)}.csv", "\n".join(["名称", *names, *more]).encode())
        try:
            import_records(kind="scenarios", table=table, organization=host, actor=SYSTEM)
        except InvalidFiles as error:
            return error.message
        return "taken"

    outcome = at_once(take, lambda: take("另一个"))

    refused, taken = sorted(outcome)
    assert taken == "taken"
    assert "有 300 处错误" in refused
    assert Scenario.objects.filter(name="场景1").count() == 1
