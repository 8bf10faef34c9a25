"""`make bench`: what one completed user task costs, stage by stage, beside the naive way of keeping a workflow.

Each figure is the median over all completions of `CASES` cases of the 15-task process, in one run and on one machine,
so that the ratios mean something; absolute times do not travel. Bytes are what SQLite's write-ahead log grew by.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench import feel, linting, long, naive, stages
from bench.diagrams import fifteen_tasks

CASES = 20


def main() -> None:
    """Run the stages and the baseline, print one table."""
    with tempfile.TemporaryDirectory() as folder:
        ours = stages.measure(Path(folder) / "ours.db", fifteen_tasks(), cases=CASES)
        theirs = naive.measure(Path(folder) / "naive.db", fifteen_tasks(), cases=CASES)
    base = statistics.median(theirs.seconds)
    print(f"one completed user task of a 15-task case, median of {len(ours.total)} completions ({CASES} cases)\n")
    print(f"{'':44}{'ms':>8}{'× naive':>10}")
    for label, seconds in (
        ("HTTP: the request, all in all", ours.http),
        ("engine.complete_task, all in all", ours.total),
        ("  form: check the values", ours.form),
        ("  step: restore, advance, snapshot", ours.step),
        ("  save: statements and commit", ours.save),
        ("naive: load, step, save whole-workflow JSON", theirs.seconds),
    ):
        median = statistics.median(seconds)
        print(f"{label:44}{median * 1e3:8.2f}{median / base:10.2f}")
    print(f"\n{'':44}{'ours':>8}{'naive':>10}")
    print(f"{'bytes written per completion':44}{ours.bytes_written:8.0f}{theirs.bytes_written:10.0f}")
    print(f"{'bytes of the stored case, last step':44}{ours.snapshot:8.0f}{theirs.snapshot:10.0f}")
    print(f"{'SQL statements per completion (engine)':44}{statistics.median(ours.statements):8.0f}{'1':>10}")
    print(f"{'commits per completion (engine)':44}{statistics.median(ours.commits):8.0f}{'1':>10}")
    print(f"\n{'':44}{'µs':>8}{'× loop':>10}")
    for cost in feel.measure():
        print(f"{cost.label:44}{cost.micros:8.1f}{cost.loops:10.2f}")
    first, again = linting.measure()
    print(f"\n{'':44}{'ms':>8}")
    print(f"{'lint 200 elements, for the first time':44}{first * 1e3:8.1f}")
    print(f"{'lint 200 elements, again':44}{again * 1e3:8.1f}")
    print()
    for figure in long.measure():
        print(f"{figure.label:52}{figure.value}")


if __name__ == "__main__":
    main()
