"""From files to versions in force, and back from a stored version to what runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from engine.acts.hosting import Installation
from engine.acts.start_timers import armed, unreadable
from engine.authority import User, refuse_publish
from engine.definitions import Bundle, ProcessDefinition, ProcessModel
from engine.dmn import parse_decisions
from engine.errors import DefinitionNotFound, InvalidDiagram, SchemaMismatch, StaleInstance
from engine.findings import Finding, Severity
from engine.intake import Examination, examine, reexamine
from engine.interpreter.compiler import compile_model
from engine.steps import InstanceState
from engine.store import definitions as store
from engine.store import messages, start_timers
from engine.store.database import reading, writing
from engine.store.definitions import DefinitionRow, File
from engine.texts import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PUBLISHERS = 10  # at the same moment, that don't get into each other's way


class Library:
    """The published versions. A version never changes, so each is read from the database once."""

    def __init__(self, database: Engine, installation: Installation) -> None:
        self._database = database
        self._installation = installation
        self._loaded: dict[int, ProcessDefinition] = {}
        self._overtaken: set[int] = set()  # versions that today's intake would normalise in another way

    # --- reading ----------------------------------------------------------------------------------------------------

    def get(self, connection: Connection, definition_id: int) -> ProcessDefinition:
        """Return a version by its id.

        A version runs as it was published: by its stored normalised file, also when today's intake makes another.

        Raises SchemaMismatch when this installation can't run it any more.
        """
        found = self._loaded.get(definition_id)
        if found is None:
            found = self._load(connection, store.read(connection, definition_id))
        return found

    def find(self, connection: Connection, key: str, version: int | None = None) -> ProcessDefinition:
        """Return a version of a process, by default the newest.

        Raises DefinitionNotFound.
        """
        row = store.find(connection, key, version)
        if row is None:
            named = key if version is None else f"{key} v{version}"
            raise DefinitionNotFound(Text("No process is published as {process}.", process=named))
        return self._loaded.get(row.id) or self._load(connection, row)

    def find_as_of(self, connection: Connection, key: str, definition_id: int) -> ProcessDefinition:
        """Return the version of a process that was the newest when another one was published, or came with it.

        Raises DefinitionNotFound.
        """
        row = store.find_as_of(connection, key, definition_id)
        if row is None:
            raise DefinitionNotFound(Text("No process is published as {process}.", process=key))
        return self._loaded.get(row.id) or self._load(connection, row)

    def newest(self, connection: Connection) -> list[ProcessDefinition]:
        """Return the newest version of every process, by name."""
        return [self._loaded.get(row.id) or self._load(connection, row) for row in store.newest(connection)]

    def load(self) -> None:
        """Read every version that is in force or has active instances.

        Raises SchemaMismatch, at start-up and not in somebody's request.
        """
        with reading(self._database) as connection:
            self.newest(connection)
            for definition_id in store.in_use(connection, InstanceState.ACTIVE):
                self.get(connection, definition_id)

    def _load(self, connection: Connection, row: DefinitionRow) -> ProcessDefinition:
        files = store.files_of(connection, [row.id])[row.id]
        installation = self._installation
        functions = frozenset(installation.functions)
        examination = reexamine(_bundle(files), handlers=installation.handlers, functions=functions)
        model = examination.models.get(row.key)
        if model is None or not examination.ok:
            raise SchemaMismatch(
                Text(
                    "Process {process} v{version} is published, but this installation refuses it: {finding}",
                    process=row.key,
                    version=row.version,
                    finding="; ".join(str(f) for f in _errors(examination)[:3]),
                )
            )
        stored = next(f.content for f in files if f.kind == "normalised")
        if model.normalised != stored:
            self._overtaken.add(row.id)
            model = _as_published(replace(model, normalised=stored), row)
        return self._remember(row, model)

    # --- publishing -------------------------------------------------------------------------------------------------

    def check(self, bundle: Bundle, *, now: datetime) -> list[Finding]:
        """Examine a bundle against what is published, without publishing it."""
        with reading(self._database) as connection:
            known, starts = _files_in_force(connection), messages.starts(connection)
            versions = store.newest_versions(connection)
        examination = self._examine(bundle, _bundle(file for files in known.values() for file in files))
        wrong = [*_shared_starts(examination, bundle, starts), *_missing_versions(examination, bundle, versions)]
        return [*examination.findings, *wrong, *self._without_time(examination, bundle, now)]

    def publish(self, bundle: Bundle, *, by: User, now: datetime) -> list[ProcessDefinition]:
        """Put a bundle into force: a new version of every process that it changes.

        A changed decision or form makes a new version of the published processes that name it, too. Unchanged
        processes are skipped.

        Raises InvalidDiagram, NotAllowed.
        """
        with reading(self._database) as connection:
            known, starts = _files_in_force(connection), messages.starts(connection)
            versions = store.newest_versions(connection)
            if _holds_nothing_new(bundle, known) and self._all_run(connection):
                return []
        published = _bundle(file for files in known.values() for file in files)
        examination = self._examine(bundle, published)
        dependants = _dependants(bundle, known, without=set(examination.models))
        if dependants:
            bundle = Bundle({**dependants, **bundle.diagrams}, bundle.decisions, bundle.forms)
            examination = self._examine(bundle, published)
        wrong = [*_shared_starts(examination, bundle, starts), *_missing_versions(examination, bundle, versions)]
        wrong += self._without_time(examination, bundle, now)
        if wrong or not examination.ok:
            findings = [*examination.findings, *wrong]
            raise InvalidDiagram(sorted(findings, key=lambda f: f.severity is not Severity.ERROR))
        for model in examination.models.values():
            if refusal := refuse_publish(model, by):
                raise refusal
        for _ in range(PUBLISHERS):
            try:
                return self._put_into_force(examination, bundle, published, by=by, now=now)
            except StaleInstance:
                continue  # another publisher took the number: take the next one
        return self._put_into_force(examination, bundle, published, by=by, now=now)

    def _without_time(self, examination: Examination, bundle: Bundle, now: datetime) -> list[Finding]:
        """Find start timers whose expression gives no time."""
        models = examination.models.values()
        found = (unreadable(m, self._installation, now, resource=_resource(m, bundle)) for m in models)
        return [finding for findings in found for finding in findings]

    def _all_run(self, connection: Connection) -> bool:
        """Tell whether every version in force is what today's intake makes of it, so that there is nothing to renew."""
        try:
            return not self._overtaken.intersection(definition.id for definition in self.newest(connection))
        except SchemaMismatch:
            return False

    def _put_into_force(
        self, examination: Examination, bundle: Bundle, published: Bundle, *, by: User, now: datetime
    ) -> list[ProcessDefinition]:
        functions = tuple(self._installation.functions)
        older = {name: c for name, c in published.decisions.items() if name not in bundle.decisions}
        decisions = _by_decision({**older, **bundle.decisions}, functions)  # the bundle's win
        forms = _by_form(published.forms) | _by_form(bundle.forms)
        made: list[tuple[DefinitionRow, ProcessModel]] = []
        with writing(self._database) as connection:
            publication = store.next_publication(connection)
            for key, model in examination.models.items():
                files = _files_of(model, bundle, decisions, forms)
                checksum = _checksum(key, files)
                last = store.find(connection, key, None)
                if last is not None and last.checksum == checksum:
                    continue
                version = last.version + 1 if last else 1
                row = store.insert_version(
                    connection,
                    files,
                    key=key,
                    version=version,
                    name=model.name,
                    checksum=checksum,
                    by=by.id,
                    now=now,
                    publication=publication,
                )
                events = [event for start in model.starts() for event in start.events]
                starts = [(e.id, e.message) for e in events if e.message is not None]
                signals = [(e.id, e.signal) for e in events if e.signal is not None]
                conditions = [e.id for e in events if e.condition is not None]
                messages.replace_starts(connection, key, row.id, starts, signals, conditions)
                start_timers.replace(connection, key, row.id, armed(model, self._installation, now))
                made.append((row, model))
        return [self._remember(row, model) for row, model in made]

    def _examine(self, bundle: Bundle, published: Bundle) -> Examination:
        return examine(
            bundle,
            handlers=self._installation.handlers,
            functions=frozenset(self._installation.functions),
            published=published,
        )

    def _remember(self, row: DefinitionRow, model: ProcessModel) -> ProcessDefinition:
        definition = ProcessDefinition(
            row.id, row.key, row.version, row.checksum, row.published_at, row.published_by, model
        )
        return self._loaded.setdefault(row.id, definition)


def _as_published(model: ProcessModel, row: DefinitionRow) -> ProcessModel:
    """Make sure that the normalised file stored with a version still runs.

    Raises SchemaMismatch.
    """
    try:
        compile_model(model)
    except (ValueError, LookupError, SyntaxError) as error:
        raise SchemaMismatch(
            Text(
                "Process {process} v{version} was published by a version of this system that can't be followed any "
                "more: {reason}",
                process=row.key,
                version=row.version,
                reason=str(error),
            )
        ) from error
    return model


def _shared_starts(examination: Examination, bundle: Bundle, starts: Mapping[str, str]) -> list[Finding]:
    """Find messages that would start two processes: one message starts one case, and it would be open which."""
    taken = {name: key for name, key in starts.items() if key not in examination.models}
    found: list[Finding] = []
    for model in examination.models.values():
        for start in (event for drawn in model.starts() for event in drawn.events):
            other = taken.setdefault(start.message, model.key) if start.message else model.key
            if other == model.key:
                continue
            found.append(
                Finding(
                    "message-starts-two",
                    Severity.ERROR,
                    _resource(model, bundle),
                    start.id,
                    start.name,
                    start.line,
                    Text("The message “{name}” starts the process {other} already.", name=start.message, other=other),
                    Text("Give the messages different names, or let one of the processes send the other's message."),
                )
            )
    return found


def _missing_versions(examination: Examination, bundle: Bundle, newest: Mapping[str, int]) -> list[Finding]:
    """Find calls of a version, by its number, that was never published."""
    return [
        Finding(
            "call-version-unknown",
            Severity.ERROR,
            _resource(model, bundle),
            element.id,
            element.name,
            element.line,
            Text("It calls version {version} of “{key}”, which is not published.", version=version, key=call.process),
            Text("The newest is {newest}. Write its number, latest or deployment.", newest=newest.get(call.process, 0)),
        )
        for model in examination.models.values()
        for element in model.elements.values()
        if (call := element.call)
        and isinstance(version := call.version, int)
        and version > _reachable(call.process, examination, newest)
    ]


def _reachable(key: str, examination: Examination, newest: Mapping[str, int]) -> int:
    """The highest version of a process that is there for certain: one that is new will be version 1."""
    return newest.get(key, 1 if key in examination.models else 0)


def _resource(model: ProcessModel, bundle: Bundle) -> str:
    return next(name for name, content in bundle.diagrams.items() if content == model.source)


def _errors(examination: Examination) -> list[Finding]:
    return [f for f in examination.findings if f.severity is Severity.ERROR]


def _files_in_force(connection: Connection) -> Mapping[int, Sequence[File]]:
    """Read the files of the newest versions, the oldest published first, so that the youngest wins by name."""
    files = store.files_of(connection, [row.id for row in store.newest(connection)])
    return dict(sorted(files.items()))


def _bundle(files: Iterable[File]) -> Bundle:
    by_kind: dict[str, dict[str, bytes]] = {"diagram": {}, "decision": {}, "form": {}, "normalised": {}}
    for file in files:
        by_kind[file.kind][file.name] = file.content
    return Bundle(by_kind["diagram"], by_kind["decision"], by_kind["form"])


def _holds_nothing_new(bundle: Bundle, known: Mapping[int, Sequence[File]]) -> bool:
    """Tell whether every file is in force already, byte for byte: the usual second start."""
    published = _bundle(file for files in known.values() for file in files)
    pairs = (
        (bundle.diagrams, published.diagrams),
        (bundle.decisions, published.decisions),
        (bundle.forms, published.forms),
    )
    return all(theirs.get(name) == content for ours, theirs in pairs for name, content in ours.items())


def _dependants(bundle: Bundle, known: Mapping[int, Sequence[File]], *, without: set[str]) -> dict[str, bytes]:
    """Find the published diagrams whose decisions or forms change with the bundle."""
    changing = {("decision", n): c for n, c in bundle.decisions.items()}
    changing |= {("form", n): c for n, c in bundle.forms.items()}
    found: dict[str, bytes] = {}
    for files in known.values():
        if any(changing.get((f.kind, f.name), f.content) != f.content for f in files):
            own = {f.name: f.content for f in files if f.kind == "normalised" and f.name not in without}
            if own:
                found |= {f.name: f.content for f in files if f.kind == "diagram"}
    return found


def _files_of(
    model: ProcessModel, bundle: Bundle, decisions: Mapping[str, Collection[File]], forms: Mapping[str, File]
) -> list[File]:
    """Gather what a version covers: its diagram, the decisions and forms it names, what these import, what runs."""
    files = {
        File("diagram", _resource(model, bundle), model.source),
        File("normalised", model.key, model.normalised),
        *(file for decision in model.decisions for file in decisions[decision]),
        *(forms[form] for form in model.forms),
    }
    return sorted(files, key=lambda f: (f.kind, f.name))


def _checksum(key: str, files: Sequence[File]) -> str:
    """Name a version by what the owner wrote and what runs; renaming a file changes nothing."""
    parts = sorted(f"{f.kind} {f.sha256}" for f in files)
    return hashlib.sha256("\n".join([key, *parts]).encode()).hexdigest()


def _by_decision(decisions: Mapping[str, bytes], functions: Collection[str]) -> dict[str, list[File]]:
    """Find the files that a decision needs, by its id: its own, and those that this one imports."""
    found: dict[str, list[File]] = {}
    for name, content in decisions.items():
        model, _ = parse_decisions(name, content, functions=functions, imports=decisions)
        if model is not None:
            files = [File("decision", file, source) for file, source in model.files().items()]
            found |= dict.fromkeys(model.decisions, files)
    return found


def _by_form(forms: Mapping[str, bytes]) -> dict[str, File]:
    return {json.loads(content)["id"]: File("form", name, content) for name, content in forms.items()}
