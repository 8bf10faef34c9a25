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
from engine.intake.collaboration import complete
from engine.intake.drawing import Drawing, Process
from engine.intake.dry_run import dry_run
from engine.intake.formats import bring_up_to_date
from engine.intake.library import Library
from engine.intake.lint import lint_drawing, lint_process
from engine.intake.models import model_of
from engine.intake.notes import MAX_FINDINGS, Notes, NotesFull
from engine.intake.parse import parse
from engine.intake.reading import read
from engine.texts import Text

__all__ = ["Examination", "examine"]


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

    A diagram may name the forms and decisions of the bundle and those in `published`. `functions` are the names that
    FEEL may call beyond its own and the decisions. A file with an error gives no model; findings are sorted by file
    and line.
    """
    library = Library.of(bundle, published or Bundle(), functions)
    models: dict[str, ProcessModel] = {}
    findings = list(library.findings)
    for name, content in sorted(bundle.diagrams.items()):
        found, read_models = _examine_diagram(name, content, handlers, library, taken=models)
        findings.extend(found)
        models.update(read_models)
    order = {Severity.ERROR: 0, Severity.WARNING: 1}
    findings.sort(key=lambda f: (f.resource, f.line, f.element, order[f.severity], f.rule))
    return Examination(models, findings)


def _examine_diagram(
    name: str, content: bytes, handlers: HandlerRegistry, library: Library, *, taken: Mapping[str, ProcessModel]
) -> tuple[list[Finding], dict[str, ProcessModel]]:
    root, refused = parse(name, content)
    if root is None:
        return refused, {}
    notes = Notes(name)
    try:
        draft = bring_up_to_date(root)
        if draft:
            notes.draft(draft)
        models = _judge(Drawing.of(name, content, root), notes, handlers, library, taken=taken)
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
    models = [model_of(reading) for reading in readings]
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
