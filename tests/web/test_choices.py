"""Choosing on the case's page: what may be begun stands there as buttons, for those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from engine import SYSTEM, Bundle
from tests.conftest import Browser
from tests.engine.diagrams import diagram, flows
from tests.engine.interpreter.drawing import node
from tests.web.test_work import words

if TYPE_CHECKING:
    from flask import Flask

Of = Callable[[str], Browser]
BODY = (
    '<bpmn:startEvent id="start"/>'
    + node(
        "adHocSubProcess",
        "desk",
        '<bpmn:userTask id="call" name="Call the customer"/><bpmn:userTask id="visit" name="Visit"/>',
        'name="Look into it"',
        active_elements="[]",
    )
    + '<bpmn:userTask id="report" name="Report"/>'
    + flows("start desk", "desk report")
)


@pytest.fixture
def looking(app: Flask) -> int:
    """A case in which somebody has to choose."""
    engine = app.extensions["guicheng"].engine
    engine.publish(Bundle({"look.bpmn": diagram(BODY, key="look", name="Look", lane="service_desk")}), by=SYSTEM)
    return int(engine.start("look", by=SYSTEM).id)


def address(page: str) -> str:
    """Where the choice is sent."""
    (found,) = set(re.findall(r'action="(/cases/\d+/choices/\d+)"', page))
    return found


def test_people_begin_what_they_choose(client_of: Of, looking: int) -> None:
    """A button each; then it is a task, and the history tells."""
    desk = client_of("u_desk1")
    page = desk.get(f"/cases/{looking}").text
    assert "Look into it what is done next is your choice Call the customer Visit" in words(page)
    assert "Enough is done" not in words(page)
    answer = desk.post(address(page), {"activity": "visit"})
    assert answer.location == f"/cases/{looking}"
    after = words(desk.get(f"/cases/{looking}").text)
    assert "Begun: Visit" in after
    assert "Chosen: Visit" in after


def test_owner_says_that_enough_is_done(client_of: Of, looking: int) -> None:
    """Then the case goes on."""
    admin = client_of("admin")
    page = admin.get(f"/cases/{looking}").text
    assert admin.post(address(page) + "/finish").location == f"/cases/{looking}"
    after = words(admin.get(f"/cases/{looking}").text)
    assert "Enough was done: Look into it" in after
    assert "what is done next" not in after
    assert "Report" in after


def test_nobody_else_chooses(client_of: Of, looking: int) -> None:
    """Neither an activity without its role, nor the end; nor what isn't offered."""
    desk = client_of("u_desk1")
    at = address(desk.get(f"/cases/{looking}").text)
    assert desk.post(at + "/finish").status_code == 403
    assert desk.post(at, {"activity": "report"}).status_code == 409
    assert desk.post(at, {}).status_code == 409
    assert client_of("u_wu").post(at, {"activity": "visit"}).status_code in (403, 404)


def test_choices_speak_chinese(client_of: Of, looking: int) -> None:
    """The page's own words."""
    desk = client_of("u_desk1")
    desk.client.set_cookie("language", "zh_CN")
    assert "下一步由您选择" in words(desk.get(f"/cases/{looking}").text)
