"""People choose in the store: who may, what they see, what stands in the history."""

from __future__ import annotations

import pytest

from engine import SYSTEM, Bundle, Conflict, InstanceState, NotAllowed, User
from tests.engine.diagrams import diagram, flows
from tests.engine.interpreter.drawing import node, nodes
from tests.engine.process_engine.installation import ANN, BOB, EVE, Installation

OWNER = User("olga", "Olga", frozenset({"owner"}))
UNTIL = "<bpmn:completionCondition>enough = true</bpmn:completionCondition>"
BODY = (
    '<bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="owner" value="owner"/>'
    "</spiffworkflow:properties></bpmn:extensionElements>"
    + nodes(startEvent="start", endEvent="end")
    + node(
        "adHocSubProcess",
        "desk",
        UNTIL + nodes(userTask="call") + node("userTask", "check", role="checker"),
        active_elements='["call"]',
    )
    + flows("start desk", "desk end")
)


@pytest.fixture
def case(house: Installation) -> int:
    """A case at its ad-hoc sub-process, where `call` has begun."""
    house.engine.publish(Bundle({"p.bpmn": diagram(BODY)}), by=SYSTEM)
    return house.engine.start("p", by=ANN).id


def offered(house: Installation, case: int, by: User) -> list[str]:
    """What a person may begin."""
    (work,) = house.engine.instance(case, by=by).ad_hoc
    return [activity.id for activity in work.activities]


def token(house: Installation, case: int) -> str:
    """Where people choose."""
    return house.engine.instance(case, by=OWNER).ad_hoc[0].token


def test_people_see_what_their_roles_may_begin(house: Installation, case: int) -> None:
    """The process owner all of it, and only they may end what has no role."""
    assert offered(house, case, ANN) == ["call"]
    assert offered(house, case, BOB) == ["call", "check"]
    assert offered(house, case, OWNER) == ["call", "check"]
    assert house.engine.instance(case, by=OWNER).ad_hoc[0].may_finish
    assert not house.engine.instance(case, by=BOB).ad_hoc[0].may_finish


def test_chosen_activity_is_a_task_like_any_other(house: Installation, case: int) -> None:
    """History tells who chose it; completing tasks asks whether enough is done."""
    house.engine.choose_activity(case, token(house, case), "check", by=BOB)
    assert [(e.kind, e.element, e.actor) for e in house.engine.history(case) if e.kind == "chosen"] == [
        ("chosen", "check", "bob")
    ]
    found = house.engine.instance(case, by=BOB)
    assert [t.element.id for t in found.tasks] == ["call", "check"]
    house.engine.complete_task(found.tasks[1].id, {}, by=BOB)
    house.engine.set_variables(case, {"enough": True}, by=SYSTEM)
    house.engine.complete_task(found.tasks[0].id, {}, by=ANN)
    ended = house.engine.instance(case, by=BOB)
    assert (ended.state, ended.ad_hoc) == (InstanceState.COMPLETED, ())


def test_nobody_chooses_without_the_role(house: Installation, case: int) -> None:
    """Neither an activity nor the end; nothing is stored."""
    at = token(house, case)
    with pytest.raises(NotAllowed):
        house.engine.choose_activity(case, at, "check", by=ANN)
    with pytest.raises(NotAllowed):
        house.engine.choose_activity(case, at, "call", by=EVE)
    with pytest.raises(NotAllowed):
        house.engine.finish_ad_hoc(case, at, by=ANN)
    assert len(house.engine.instance(case, by=OWNER).tasks) == 1


def test_what_is_not_offered_is_refused(house: Installation, case: int) -> None:
    """Another element, another token, a case that has gone on."""
    at = token(house, case)
    for place, activity in ((at, "end"), (at, "nothing"), ("99", "call")):
        with pytest.raises(Conflict):
            house.engine.choose_activity(case, place, activity, by=OWNER)
    house.engine.finish_ad_hoc(case, at, by=OWNER)
    with pytest.raises(Conflict):
        house.engine.choose_activity(case, at, "call", by=OWNER)


def test_owner_ends_it(house: Installation, case: int) -> None:
    """What still runs is cancelled with it."""
    ended = house.engine.finish_ad_hoc(case, token(house, case), by=OWNER)
    assert ended.state is InstanceState.COMPLETED
    assert [t.state.value for t in ended.closed_tasks] == ["cancelled"]


def test_diagram_shows_it_open(house: Installation, case: int) -> None:
    """As any sub-process that has been entered, though nobody works in it."""
    (task,) = house.engine.tasks(ANN, scope="all")
    house.engine.complete_task(task.id, {}, by=ANN)
    assert house.engine.diagram_state(case)["elements"]["desk"]["status"] == "entered"
