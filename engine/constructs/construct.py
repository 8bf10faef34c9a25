"""A construct of BPMN, its sample diagram, and what the intake makes of that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from engine.constructs.strokes import DECISIONS, diagram
from engine.definitions import Bundle
from engine.findings import Finding, Severity
from engine.handlers import HandlerRegistry, handler
from engine.intake import Examination, examine

FILE = "sample.bpmn"


class Status(StrEnum):
    """What becomes of a construct."""

    RUNS = "runs"  # accepted, and executed as the standard says
    SHOWN = "shown"  # accepted, and of no effect: the process owner is told so, or the standard gives it none
    REFUSED = "refused"  # an error at publish that names it


@dataclass(frozen=True, slots=True)
class Construct:
    """One thing that can be drawn, in the smallest process that shows it.

    `body` is the inner XML of the process `p`, `beside` stands next to the process. The construct's element is called
    `x` where it is one. `section` is of BPMN 2.0.2. `exists`: the standard knows it. One without effect on a run by
    the standard itself (a note) is `silent`.
    """

    key: str
    title: str
    section: str
    body: str
    beside: str = ""
    exists: bool = True
    silent: bool = False

    def bundle(self) -> Bundle:
        """The files of the sample."""
        return Bundle({FILE: diagram(self.body, self.beside)}, DECISIONS)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the intake says about a construct's sample."""

    status: Status
    examination: Examination

    @property
    def rules(self) -> frozenset[str]:
        """The rules that refuse it."""
        return frozenset(f.rule for f in self.errors)

    @property
    def errors(self) -> list[Finding]:
        """The findings that refuse it, those that name the construct first."""
        found = [f for f in self.examination.findings if f.severity is Severity.ERROR]
        return sorted(found, key=lambda f: not f.rule.startswith("unsupported"))


@cache
def judge(construct: Construct) -> Judgement:
    """Run the intake on a construct's sample."""
    examination = examine(construct.bundle(), handlers=registry())
    if not examination.ok:
        return Judgement(Status.REFUSED, examination)
    ignored = any(f.rule.endswith("-ignored") for f in examination.findings)
    return Judgement(Status.SHOWN if ignored or construct.silent else Status.RUNS, examination)


def registry() -> HandlerRegistry:
    """The handlers that the samples name."""
    found = HandlerRegistry()
    found.add(_do)
    found.add(_far)
    return found


@handler("do")
def _do() -> None:
    """Do something in the step's transaction."""


@handler("far", external=True)
def _far() -> None:
    """Do something far away."""
