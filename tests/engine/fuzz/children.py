"""Child processes that do the trials: a hang, a crash or greed there is a failure here, and not the end."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

MEGABYTES = 500  # that one process may need beyond what it had before the first trial
PATIENCE = 60.0  # seconds without a word, after which a child counts as hanging
_CEILING = 2 << 30  # bytes of address space beyond the start, to spare the machine


@dataclass(frozen=True)
class Report:
    """What a child says of one trial: its outcome or its failure, and the megabytes the child has grown by so far."""

    number: int
    outcome: Any = None
    failure: str = ""
    megabytes: float = 0.0


class Children:
    """Processes at work, each with its share of the numbers still to try."""

    def __init__(
        self, trial: Callable[[int], Any], numbers: list[int], *, count: int | None = None, patience: float = PATIENCE
    ) -> None:
        self._trial, self._patience = trial, patience
        self._context = multiprocessing.get_context("fork")
        self._open: dict[Connection, tuple[Any, list[int], float]] = {}
        count = count or os.cpu_count() or 1
        for start in range(count):
            self._start(numbers[start::count])

    def reports(self) -> Iterator[Report]:
        """Yield reports as they come, until all numbers are tried."""
        while self._open:
            ready = set(wait(list(self._open), timeout=1))
            for pipe, (process, _, heard) in list(self._open.items()):
                if pipe in ready:
                    yield from self._hear(pipe)
                elif time.monotonic() - heard > self._patience:
                    process.kill()
                    yield from self._lost(pipe, f"no answer for {self._patience:.0f} s")

    def _start(self, share: list[int]) -> None:
        if share:
            mine, theirs = self._context.Pipe(duplex=False)
            process = self._context.Process(target=_work, args=(theirs, self._trial, share), daemon=True)
            process.start()
            theirs.close()
            self._open[mine] = (process, share, time.monotonic())

    def _hear(self, pipe: Connection) -> Iterator[Report]:
        process, share, _ = self._open[pipe]
        try:
            report = pipe.recv()
        except EOFError:
            process.join()
            yield from self._lost(pipe, f"the process died ({process.exitcode})")
        else:
            self._open[pipe] = (process, share[1:], time.monotonic())
            yield report

    def _lost(self, pipe: Connection, reason: str) -> Iterator[Report]:
        """Go on behind the number that the lost process was at; one that had none left is done."""
        _, share, _ = self._open.pop(pipe)
        if share:
            yield Report(share[0], failure=reason)
            self._start(share[1:])


def _work(pipe: Connection, trial: Callable[[int], Any], share: list[int]) -> None:
    with open("/proc/self/statm") as status:
        size = int(status.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + _CEILING, size + _CEILING))
    before = _peak()
    for number in share:
        try:
            report = Report(number, trial(number), megabytes=_peak() - before)
        except Exception:  # whatever it is, it is what we look for
            report = Report(number, failure=traceback.format_exc(limit=-6), megabytes=_peak() - before)
        if report.megabytes > MEGABYTES and not report.failure:
            report = Report(number, failure=f"it took {report.megabytes:.0f} MB", megabytes=report.megabytes)
            before = _peak()
        pipe.send(report)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
