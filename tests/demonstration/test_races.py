"""Two launchers on one database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, transaction

from common.errors import Conflict
from demonstration.services import load_demonstration
from organizations.models import Organization
from tests.records import SYSTEM


def load(folder: Path) -> bool:
    try:
        return load_demonstration(directory=folder, actor=SYSTEM)
    finally:
        if not connection.in_atomic_block:
            connection.close()


def test_second_loading_is_told_of_the_first_and_doubles_nothing(
    folder: Path, committed_db: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert load(folder)
            with pytest.raises(Conflict, match="另一次演示数据载入"):
                pool.submit(load, folder).result()
        assert not pool.submit(load, folder).result()
    assert Organization.objects.count() == 4
