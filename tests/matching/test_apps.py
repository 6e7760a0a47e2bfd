"""Compiled code is where ranking is, before the first task comes, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import psutil

from tests.processes import DEFAULT_QUEUE, MATCHING_QUEUE, Process, start_worker, wait_until


def holding_compiled_code(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [
        each for each in processes if any("llvmlite" in area.path for area in each.memory_maps())
    ]


def children(worker: Process) -> list[psutil.Process]:
    return psutil.Process(worker.pid).children()


def test_children_of_the_matching_queue_warm_by_themselves_and_others_do_not(
    environment: dict[str, str], tmp_path: Path
) -> None:
    ordinary = start_worker(environment, tmp_path, DEFAULT_QUEUE)
    try:
        matcher = start_worker(environment, tmp_path, MATCHING_QUEUE)
        try:
            wait_until(
                lambda: children(matcher) and holding_compiled_code(children(matcher)),
                seconds=300,  # where nothing is compiled yet
                what="the matching worker to warm",
            )
            assert holding_compiled_code([psutil.Process(matcher.pid)]) == []
        finally:
            matcher.kill()
        assert children(ordinary)
        assert holding_compiled_code(children(ordinary)) == []
    finally:
        ordinary.kill()

    assert not matcher.says("Signal handler")
