"""The composition root and the command line: the only file that sees every part."""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

import engine
import handlers
import registers
from engine import Bundle, Clock, ProcessEngine, SystemClock, Work
from handlers.reference import write_reference
from registers import CaseRecords, RegisterStore

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parent
VAR = ROOT / "var"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LARGEST_BODY = 4 * 1024 * 1024  # bytes; pages and API refuse earlier, with a sentence
COMMANDS = ("publish", "lint", "layout", "demo", "token", "docs", "serve")
DEMO_PASSWORD = "guicheng-demo"  # noqa: S105 - printed at start; the demo organisation only


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may set, each by an environment variable of that name with `GUICHENG_` before it."""

    database_url: str = f"sqlite:///{VAR / 'guicheng.db'}"
    secret_key: str = ""  # empty: made once and kept in var/secret_key
    heartbeat: float = 2.0  # seconds between two looks for due work
    trusted_proxy: str = ""  # address of the proxy that adds https; without one, forwarded headers are worth nothing
    flask: Mapping[str, Any] = field(default_factory=dict)  # passed on to Flask's configuration

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the environment."""
        return cls(
            database_url=os.environ.get("GUICHENG_DATABASE_URL", cls().database_url),
            secret_key=os.environ.get("GUICHENG_SECRET_KEY", ""),
            heartbeat=float(os.environ.get("GUICHENG_HEARTBEAT", "2")),
            trusted_proxy=os.environ.get("GUICHENG_TRUSTED_PROXY", ""),
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a running application, as `app.extensions["guicheng"]`."""

    engine: ProcessEngine
    registers: RegisterStore
    clock: Clock
    worker: Worker


class Worker:
    """Does the work that time brings: SLA milestones, then the engine's timers and jobs."""

    def __init__(self, process_engine: ProcessEngine, store: RegisterStore, clock: Clock) -> None:
        self._engine = process_engine
        self._store = store
        self._clock = clock

    def run_due(self) -> engine.Report:
        """Do one pass of everything that is due at the clock's present."""
        self._announce_milestones()
        return self._engine.run_due()

    def _announce_milestones(self) -> None:
        """Send each due SLA milestone as a message, then mark it.

        A crash between the two repeats the message under its old id, which the inbox takes only once. Nobody waiting
        means that the case is past the point where the milestone matters, so the message expires at once.
        """
        now = self._clock.now()
        with self._store.begin(None, now) as unit:
            milestones = unit.sla.due(now)
        for milestone in milestones:
            try:
                self._announce(milestone, now)
            except engine.EngineError:  # stays due; one case in trouble must not silence the clocks of all others
                log.exception("SLA milestone %s of %s could not be told", milestone.message, milestone.record)

    def _announce(self, milestone: registers.Milestone, now: datetime) -> None:
        self._engine.correlate(
            milestone.message,
            key=milestone.record,
            variables={"metric": milestone.metric, "sla_due_at": milestone.due_at},
            message_id=milestone.message_id,
            expires_at=now,
        )
        with self._store.begin(None, now) as unit:
            unit.sla.mark(milestone)


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Flask:
    """Put an application together: database, registers, engine, worker and pages.

    The database is brought to the newest schema. The heartbeat is not started: `serve` does that.

    Raises SetupError.
    """
    app = Flask("guicheng", root_path=str(ROOT / "web"), template_folder="templates", static_folder="static")
    commands = (publish_command, lint_command, layout_command, demo_command, token_command, docs_command, serve_command)
    for command in commands:
        app.cli.add_command(command)
    app.extensions["guicheng.settings"] = settings or Settings.from_environment()
    if settings is not None or not _is_linting():
        _assemble(app, app.extensions["guicheng.settings"], clock or SystemClock())
    return app


def _is_linting() -> bool:
    """Whether the command line asks for `lint`: files are checked without a database, and none is made for it."""
    words = sys.argv[1:] if click.get_current_context(silent=True) is not None else []
    return next((w for w in words if w in (*COMMANDS, "run", "shell", "routes")), "") == "lint"


def _assemble(app: Flask, settings: Settings, clock: Clock) -> None:
    VAR.mkdir(exist_ok=True)
    database = engine.create_database(settings.database_url)
    engine.migrate(database)
    registers.migrate(database)
    store = RegisterStore(database)
    process_engine = ProcessEngine(
        database,
        clock=clock,
        handlers=handlers.registry(),
        collaborators=_collaborators(store, clock),
        functions=store.calendar_functions(),
    )
    app.config.update(SECRET_KEY=settings.secret_key or _secret_key(), **settings.flask)
    app.extensions["guicheng"] = Parts(process_engine, store, clock, Worker(process_engine, store, clock))
    import web  # not at the top: `lint` needs none of it, and half of a second is its import

    web.init_app(app)


def _collaborators(store: RegisterStore, clock: Clock) -> engine.Collaborators:
    """Give handlers what they may use, bound to the step's transaction."""

    @contextmanager
    def collaborate(connection: Connection | None, work: Work) -> Iterator[Mapping[str, Any]]:
        if connection is None:  # an external handler works outside every transaction
            yield {"clock": clock}
            return
        with store.begin(work.actor, work.now, element=work.element, connection=connection) as unit:
            yield {
                "registers": unit,
                "records": CaseRecords(unit),
                "references": unit.references,
                "clock": clock,
                "work": work,
            }

    return collaborate


def _secret_key() -> str:
    """Return the installation's own key; it is made on the first start and readable by its owner only."""
    path = VAR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return path.read_text(encoding="utf-8")


KINDS = {
    ".bpmn": "diagram",
    ".bpmn2": "diagram",
    ".xml": "diagram",
    ".dmn": "decision",
    ".json": "form",
    ".form": "form",
}


def files_in(*places: Path) -> list[Path]:
    """List the files given, and those in the folders given that are diagrams, decisions or forms.

    Raises click.UsageError for a file that is given, but is none of these.
    """
    for place in places:
        if place.is_file() and place.suffix not in KINDS:
            raise click.UsageError(f"{place} is no diagram (.bpmn), decision (.dmn) or form (.json).")
    inside = [f for p in places if p.is_dir() for f in sorted(p.iterdir()) if f.is_file() and f.suffix in KINDS]
    return [
        *(p for p in places if p.is_file()),
        *(f for f in inside if f.suffix != ".xml" or f.name.endswith(".bpmn20.xml")),
    ]


def bundle_of(files: Mapping[str, bytes]) -> Bundle:
    """Put files by their names into one bundle."""
    kinds: dict[str, dict[str, bytes]] = {"diagram": {}, "decision": {}, "form": {}}
    for name, content in files.items():
        kinds[KINDS[Path(name).suffix]][name] = content
    return Bundle(diagrams=kinds["diagram"], decisions=kinds["decision"], forms=kinds["form"])


def read_bundle(*places: Path) -> Bundle:
    """Read the diagrams, decisions and forms of files and folders into one bundle."""
    return bundle_of({f.name: f.read_bytes() for f in files_in(*places)})


def _parts() -> Parts:
    return current_app.extensions["guicheng"]


@click.command("publish")
@click.argument("places", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def publish_command(places: tuple[Path, ...]) -> None:
    """Publish diagrams, decisions and forms from files or folders; unchanged ones are skipped."""
    try:
        definitions = _parts().engine.publish(read_bundle(*places), by=engine.SYSTEM)
    except engine.InvalidDiagram as error:
        for finding in error.findings:
            click.echo(str(finding), err=True)
        raise SystemExit(1) from None
    for definition in definitions:
        click.echo(f"published {definition.key} version {definition.version}")
    if not definitions:
        click.echo("nothing has changed")


@click.command("lint")
@click.argument("places", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="print a list of objects for other programs")
@click.option("--lang", type=click.Choice(["en", "zh_CN"]), default="en", show_default=True)
@with_appcontext
def lint_command(places: tuple[Path, ...], as_json: bool, lang: str) -> None:
    """Check diagrams, decisions and forms like a compiler; - is a diagram, decision or form from standard input.

    Files given together know each other, and what is published, if there is a database. Exit status: 0 when all may
    be published, 1 when something would be refused, 2 when the command can't be understood.
    """
    files = {str(f): f for f in files_in(*(p for p in places if str(p) != "-"))}
    names = Counter(f.name for f in files.values())
    paths = {f.name if names[f.name] == 1 else path: path for path, f in files.items()}
    contents = {name: files[path].read_bytes() for name, path in paths.items()}
    if Path("-") in places:
        content = sys.stdin.buffer.read()
        name = "standard-input" + _suffix_of(content)
        contents[name], paths[name] = content, "<stdin>"
    check = _parts().engine.check if "guicheng" in current_app.extensions else _check_files
    findings = [replace(f, resource=paths.get(f.resource, f.resource)) for f in check(bundle_of(contents))]
    findings.sort(key=lambda f: (f.resource, f.line))
    from web.translations import translator

    gettext = translator(lang)
    if as_json:
        click.echo(json.dumps([f.as_json(gettext) for f in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            click.echo(finding.told(gettext))
    raise SystemExit(any(f.severity is engine.Severity.ERROR for f in findings))


def _suffix_of(content: bytes) -> str:
    if content.lstrip()[:1] == b"{":
        return ".json"
    return ".dmn" if b"/spec/DMN/" in content[:2000] and b"/spec/BPMN/" not in content[:2000] else ".bpmn"


def _check_files(bundle: Bundle) -> list[engine.Finding]:
    """Check files beside what is published, if there is a database; none is made or changed for it."""
    url = current_app.extensions["guicheng.settings"].database_url
    database = engine.create_database(url)
    store, known = RegisterStore(database), handlers.registry()
    if database.dialect.name != "sqlite" or Path(str(database.url.database)).is_file():
        try:
            engine.check_schema(database)
            functions, clock = store.calendar_functions(), SystemClock()
            collaborators = _collaborators(store, clock)
            installed = ProcessEngine(
                database, clock=clock, handlers=known, collaborators=collaborators, functions=functions
            )
            return installed.check(bundle)
        except (engine.EngineError, OSError) as error:
            click.echo(f"checked without what is published: {error}", err=True)
    return engine.examine(bundle, handlers=known, functions=store.calendar_functions()).findings


@click.command("layout")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def layout_command(files: tuple[Path, ...]) -> None:
    """Draw diagrams anew, in their files: for those without drawing or written by hand. Their meaning is untouched."""
    for file in files:
        try:
            file.write_bytes(engine.lay_out(file.name, file.read_bytes()))
        except engine.InvalidDiagram as error:
            raise click.ClickException("\n".join(map(str, error.findings))) from None


@click.command("demo")
def demo_command() -> None:
    """Load the demo organisation; what is there already stays."""
    registers.load_demo(_parts().registers, password=DEMO_PASSWORD, now=_parts().clock.now())
    click.echo(f"demo organisation loaded; every password is {DEMO_PASSWORD}")


@click.command("token")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="alerts, messages or records; may be repeated")
@click.option("--days", default=365, show_default=True, help="until it expires")
def token_command(name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make an API token for a machine called NAME and print it, once."""
    now = _parts().clock.now()
    expires_at = now + timedelta(days=days)
    click.echo(_parts().registers.tokens.create(name, scopes=scopes, now=now, expires_at=expires_at))


@click.command("docs")
def docs_command() -> None:
    """Write the documents that are made from code."""
    pages = {
        "handlers-reference.md": write_reference(handlers.registry()),
        "feel.md": engine.write_feel_reference(),
        "bpmn-support.md": engine.write_bpmn_support(),
    }
    for name, text in pages.items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")
        click.echo(f"wrote docs/{name}")


def door(settings: Settings) -> dict[str, Any]:
    """Return how strictly the server takes requests in, before the application sees them.

    Who asks, and over https or not, is believed from one proxy only: throttling and Secure cookies rest on it.
    """
    options: dict[str, Any] = {"max_request_body_size": LARGEST_BODY, "ident": None}
    if settings.trusted_proxy:
        options |= {
            "trusted_proxy": settings.trusted_proxy,
            "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto x-forwarded-host",
            "clear_untrusted_proxy_headers": True,
        }
    return options


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--demo", is_flag=True, help="publish bpmn/ and forms/ and load the demo organisation first")
@click.pass_context
def serve_command(context: click.Context, host: str, port: int, demo: bool) -> None:
    """Serve the pages, with the heartbeat that runs what is due."""
    import waitress
    from apscheduler.schedulers.background import BackgroundScheduler

    if demo:
        context.invoke(publish_command, places=(ROOT / "bpmn", ROOT / "forms"))
        context.invoke(demo_command)
        click.echo(f"\n  Guicheng 规程: http://{host}:{port}/\n")
        if host not in LOOPBACK:
            click.echo("  WARNING: others reach this address, and everybody knows the demo's passwords.", err=True)
        click.echo(
            f"  log in as u_desk1 (service desk), u_ops1 (tech-ops), u_pm1 (project manager) … / {DEMO_PASSWORD}\n"
        )
    parts, settings = _parts(), current_app.extensions["guicheng.settings"]
    try:
        parts.engine.load()
    except engine.SchemaMismatch as error:  # its cases stand still; everything else goes on
        click.echo(f"  WARNING: {error}", err=True)
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(parts.worker.run_due, "interval", seconds=settings.heartbeat, max_instances=1, coalesce=True)
    scheduler.start()
    try:
        waitress.serve(context.obj.load_app(), host=host, port=port, threads=8, **door(settings))
    finally:
        scheduler.shutdown()
