"""What holds for every process: restarts lose nothing (F45), and no case begins that nobody could finish (F46)."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app import ROOT, read_bundle
from engine import SYSTEM, Bundle, MovedClock
from tests.conftest import build_app
from tests.engine.diagrams import diagram, flows
from tests.processes.conftest import RESOLVED, House, at

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.conftest import Browser

AUDIT = """
<bpmn:laneSet id="lanes"><bpmn:lane id="management_representative" name="Management representative">
  <bpmn:flowNodeRef>start</bpmn:flowNodeRef><bpmn:flowNodeRef>commission</bpmn:flowNodeRef><bpmn:flowNodeRef>end</bpmn:flowNodeRef>
</bpmn:lane></bpmn:laneSet>
<bpmn:extensionElements><spiffworkflow:properties>
  <spiffworkflow:property name="starters" value="pmo_manager"/></spiffworkflow:properties></bpmn:extensionElements>
<bpmn:startEvent id="start" name="Audit due"/><bpmn:userTask id="commission" name="Commission the audit"/>
<bpmn:endEvent id="end"/>
"""


def restarted(house: House, app: Flask, clock: MovedClock) -> House:
    """The same house with the service started anew on the same database; nothing in memory survives."""
    database = Path(app.extensions["guicheng.settings"].database_url.removeprefix("sqlite:///"))
    fresh = build_app(database, clock)
    clients: dict[str, Browser] = {}

    def client_of(user: str) -> Browser:
        if user not in clients:
            old = house.client_of(user)
            clients[user] = type(old)(fresh.test_client(), old.csrf, old.headers)
            for name in ("session", "language"):
                cookie = old.client.get_cookie(name)
                if cookie is not None:
                    clients[user].client.set_cookie(name, cookie.value)
        return clients[user]

    def tick(to: object = None) -> None:
        clock.advance(to) if isinstance(to, timedelta) else clock.move_to(to)  # type: ignore[arg-type]
        while fresh.extensions["guicheng"].worker.run_due().did_something:
            pass

    return House(client_of, house.api_token, clock, tick)


def test_f45_restart_keeps_tasks_times_and_milestones(house: House, app: Flask, clock: MovedClock) -> None:
    """F45: an incident being resolved has the same tasks, due times and clocks after a restart; warnings come once."""
    house.tick(at("2025-03-04 09:00"))
    number = house.assigned(impact="high", urgency="medium")
    before = (house.tasks(number), house.incident(number))
    after = restarted(house, app, clock)
    assert (after.tasks(number), after.incident(number)) == before
    after.tick(at("2025-03-04 15:00"))
    assert after.mails(number, "解决即将超时") == ["u_wu"]
    again = restarted(after, app, clock)
    again.tick(at("2025-03-04 15:30"))
    assert again.mails(number, "解决即将超时") == ["u_wu"]
    again.do("u_eng2", "Diagnose and resolve", number, RESOLVED)
    assert "Confirm restoration" in again.tasks(number)


def test_f45_downtime_over_a_milestone_catches_up_once(house: House, app: Flask, clock: MovedClock) -> None:
    """F45: what came due while the service was down is told once when it is back, warning before breach."""
    house.tick(at("2025-03-04 09:00"))
    number = house.assigned(impact="high", urgency="medium")
    after = restarted(house, app, clock)
    after.tick(at("2025-03-05 12:00"))
    assert (after.mails(number, "解决即将超时"), set(after.mails(number, "解决超时"))) == (
        ["u_wu"],
        {"u_sun", "u_qian"},
    )


def publish_audit(app: Flask, folder: Path) -> None:
    file = folder / "internal_audit.bpmn"
    file.write_bytes(diagram(AUDIT + flows("start commission", "commission end"), key="internal_audit"))
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["publish", str(file)])
    assert done.exit_code == 0, done.output


def test_f46_vacant_role_refuses_the_start(
    app: Flask, client_of: Callable[[str], Browser], clock: MovedClock, tmp_path: Path
) -> None:
    """F46: while nobody is management representative, an audit can't begin, says why, and leaves nothing."""
    publish_audit(app, tmp_path)
    registers = app.extensions["guicheng"].registers
    with registers.begin(None, clock.now()) as unit:
        unit.people.assign("u_qian", [])
    browser = client_of("u_pmo")
    answer = browser.post("/processes/internal_audit/start/start")
    assert answer.status_code == 409
    assert "management_representative" in answer.text
    assert "/cases/" not in browser.get("/cases/?process=internal_audit").text.partition("<main")[2]


def test_f46_filled_roles_let_it_begin(app: Flask, client_of: Callable[[str], Browser], tmp_path: Path) -> None:
    """With somebody in every role the same audit begins."""
    publish_audit(app, tmp_path)
    assert client_of("u_pmo").post("/processes/internal_audit/start/start").status_code == 302


def test_case_in_trouble_silences_no_other_clock(house: House, app: Flask, clock: MovedClock) -> None:
    """A version that can't be loaded any more stops its own cases; the clocks of others warn as ever."""
    house.tick(at("2025-03-04 09:00"))
    stuck = house.assigned(impact="high", urgency="medium")
    source = (ROOT / "bpmn" / "incident.bpmn").read_bytes().replace(b'name="Incident management"', b'name="Incidents"')
    bundle = read_bundle(ROOT / "bpmn", ROOT / "forms")
    app.extensions["guicheng"].engine.publish(
        Bundle({**bundle.diagrams, "incident.bpmn": source}, bundle.decisions, bundle.forms), by=SYSTEM
    )
    well = house.assigned(impact="high", urgency="medium")
    database = app.extensions["guicheng.settings"].database_url.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        first = "(SELECT min(id) FROM process_definition WHERE key = 'incident')"
        connection.execute(f"DELETE FROM definition_resource WHERE definition_id = {first} AND kind = 'form'")
    after = restarted(house, app, clock)
    after.tick(at("2025-03-04 15:00"))
    assert after.mails(well, "解决即将超时") == ["u_wu"]
    with app.app_context(), contextlib.closing(sqlite3.connect(database)) as connection:
        told = connection.execute("SELECT number FROM outbox WHERE subject LIKE '%解决即将超时%'").fetchall()
    assert told == [(well,)] != [(stuck,)]
