"""Corrective and preventive actions over every way of their diagram, through pages and clocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from engine import SYSTEM
from tests.processes.capa import (
    ANALYSED,
    APPROVED,
    CORRECTED,
    DONE,
    EFFECTIVE,
    INEFFECTIVE,
    MAJOR_APPROVED,
    RETURNED,
    Capas,
    plan,
)
from tests.processes.conftest import ARTICLE, CONFIRMED, RESOLVED, RESTORED, House, at

if TYPE_CHECKING:
    from flask import Flask


@pytest.fixture
def capas(house: House, app: Flask) -> Capas:
    return Capas(house, app)


def test_minor_nonconformity_is_closed_effective(capas: Capas, house: House) -> None:
    """A minor one is corrected, analysed, planned, done and found effective after 30 days; its source is told."""
    number = capas.raise_one(source="AUD-2025-00001")
    assert number == "CAPA-2025-00001"
    assert house.task(number, "Correct at once").due == at("2025-03-10 18:00")
    house.do("u_ops", "Correct at once", number, CORRECTED)
    assert house.task(number, "Analyse cause").due == at("2025-03-17 18:00")
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    house.do("u_ops", "Plan actions", number, plan("u_ops1"))
    assert capas.state(number) == "plan_submitted"
    house.do("u_aud1", "Approve plan", number, APPROVED)
    task = house.task(number, "Carry out action")
    assert task.due == at("2025-03-28 18:00")
    assert "Monthly record" in house.client_of("u_ops1").get(f"/tasks/{task.id}").text
    house.do("u_ops1", "Carry out action", number, DONE)
    assert (capas.state(number), house.tasks(number)) == ("implemented", {})
    house.tick(at("2025-04-02 18:00"))
    assert house.task(number, "Verify effectiveness").due == at("2025-04-07 18:00")
    house.do("u_aud1", "Verify effectiveness", number, EFFECTIVE)
    assert (capas.state(number), house.tasks(number)) == ("closed_effective", {})
    assert house.messages(number) == ["capa.closed"]


def test_nonconformity_is_answered(capas: Capas, house: House) -> None:
    """A corrective action opens the nonconformity that it answers and closes it; actions stand in the register."""
    number = capas.implemented(capas.planned("u_ops1", "u_eng1"), "u_ops1", "u_eng1")
    nonconformity = capas.record(number)["nonconformity"]
    assert capas.record(nonconformity)["auditee"] == "u_ops"
    assert capas.record(nonconformity)["state"] == "open"
    done = [capas.record(action) for action in capas.find("action", capa=number)]
    assert [(one["owner"], one["state"], one["evidence"]) for one in done] == [
        ("u_ops1", "done", DONE["action_evidence"]), ("u_eng1", "done", DONE["action_evidence"]),
    ]  # fmt: skip
    house.tick(at("2025-04-02 18:00"))
    house.do("u_aud1", "Verify effectiveness", number, EFFECTIVE)
    assert capas.state(nonconformity) == "closed"


def test_major_nonconformity_has_less_time_and_two_approvals(capas: Capas, house: House) -> None:
    """Two business days for a major one's correction, five for its plan, which the representative approves, too."""
    number = capas.raise_one(grade="major")
    assert house.task(number, "Correct at once").due == at("2025-03-05 18:00")
    house.do("u_ops", "Correct at once", number, CORRECTED)
    assert house.task(number, "Analyse cause").due == at("2025-03-10 18:00")
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    house.do("u_ops", "Plan actions", number, plan("u_ops1"))
    house.do("u_aud1", "Approve plan", number, APPROVED)
    again = {"major_outcome": "return", "major_comment": "More"}
    house.do("u_qian", "Approve plan (major)", number, again)
    assert (capas.state(number), set(house.tasks(number))) == ("analysing", {"Plan actions"})
    house.do("u_ops", "Plan actions", number, plan("u_ops1"))
    house.do("u_aud1", "Approve plan", number, APPROVED)
    house.do("u_qian", "Approve plan (major)", number, MAJOR_APPROVED)
    assert (capas.state(number), set(house.tasks(number))) == ("implementing", {"Carry out action"})


@pytest.mark.parametrize(
    ("grade", "correct", "analyse", "implement"),
    [("minor", "03-27", "04-03", "05-19"), ("major", "03-24", "03-27", "04-19")],
)
def test_due_times_of_audit_findings(
    capas: Capas, house: House, grade: str, correct: str, analyse: str, implement: str
) -> None:
    """F33, F35: what is received on 2025-03-20 is due on the days of the scenarios, business days over Qingming."""
    house.tick(at("2025-03-20 10:00"))
    record = capas.record(capas.raise_one(grade=grade))
    dues = [record[name] for name in ("correct_due_at", "plan_due_at", "implement_due_at")]
    assert dues == [at(f"2025-{day} 18:00") for day in (correct, analyse, implement)]


def test_plan_keeps_within_the_time_for_implementation(capas: Capas, house: House) -> None:
    """An action can't be planned for later than everything must be implemented, nor for yesterday."""
    number = capas.raise_one()
    house.do("u_ops", "Correct at once", number, CORRECTED)
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    task = house.task(number, "Plan actions").id
    for due in ("2025-05-03", "2025-03-02"):
        assert house.submit("u_ops", task, plan("u_ops1", due=due)).status_code == 422
    assert house.submit("u_ops", task, plan("u_ops1", due="2025-05-02")).status_code == 302


def test_returned_plan_comes_back_to_its_owner(capas: Capas, house: House) -> None:
    """A plan that the verifier returns is planned anew with the comment in sight."""
    number = capas.planned()
    house.do("u_aud1", "Approve plan", number, RETURNED)
    task = house.task(number, "Plan actions")
    assert "Measure what?" in house.client_of("u_ops").get(f"/tasks/{task.id}").text
    house.do("u_ops", "Plan actions", number, plan("u_ops1"))
    assert set(house.tasks(number)) == {"Approve plan"}


def test_prevention_needs_no_correction_and_no_nonconformity(capas: Capas, house: House) -> None:
    """A preventive action begins with the cause."""
    number = capas.raise_one(kind="preventive", requirement="", evidence="")
    assert set(house.tasks(number)) == {"Analyse cause"}
    assert capas.find("nonconformity") == []


def test_observation_may_be_answered_with_nothing_needed(capas: Capas, house: House) -> None:
    """An observation has 20 business days for an answer; a reason is enough."""
    number = capas.raise_one(grade="observation")
    assert house.task(number, "Respond to observation").due == at("2025-03-31 18:00")
    task = house.task(number, "Respond to observation").id
    assert house.submit("u_ops", task, {"response": "not_needed"}).status_code == 422
    house.do("u_ops", "Respond to observation", number, {"response": "not_needed", "response_reason": "Planned"})
    assert (capas.state(number), house.messages(number)) == ("rejected", ["capa.closed"])
    assert capas.state(capas.record(number)["nonconformity"]) == "withdrawn"


@pytest.mark.parametrize(("wanted", "state"), [("false", "closed_unchecked"), ("true", "implemented")])
def test_accepted_observation_is_verified_if_wanted(capas: Capas, house: House, wanted: str, state: str) -> None:
    """An accepted observation has 90 days for its actions; its effect is verified only on demand."""
    number = capas.raise_one(grade="observation")
    house.do("u_ops", "Respond to observation", number, {"response": "accept", "check_wanted": wanted})
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    house.do("u_ops", "Plan actions", number, plan("u_ops1", due="2025-06-01"))
    assert capas.state(capas.implemented(number)) == state


def test_two_cycles_without_effect_escalate(capas: Capas, house: House) -> None:
    """Ineffective once: back to the cause with new times, no correction. Twice: an item for the management review."""
    number = capas.implemented(capas.planned())
    house.tick(at("2025-04-02 18:00"))
    house.do("u_aud1", "Verify effectiveness", number, INEFFECTIVE)
    assert capas.record(number)["cycle"] == 2
    assert house.task(number, "Analyse cause").due == at("2025-04-17 18:00")
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    house.do("u_ops", "Plan actions", number, plan("u_ops1", due="2025-04-20"))
    capas.implemented(number)
    house.tick(at("2025-05-02 18:00"))
    house.do("u_aud1", "Verify effectiveness", number, INEFFECTIVE)
    assert (capas.state(number), house.tasks(number)) == ("escalated", {})
    assert capas.state(capas.record(number)["nonconformity"]) == "escalated"
    assert len(capas.find("action", kind="review_item", capa=number)) == 1
    assert set(house.mails(number, "措施无效")) == {"u_qian", "u_zhao"}
    assert house.messages(number) == ["capa.closed"]


def test_second_cycle_may_be_effective(capas: Capas, house: House) -> None:
    """What works the second time closes as effective."""
    number = capas.implemented(capas.planned())
    house.tick(at("2025-04-02 18:00"))
    house.do("u_aud1", "Verify effectiveness", number, INEFFECTIVE)
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    house.do("u_ops", "Plan actions", number, plan("u_ops1", due="2025-04-20"))
    capas.implemented(number)
    house.tick(at("2025-05-02 18:00"))
    house.do("u_aud1", "Verify effectiveness", number, EFFECTIVE)
    assert capas.state(number) == "closed_effective"


@pytest.mark.parametrize("named", [{"owner": ""}, {"verifier": ""}, {"grade": ""}])
def test_who_is_not_named_is_appointed(capas: Capas, house: House, named: dict[str, str]) -> None:
    """Without owner, verifier or grade the management representative decides; nobody may be both."""
    number = capas.raise_one(**named)
    task = house.task(number, "Appoint owner and verifier")
    assert task.due == at("2025-03-05 18:00")
    both = {"grade": "minor", "owner": "u_ops", "verifier": "u_ops"}
    assert house.submit("u_qian", task.id, both).status_code == 422
    house.do("u_qian", "Appoint owner and verifier", number, {**both, "verifier": "u_aud2"})
    record = capas.record(number)
    assert (record["owner"], record["verifier"], record["grade"]) == ("u_ops", "u_aud2", "minor")
    assert set(house.tasks(number)) == {"Correct at once"}


def test_withdrawn_before_a_plan_is_approved(capas: Capas, house: House) -> None:
    """It can be taken back with a reason as long as no plan is approved."""
    number = capas.planned()
    house.send("u_hr", "capa.withdrawn", number, {"reason": "Raised twice"})
    assert (capas.state(number), house.tasks(number)) == ("rejected", {})
    assert "Raised twice" in house.client_of("u_hr").get(f"/records/{number}").text


def test_sod_05_verifier_is_nobody_who_did_it(capas: Capas, house: House, app: Flask) -> None:
    """SOD-05: whoever carried out an action is refused at claim and at submit, by id, and it stands in the history."""
    number = capas.implemented(capas.planned("u_ops1"))
    name_verifier(app, house, number, "u_ops1")
    house.tick(at("2025-04-02 18:00"))
    task = house.task(number, "Verify effectiveness").id
    refused = (house.claim("u_ops1", "Verify effectiveness", number), house.submit("u_ops1", task, EFFECTIVE))
    assert [(answer.status_code, "SOD-05" in answer.text) for answer in refused] == [(403, True)] * 2
    case = re.findall(r'href="(/cases/\d+)"', house.client_of("u_hr").get(f"/records/{number}").text)[0]
    assert "SOD-05" in house.client_of("u_qian").get(case).text
    assert "Verify effectiveness" in house.tasks(number)


def test_sod_05_owner_can_not_approve_the_own_plan(capas: Capas, house: House, app: Flask) -> None:
    """SOD-05: whoever analysed and planned is refused as verifier of the plan, too."""
    number = capas.raise_one()
    house.do("u_ops", "Correct at once", number, CORRECTED)
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    name_verifier(app, house, number, "u_ops")
    house.do("u_ops", "Plan actions", number, plan("u_ops1"))
    refused = house.claim("u_ops", "Approve plan", number)
    assert (refused.status_code, "SOD-05" in refused.text) == (403, True)


def name_verifier(app: Flask, house: House, number: str, person: str) -> None:
    """Write another verifier into a case, as its process owner may when somebody leaves."""
    page = house.client_of("u_hr").get(f"/records/{number}").text
    case = int(re.findall(r'href="/cases/(\d+)"', page)[0])
    app.extensions["guicheng"].engine.set_variables(case, {"verifier": person}, by=SYSTEM)


def test_sod_05_plan_can_not_name_the_verifier(capas: Capas, house: House) -> None:
    """SOD-05: the verifier can't be given an action to carry out."""
    number = capas.raise_one()
    house.do("u_ops", "Correct at once", number, CORRECTED)
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    answer = house.submit("u_ops", house.task(number, "Plan actions").id, plan("u_aud1"))
    assert (answer.status_code, "SOD-05" in answer.text) == (422, True)


def test_overdue_plan_climbs_the_ladder_once(capas: Capas, house: House) -> None:
    """F36: a plan is asked for three days before, then from superior, representative and general manager, each once."""
    number = capas.raise_one()
    house.do("u_ops", "Correct at once", number, CORRECTED)
    seen = {}
    for day in ("13", "14", "15", "18", "19", "24", "31"):
        house.tick(at(f"2025-03-{day} 18:00"))
        seen[day] = house.mails(number, "措施")
    due_soon, late = ["u_ops"], ["u_ops", "u_sun"]
    assert (seen["13"], seen["14"], seen["15"]) == ([], due_soon, due_soon)
    assert (seen["18"], seen["19"]) == (late, late)
    assert (seen["24"], seen["31"]) == ([*late, "u_qian"], [*late, "u_qian", "u_zhao"])
    house.tick(at("2025-05-31 18:00"))
    assert len(house.mails(number, "措施")) == 4


def test_downtime_tells_nobody_twice(capas: Capas, house: House) -> None:
    """F45: after a week without a worker everybody who had to know is told, once."""
    number = capas.raise_one()
    house.tick(at("2025-03-18 09:00"))
    assert sorted(house.mails(number, "措施")) == ["u_ops", "u_qian", "u_sun"]
    house.tick(at("2025-03-19 09:00"))
    assert sorted(house.mails(number, "措施")) == ["u_ops", "u_qian", "u_sun"]


def test_one_extension_for_each_stage(capas: Capas, house: House) -> None:
    """F36: the representative extends a stage once; a second request for it is refused, one for the next isn't."""
    number = capas.raise_one()
    house.do("u_ops", "Correct at once", number, CORRECTED)
    house.send("u_ops", "capa.extension_requested", number, {"until": "2025-03-24", "reason": "Holidays"})
    task = house.task(number, "Decide on extension")
    assert task.due == at("2025-03-05 18:00")
    assert "Holidays" in house.client_of("u_qian").get(f"/tasks/{task.id}").text
    house.do("u_qian", "Decide on extension", number, {"extension_outcome": "approve"})
    assert house.task(number, "Analyse cause").due == at("2025-03-24 18:00")
    house.send("u_ops", "capa.extension_requested", number, {"until": "2025-03-28", "reason": "Still"})
    assert set(house.tasks(number)) == {"Analyse cause"}
    assert house.mails(number, "未批准") == ["u_ops"]
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    house.do("u_ops", "Plan actions", number, plan("u_ops1"))
    house.do("u_aud1", "Approve plan", number, APPROVED)
    house.send("u_ops", "capa.extension_requested", number, {"until": "2025-04-20", "reason": "Course is full"})
    house.do("u_qian", "Decide on extension", number, {"extension_outcome": "approve"})
    assert house.task(number, "Carry out action").due == at("2025-04-20 18:00")


def test_extended_time_reminds_anew(capas: Capas, house: House) -> None:
    """After an extension the reminders count from the new due time."""
    number = capas.raise_one()
    house.do("u_ops", "Correct at once", number, CORRECTED)
    house.send("u_ops", "capa.extension_requested", number, {"until": "2025-03-24", "reason": "Holidays"})
    house.do("u_qian", "Decide on extension", number, {"extension_outcome": "approve"})
    house.tick(at("2025-03-20 18:00"))
    assert house.mails(number, "措施") == []
    house.tick(at("2025-03-25 18:00"))
    assert house.mails(number, "措施") == ["u_ops", "u_sun"]


def test_refused_extension_leaves_the_due_time(capas: Capas, house: House) -> None:
    """A refused extension moves nothing, and the owner may ask again; while one is waiting there is no other."""
    number = capas.raise_one()
    asked = {"until": "2025-03-24", "reason": "Holidays"}
    house.send("u_ops", "capa.extension_requested", number, asked)
    house.send("u_ops", "capa.extension_requested", number, asked)
    no = {"extension_outcome": "reject", "extension_comment": "No"}
    house.do("u_qian", "Decide on extension", number, no)
    assert house.task(number, "Correct at once").due == at("2025-03-10 18:00")
    house.send("u_ops", "capa.extension_requested", number, asked)
    assert "Decide on extension" in house.tasks(number)


def test_late_incident_raises_a_corrective_action(capas: Capas, house: House) -> None:
    """F04: an incident that missed its resolution time begins exactly one case, linked, without owner yet."""
    house.tick(at("2025-03-04 09:00"))
    incident = house.assigned(impact="high", urgency="medium")
    house.tick(at("2025-03-04 18:00"))
    house.do("u_eng2", "Diagnose and resolve", incident, RESOLVED)
    house.do("u_ops1", "Confirm restoration", incident, RESTORED)
    house.do("u_desk1", "Call back and confirm closure", incident, CONFIRMED)
    house.do("u_pm1", "Approve article", incident, ARTICLE)
    (number,) = capas.find("capa", source=incident)
    assert set(house.tasks(number)) == {"Appoint owner and verifier"}
    assert number in capas.linked(incident)
    assert house.state(incident) == "closed"
