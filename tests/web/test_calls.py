"""Called cases on pages: links both ways, the mark in the list, and who may end what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from engine import SYSTEM, Bundle
from tests.conftest import Browser
from tests.engine.diagrams import diagram, flows
from tests.web.test_work import words

if TYPE_CHECKING:
    from flask import Flask

Of = Callable[[str], Browser]
CALLER = (
    '<bpmn:startEvent id="start"/><bpmn:callActivity id="order" name="Order parts" calledElement="buying"/>'
    '<bpmn:userTask id="fit" name="Fit them"/>' + flows("start order", "order fit")
)
CALLED = '<bpmn:startEvent id="start"/><bpmn:userTask id="buy" name="Buy"/>' + flows("start buy")


@pytest.fixture
def calling(app: Flask) -> int:
    """A case that has called another one, the next by number."""
    engine = app.extensions["guicheng"].engine
    files = {
        "repair.bpmn": diagram(CALLER, key="repair", name="Repair", lane="service_desk"),
        "buying.bpmn": diagram(CALLED, key="buying", name="Buying", lane="finance"),
    }
    engine.publish(Bundle(files), by=SYSTEM)
    return int(engine.start("repair", by=SYSTEM).id)


def test_cases_lead_to_each_other(client_of: Of, calling: int) -> None:
    """The caller's page shows what it called and where; the called one's who called it."""
    admin = client_of("admin")
    caller, called = admin.get(f"/cases/{calling}"), admin.get(f"/cases/{calling + 1}")
    assert f'href="/cases/{calling + 1}"' in caller.text
    assert "Buying v1 · Order parts" in words(caller.text)
    assert "Called another process: Order parts" in words(caller.text)
    assert f'href="/cases/{calling}"' in called.text
    assert "Called by" in words(called.text)


def test_diagram_learns_where_the_call_leads(client_of: Of, calling: int) -> None:
    """The call activity is active, and has an address."""
    state = client_of("admin").get(f"/cases/{calling}/state.json").json
    assert state["elements"]["order"]["status"] == "active"
    assert state["calls"] == {"order": f"/cases/{calling + 1}"}


def test_list_marks_called_cases_and_can_leave_them_out(client_of: Of, calling: int) -> None:
    """By default all are there."""
    admin = client_of("admin")
    everything, roots = admin.get("/cases/").text, admin.get("/cases/?roots=1").text
    assert f'href="/cases/{calling + 1}"' in everything
    assert '<small class="muted">called</small>' in everything
    assert f'href="/cases/{calling + 1}"' not in roots
    assert f'href="/cases/{calling}"' in roots


def test_called_case_offers_no_end(client_of: Of, calling: int) -> None:
    """Its caller's page does; a post is refused with the remedy."""
    admin = client_of("admin")
    assert "End the case" in words(admin.get(f"/cases/{calling}").text)
    assert "End the case" not in words(admin.get(f"/cases/{calling + 1}").text)
    answer = admin.post(f"/cases/{calling + 1}/cancel", {"reason": "enough"})
    assert answer.status_code == 409
    assert f"end case {calling} instead" in words(answer.text)


def test_called_case_is_hidden_from_those_who_may_not_see_it(client_of: Of, calling: int) -> None:
    """Who works in the caller's process alone sees no trace of the other."""
    desk = client_of("u_desk1")
    page = desk.get(f"/cases/{calling}")
    assert page.status_code == 200
    assert "Buying v1" not in words(page.text)
    assert desk.get(f"/cases/{calling}/state.json").json["calls"] == {}
    assert desk.get(f"/cases/{calling + 1}").status_code == 404


@pytest.mark.parametrize("number", [0, 1])
def test_calls_speak_chinese(client_of: Of, calling: int, number: int) -> None:
    """Both pages."""
    admin = client_of("admin")
    admin.client.set_cookie("language", "zh_CN")
    assert "调用" in words(admin.get(f"/cases/{calling + number}").text)
