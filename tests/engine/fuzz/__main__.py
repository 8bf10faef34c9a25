"""`make fuzz`: the diagrams, then the files; prints what it is at, in the end the figures, and each failure.

Exit status 1 when there was any failure.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.engine.fuzz import corpus, hostile, trial
from tests.engine.fuzz.children import PATIENCE, Children
from tests.engine.oracle.activities import Process
from tests.engine.oracle.playing import Script, play
from tests.engine.oracle.strategies import CHOICES, DIAGRAMS, SCRIPTS

DIAGRAM_COUNT = int(os.environ.get("GUICHENG_FUZZ_DIAGRAMS", "20000"))
FILE_COUNT = int(os.environ.get("GUICHENG_FUZZ_FILES", "10000"))
SEED = int(os.environ.get("GUICHENG_FUZZ_SEED", "1"))
SHRINKING = 900.0  # seconds; Hypothesis makes a failure smaller for five minutes
CHUNK = 100  # diagrams of one search; each finds and shrinks at most one failure


class Count:
    """What a run has come to."""

    def __init__(
        self, what: str, trial: Callable[[int], Any], numbers: list[int], *, patience: float = PATIENCE
    ) -> None:
        self.what = what
        self.outcomes: list[Any] = []
        self.failures: list[str] = []
        self.megabytes = 0.0
        began = told = time.monotonic()
        for done, report in enumerate(Children(trial, numbers, patience=patience).reports(), 1):
            self.megabytes = max(self.megabytes, report.megabytes)
            if report.failure:
                self.failures.append(f"{what} {report.number}:\n{report.failure}")
            else:
                self.outcomes.append(report.outcome)
            if time.monotonic() - told > 10 or done == len(numbers):
                told = time.monotonic()
                print(f"  {what} {done} of {len(numbers)}, {len(self.failures)} failures", flush=True)
        self.seconds = time.monotonic() - began


def walks(chunk: int) -> tuple[int, int]:
    """Play a chunk of random diagrams; return how many there were, and the acts in them."""
    done = [0, 0]

    @seed(SEED * 1_000_000 + chunk)
    @settings(
        max_examples=CHUNK,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(DIAGRAMS, CHOICES, SCRIPTS)
    def walk(process: Process, choice: int, script: Script) -> None:
        done[0] += 1
        done[1] += play(process, choice, script)

    try:
        walk()
    except AssertionError as error:
        raise AssertionError("\n".join([str(error), *getattr(error, "__notes__", ())])) from None
    return done[0], done[1]


def main() -> int:
    """Run both; say what came out."""
    files = corpus.files(random_diagrams=300, start=SEED)
    named = sorted(hostile.FILES | hostile.FORMS)
    diagrams = Count("hundreds of diagrams", walks, list(range(-(-DIAGRAM_COUNT // CHUNK))), patience=SHRINKING)
    damaged = Count(
        "damaged files", lambda n: trial.try_damaged(files, n), [SEED * 10_000_000 + n for n in range(FILE_COUNT)]
    )
    hostiles = Count("hostile files", lambda n: trial.try_hostile(named[n]), list(range(len(named))))
    for failure in (*diagrams.failures, *damaged.failures, *hostiles.failures):
        print("\n" + failure)
    _summary(diagrams, damaged, hostiles, len(files))
    return 1 if diagrams.failures or damaged.failures or hostiles.failures else 0


def _summary(diagrams: Count, damaged: Count, hostiles: Count, sources: int) -> None:
    outcomes = [*damaged.outcomes, *hostiles.outcomes]
    accepted = [outcome for outcome in outcomes if outcome.accepted]
    print(f"\nrandom diagrams against the token game  {sum(n for n, _ in diagrams.outcomes):>8}")
    print(f"  acts, each saved and live             {sum(n for _, n in diagrams.outcomes):>8}")
    print(f"  searches that found a difference      {len(diagrams.failures):>8}")
    print(f"  seconds                               {diagrams.seconds:>8.0f}")
    print(f"damaged files (of {sources} sources)".ljust(40) + f"{len(damaged.outcomes) + len(damaged.failures):>8}")
    print(f"hostile files                           {len(hostiles.outcomes) + len(hostiles.failures):>8}")
    print(f"  refused by name                       {len(outcomes) - len(accepted):>8}")
    print(f"  accepted and run                      {len(accepted):>8}")
    print(f"  acts in these runs                    {sum(outcome.acts for outcome in accepted):>8}")
    print(f"  slowest examination, seconds          {max((o.seconds for o in outcomes), default=0):>8.2f}")
    print(f"  most memory of a process, MB          {max(damaged.megabytes, hostiles.megabytes):>8.0f}")
    print(f"  tracebacks, hangs, greed              {len(damaged.failures) + len(hostiles.failures):>8}")
    print(f"  seconds                               {damaged.seconds + hostiles.seconds:>8.0f}")


if __name__ == "__main__":
    sys.exit(main())
