"""The first answer of a matching worker's process, which ``service`` starts for it.

Argument: the key of a scenario that has changed. Prints seconds.
"""

from __future__ import annotations

import json
import sys
import time

import django


def main(scenario: int) -> None:
    # Comes with the benchmark's peers, and numba loads it where it is: no worker has it.
    sys.modules["scipy"] = None  # type: ignore[assignment]
    django.setup()
    began = time.perf_counter()
    from matching import services, worker

    worker.warm()
    warmed = time.perf_counter()
    services.rank_changed(services.Changes(scenarios=frozenset({scenario})))
    answered = time.perf_counter()
    sys.stdout.write(json.dumps({"cold": answered - began, "ready": answered - warmed}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
