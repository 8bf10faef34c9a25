"""The intake: what a diagram goes through before it may run.

`bytes → hardened parse → lint → normalise → dry run`. It never raises for what is in a file: whatever is wrong comes
back as findings, all at once, each with the place and what to do about it. What the interpreter is given is described
in `engine.intake.normalise`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.definitions import Bundle, ProcessModel
from engine.findings import Finding, Severity
from engine.handlers import HandlerRegistry
from engine.intake.adoption import adopt
from engine.intake.callees import Callee, callees_in, judge_calls
from engine.intake.collaboration import complete
from engine.intake.drawing import Drawing, Process
from engine.intake.dry_run import dry_run
from engine.intake.elements import read
from engine.intake.formats import bring_up_to_date
from engine.intake.library import Library
from engine.intake.lint import lint_drawing, lint_process
from engine.intake.models import is_whole, model_of
from engine.intake.notes import MAX_FINDINGS, Notes, NotesFull
from engine.intake.parse import parse
from engine.texts import Text

__all__ = ["Examination", "examine", "reexamine"]


@dataclass(frozen=True, slots=True)
class Examination:
    """The outcome: models of the processes that may run, and everything there is to say."""

    models: Mapping[str, ProcessModel] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the bundle may be published."""
        return all(f.severity is not Severity.ERROR for f in self.findings)


def examine(
    bundle: Bundle, *, handlers: HandlerRegistry, functions: Collection[str] = (), published: Bundle | None = None
) -> Examination:
    """Check all files of a bundle together and read the models of its executable processes.

    A diagram may name the forms and decisions of the bundle and those in `published`, and call the processes of both.
    `functions` are the names that FEEL may call beyond its own and the decisions. A file with an error gives no model;
    findings are sorted by file and line.
    """
    found = _read_all(bundle, handlers, functions, published or Bundle())
    wrong = judge_calls(found.models, found.files, found.drawn, published or Bundle())
    files = {finding.resource for finding in wrong}
    models = {key: model for key, model in found.models.items() if found.files[key] not in files}
    return Examination(models, _sorted([*found.findings, *wrong]))


def reexamine(bundle: Bundle, *, handlers: HandlerRegistry, functions: Collection[str] = ()) -> Examination:
    """Read a published version again: as `examine`, but what it calls was judged when it was published."""
    found = _read_all(bundle, handlers, functions, Bundle())
    return Examination(found.models, _sorted(found.findings))


@dataclass(slots=True)
class _Found:
    """What all files of a bundle gave."""

    findings: list[Finding]
    models: dict[str, ProcessModel] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # process key → file name
    drawn: dict[str, Callee] = field(default_factory=dict)  # also those of files with errors


def _read_all(bundle: Bundle, handlers: HandlerRegistry, functions: Collection[str], published: Bundle) -> _Found:
    library = Library.of(bundle, published, functions)
    found = _Found(list(library.findings))
    for name, content in sorted(bundle.diagrams.items()):
        findings, models = _examine_diagram(name, content, handlers, library, found)
        found.findings.extend(findings)
        found.models.update(models)
        found.files.update(dict.fromkeys(models, name))
    return found


def _sorted(findings: list[Finding]) -> list[Finding]:
    order = {Severity.ERROR: 0, Severity.WARNING: 1}
    return sorted(findings, key=lambda f: (f.resource, f.line, f.element, order[f.severity], f.rule))


def _examine_diagram(
    name: str, content: bytes, handlers: HandlerRegistry, library: Library, found: _Found
) -> tuple[list[Finding], dict[str, ProcessModel]]:
    root, refused = parse(name, content)
    if root is None:
        return refused, {}
    notes = Notes(name)
    draft = bring_up_to_date(root)
    drawing = Drawing.of(name, content, root)
    found.drawn |= callees_in(drawing)
    try:
        if draft:
            notes.draft(draft)
        models = _judge(drawing, notes, handlers, library, taken=found.models)
        notes.settle()
    except NotesFull:
        return [*notes.findings, _too_many(name)], {}
    return notes.findings, {} if notes.has_errors() else {model.key: model for model in models}


def _judge(
    drawing: Drawing, notes: Notes, handlers: HandlerRegistry, library: Library, *, taken: Mapping[str, ProcessModel]
) -> list[ProcessModel]:
    complete(drawing, notes)
    if not lint_drawing(drawing, notes, taken):
        return []
    processes = [Process(drawing, scope) for scope in drawing.executable()]
    for process in processes:
        adopt(process, notes)
    readings = [read(process, notes, handlers, library) for process in processes]
    for reading in readings:
        lint_process(reading)
    if notes.has_errors():
        return []
    models = [model_of(reading) for reading in readings if is_whole(reading)]
    for model in models:
        dry_run(model, notes)
    return models


def _too_many(name: str) -> Finding:
    return Finding(
        "too-many-findings",
        Severity.ERROR,
        name,
        "",
        "",
        0,
        Text("There are more than {limit} findings; the rest is not shown.", limit=MAX_FINDINGS),
        Text("Repair the first ones and check again."),
    )
