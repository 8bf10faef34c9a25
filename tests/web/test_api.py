"""`/api/v1`: what machines may say, and what they hear."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from engine import SYSTEM, Bundle
from tests.conftest import Browser
from tests.engine.diagrams import diagram, flows

if TYPE_CHECKING:
    from flask import Flask

Headers = Callable[[str], dict[str, str]]
ALERT = {
    "source": "zabbix", "alert_key": "sw1-down", "ci": "SW-BJ1-001", "severity": "critical", "text": "No answer to ping"
}  # fmt: skip


@pytest.fixture
def post(anyone: Browser, api_token: Headers) -> Callable[..., Any]:
    """Post JSON with a token of the scope that the address asks for."""

    def send(path: str, data: Any, **headers: str) -> Any:
        scopes = {"alerts": "alerts"} | dict.fromkeys(("messages", "signals", "announcements"), "messages")
        scope = scopes.get(path.rsplit("/", 1)[-1], "records")
        return anyone.client.post(path, json=data, headers={**api_token(scope), **headers})

    return send


def test_an_alert_opens_an_incident(post: Callable[..., Any], client_of: Callable[[str], Browser]) -> None:
    """202 with the number; the desk has a task for it."""
    answer = post("/api/v1/alerts", ALERT)
    assert answer.status_code == 202
    assert answer.json["number"] == "INC-2025-00001"
    assert client_of("u_desk1").tasks("00001")


def test_a_repeated_alert_is_merged(post: Callable[..., Any]) -> None:
    """The same alert again is told under which incident it counts."""
    post("/api/v1/alerts", ALERT)
    answer = post("/api/v1/alerts", {**ALERT, "text": "Still no answer"})
    assert answer.json["merged_into"] == "INC-2025-00001"


def test_a_request_repeated_under_its_key_counts_once(post: Callable[..., Any]) -> None:
    """A client that got no answer may send again: 200 and the same incident."""
    first = post("/api/v1/alerts", ALERT, **{"Idempotency-Key": "a-1"})
    second = post("/api/v1/alerts", ALERT, **{"Idempotency-Key": "a-1"})
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json["number"] == second.json["number"] == "INC-2025-00001"
    assert "merged_into" not in second.json


def test_every_mistake_is_told_at_once(post: Callable[..., Any]) -> None:
    """Problem+json names every field."""
    answer = post("/api/v1/alerts", {"source": " ", "severity": "loud", "text": 5, "colour": "red"})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json["errors"]) == {"source", "severity", "text", "colour", "alert_key"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"text": "' + b"x" * 70_000 + b'"}', "application/json", 413),
        (b"\xff\xfe", "application/json", 400),
    ],
)
def test_what_is_no_alert_is_refused(anyone: Browser, api_token: Headers, body: bytes, kind: str, status: int) -> None:
    """Wrong kinds, broken JSON and huge bodies get a clear status."""
    answer = anyone.client.post("/api/v1/alerts", data=body, content_type=kind, headers=api_token("alerts"))
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_without_a_good_token_nothing_is_open(anyone: Browser, header: dict[str, str]) -> None:
    """401 with the way to ask, and no session helps."""
    answer = anyone.client.post("/api/v1/alerts", json=ALERT, headers=header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_is_good_for_its_scope_only(anyone: Browser, api_token: Headers) -> None:
    """An alert source can't read incidents or send messages."""
    answer = anyone.client.post("/api/v1/messages", json={"name": "x"}, headers=api_token("alerts"))
    assert answer.status_code == 401


def test_a_session_is_no_token(client_of: Callable[[str], Browser]) -> None:
    """Being signed in opens no machine's door."""
    assert client_of("u_desk1").client.post("/api/v1/alerts", json=ALERT).status_code == 401


def test_an_incident_can_be_read_and_not_closed(anyone: Browser, post: Callable[..., Any], api_token: Headers) -> None:
    """Its state is told; closing is the process's business (409)."""
    post("/api/v1/alerts", ALERT)
    headers = api_token("records")
    read = anyone.client.get("/api/v1/incidents/INC-2025-00001", headers=headers)
    assert read.json["state"] == "new"
    assert read.json["fields"]["ci"] == "SW-BJ1-001"
    refused = anyone.client.post("/api/v1/incidents/INC-2025-00001/close", headers=headers)
    assert refused.status_code == 409
    assert "closed by its process" in refused.json["detail"]
    assert anyone.client.get("/api/v1/incidents/INC-9", headers=headers).status_code == 404


def test_a_message_nobody_waits_for_is_kept(post: Callable[..., Any]) -> None:
    """It stays in the inbox, and the sender is told so."""
    answer = post("/api/v1/messages", {"name": "change.completed", "key": "CHG-2025-00001", "variables": {"x": 1}})
    assert answer.status_code == 202
    assert answer.json["outcome"] == "waiting"


def test_signals_and_announcements_reach_their_processes(app: Flask, post: Callable[..., Any]) -> None:
    """A monitor says what has happened, and what is true now; unknown fields are told."""
    definition = "<bpmn:{0}EventDefinition{1}>{2}</bpmn:{0}EventDefinition>"
    condition = definition.format("conditional", "", "<bpmn:condition>degrees &gt; 27</bpmn:condition>")
    signal = definition.format("signal", ' signalRef="s"', "")
    body = (
        f'<bpmn:startEvent id="hot">{condition}</bpmn:startEvent><bpmn:startEvent id="fire">{signal}</bpmn:startEvent>'
    )
    body += '<bpmn:userTask id="cool"/>' + flows("hot cool", "fire cool")
    content = diagram(body, extra='<bpmn:signal id="s" name="fire"/>')
    app.extensions["guicheng"].engine.publish(Bundle({"p.bpmn": content}), by=SYSTEM)
    assert post("/api/v1/signals", {"name": "fire"}).json == {"cases": 1}
    assert post("/api/v1/announcements", {"variables": {"degrees": 30}}).json == {"cases": 1}
    assert post("/api/v1/announcements", {"variables": {"degrees": 31}}).json == {"cases": 0}
    assert post("/api/v1/announcements", {"values": {}}).status_code == 422
