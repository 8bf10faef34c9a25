"""What it costs to check a diagram of 200 elements, as `flask lint` does after its imports."""

from __future__ import annotations

import statistics
import time

import engine
from bench.diagrams import two_hundred_elements

FORM = b'{"id": "bench", "type": "default", "schemaVersion": 19, "components": []}'
ROUNDS = 5


def measure() -> tuple[float, float]:
    """Return the seconds of the first check of a process, expressions compiled anew, and the median of the next."""
    bundle = engine.Bundle({"two_hundred.bpmn": two_hundred_elements()}, {}, {"bench.json": FORM})
    seconds = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        examination = engine.examine(bundle, handlers=engine.HandlerRegistry())
        seconds.append(time.perf_counter() - began)
        if not examination.ok:
            raise RuntimeError("\n".join(map(str, examination.findings)))
    return seconds[0], statistics.median(seconds[1:])
