"""The acceptance scenarios of the incident process (domain F01–F11)."""

from __future__ import annotations

import pytest

from tests.processes.conftest import ARTICLE, CLASSIFIED, CONFIRMED, RESOLVED, RESTORED, House, at

NOT_RESTORED = {"resolved": "true", "service_restored": "false", "evidence": "Still no logins"}
REJECTED = {"result": "rejected", "comment": "Still slow", "closure_code": "fixed"}
P2 = {"impact": "high", "urgency": "medium"}


def test_f01_first_line_solves_a_p3_with_knowledge(house: House) -> None:
    """F01: a P3 solved by first line with KB-0001 closes with both clocks kept and nothing to follow."""
    number = house.logged()
    assert number == "INC-2025-00001"
    record = house.incident(number)
    assert record["fields"]["priority"] == "P3"
    assert (house.due(number, "response"), house.due(number, "resolution")) == (
        at("2025-03-03 12:00"),
        at("2025-03-05 10:00"),
    )
    task = house.task(number, "First-line support")
    assert "KB-0001" in house.client_of("u_desk1").get(f"/tasks/{task.id}").text

    house.tick(at("2025-03-03 10:30"))
    answer = {"kb_article_used": "KB-0001", "actions": "Cleared", "outcome": "resolved_by_kb", "solution": "Cleared"}
    house.do("u_desk1", "First-line support", number, answer)
    house.tick(at("2025-03-03 10:40"))
    house.do("u_ops1", "Confirm restoration", number, RESTORED)
    house.do("u_desk1", "Call back and confirm closure", number, CONFIRMED)

    record = house.incident(number)
    assert (record["state"], house.tasks(number), house.messages(number)) == ("closed", {}, [])
    assert {clock["state"] for clock in record["clocks"].values()} == {"stopped"}
    assert not any(clock["breached"] for clock in record["clocks"].values())


def test_f02_alert_becomes_a_major_incident(house: House) -> None:
    """F02: a P1 from monitoring skips first line, tells five managers, and closes only after its review."""
    house.tick(at("2025-03-08 02:00"))
    number = house.alert()["number"]
    logged = {
        **CLASSIFIED,
        "customer": "C003",
        "ci": "SW-BJ1-001",
        "category": "network",
        "impact": "high",
        "urgency": "high",
    }
    house.do("u_desk1", "Log and classify", number, logged)
    record = house.incident(number)
    assert (record["fields"]["priority"], record["fields"]["major"]) == ("P1", True)
    assert (house.due(number, "response"), house.due(number, "resolution")) == (
        at("2025-03-08 02:15"),
        at("2025-03-08 06:00"),
    )
    assert set(house.mails(number, "[P1] INC")) >= {"u_zheng", "u_ops", "u_wu", "u_sun", "u_zhao"}
    assert set(house.tasks(number)) == {"Appoint major-incident manager"}

    house.do(
        "u_zheng",
        "Appoint major-incident manager",
        number,
        {"manager": "u_zheng", "bridge": "8001", "comms_interval_min": "30"},
    )
    house.do("u_pm1", "Assign", number, {"group": "tech_group", "assignee": "u_eng2"})
    house.do("u_eng2", "Diagnose and resolve", number, {**RESOLVED, "root_cause_known": "true"})
    house.do("u_ops1", "Confirm restoration", number, RESTORED)
    house.do("u_desk1", "Call back and confirm closure", number, CONFIRMED)
    assert house.messages(number).count("problem.raised") == 1
    review = house.task(number, "Review major incident")
    assert review.due == at("2025-03-14 18:00")
    house.do("u_pm1", "Approve article", number, ARTICLE)
    assert house.state(number) == "resolved"
    values = {
        "timeline": "02:00 down", "business_impact": "All", "cause": "Power", "what_went_wrong": "No spare",
        "actions-rows": "1", "actions-0-action": "Buy a spare", "actions-0-owner": "u_ops1",
        "actions-0-due": "2025-04-01", "attendees": "u_ops",
    }  # fmt: skip
    house.do("u_ops", "Review major incident", number, values)
    assert house.state(number) == "closed"
    assert "u_zhao" in house.mails(number, "评审")


def test_f02_warning_times_of_a_p1(house: House) -> None:
    """F02: a P1's warnings come at three quarters of 15 minutes and of 4 hours."""
    house.tick(at("2025-03-08 02:00"))
    number = house.alert()["number"]
    house.do("u_desk1", "Log and classify", number, {**CLASSIFIED, "impact": "high", "urgency": "high"})
    house.tick(at("2025-03-08 02:11:14"))
    assert house.mails(number, "响应即将超时") == []
    house.tick(at("2025-03-08 02:11:15"))
    assert "u_zheng" in house.mails(number, "响应即将超时")


def test_f03_response_warning_and_breach_come_once(house: House) -> None:
    """F03: an unclaimed P2 warns at 20:22:30, breaches at 20:30 to u_wu, and never again."""
    house.tick(at("2025-03-04 20:00"))
    number = house.logged(**P2)
    house.tick(at("2025-03-04 20:22:29"))
    assert house.mails(number, "响应") == []
    house.tick(at("2025-03-04 20:22:30"))
    assert set(house.mails(number, "响应即将超时")) == {"u_desk1", "u_desk2", "u_zheng"}
    house.tick(at("2025-03-04 20:30"))
    assert house.mails(number, "响应超时") == ["u_wu"]
    house.tick(at("2025-03-04 20:31"))
    assert house.mails(number, "响应超时") == ["u_wu"]
    assert "First-line support" in house.tasks(number)


def test_f04_resolution_breach_leads_to_one_nonconformity(house: House) -> None:
    """F04: a late P2 warns the customer first, tells u_sun and u_qian at the breach, and ends in exactly one CAPA."""
    house.tick(at("2025-03-04 09:00"))
    number = house.logged(**P2)
    house.tick(at("2025-03-04 09:05"))
    assert house.claim("u_desk1", "First-line support", number).status_code == 302
    house.tick(at("2025-03-04 15:00"))
    warning = house.task(number, "Warn customer and agree action")
    assert warning.due == at("2025-03-04 15:30")
    told = {"told_whom": "徐静", "agreed_action": "Wait until evening"}
    house.do("u_desk1", "Warn customer and agree action", number, told)
    house.tick(at("2025-03-04 17:00"))
    assert set(house.mails(number, "解决超时")) == {"u_sun", "u_qian"}

    house.tick(at("2025-03-04 18:00"))
    house.do("u_desk1", "First-line support", number, {"actions": "Looked", "outcome": "escalate"})
    house.do("u_pm1", "Assign", number, {"group": "tech_group", "assignee": "u_eng2"})
    house.do("u_eng2", "Diagnose and resolve", number, RESOLVED)
    house.do("u_ops1", "Confirm restoration", number, RESTORED)
    house.do("u_desk1", "Call back and confirm closure", number, CONFIRMED)
    house.do("u_pm1", "Approve article", number, ARTICLE)
    assert house.state(number) == "closed"
    assert house.messages(number).count("capa.raised") == 1
    fields = house.incident(number)["fields"]
    assert (fields["response_breached"], fields["resolution_breached"]) == (False, True)


def test_f05_rejected_twice_raises_a_problem(house: House) -> None:
    """F05: a rejected incident keeps its number and its clock; the second rejection raises a problem at the close."""
    number = house.solved()
    due = house.due(number, "resolution")
    house.do("u_desk1", "Call back and confirm closure", number, REJECTED)
    record = house.incident(number)
    assert (record["state"], record["fields"]["reopen_count"], record["number"]) == ("in_progress", 1, number)
    assert (record["clocks"]["resolution"]["state"], house.due(number, "resolution")) == ("running", due)
    for last in (REJECTED, CONFIRMED):
        house.do("u_desk1", "First-line support", number, {"actions": "Again", "outcome": "escalate"})
        house.do("u_pm1", "Assign", number, {"group": "tech_group", "assignee": "u_eng2"})
        house.do("u_eng2", "Diagnose and resolve", number, RESOLVED)
        house.do("u_ops1", "Confirm restoration", number, RESTORED)
        house.do("u_desk1", "Call back and confirm closure", number, last)
    assert house.messages(number).count("problem.raised") == 1
    assert house.incident(number)["fields"]["problem"] == "PRB-2025-00001"
    assert set(house.tasks("PRB-2025-00001")) == {"Screen problem"}


def test_f05_milestones_are_not_fired_again(house: House) -> None:
    """F05: what was warned of before the rejection isn't warned of again after it."""
    house.tick(at("2025-03-04 09:00"))
    number = house.assigned(**P2)
    house.tick(at("2025-03-04 15:30"))
    house.do("u_eng2", "Diagnose and resolve", number, RESOLVED)
    house.do("u_ops1", "Confirm restoration", number, RESTORED)
    assert len(house.mails(number, "解决即将超时")) == 1
    house.do("u_desk1", "Call back and confirm closure", number, REJECTED)
    house.tick(at("2025-03-04 16:00"))
    assert len(house.mails(number, "解决即将超时")) == 1


def test_f06_who_resolved_may_not_confirm(house: House) -> None:
    """F06: u_eng1 holds both posts, resolves a P2 and is refused as SOD-09; the task stays open for u_ops1."""
    number = house.assigned("u_eng1", **P2)
    house.do("u_eng1", "Diagnose and resolve", number, RESOLVED)
    for answer in (
        house.claim("u_eng1", "Confirm restoration", number),
        house.submit("u_eng1", house.task(number, "Confirm restoration").id, RESTORED),
    ):
        assert answer.status_code == 403
        assert "SOD-09" in answer.text
    house.do("u_ops1", "Confirm restoration", number, RESTORED)
    assert "Call back and confirm closure" in house.tasks(number)


def test_f06_holds_for_severe_incidents_only(house: House) -> None:
    """SOD-09 binds P1 and P2: on a P3 the same person may resolve and confirm."""
    number = house.assigned("u_eng1")
    house.do("u_eng1", "Diagnose and resolve", number, RESOLVED)
    house.do("u_eng1", "Confirm restoration", number, RESTORED)
    assert "Call back and confirm closure" in house.tasks(number)


def test_f07_no_closing_without_restoration(house: House) -> None:
    """F07: what isn't restored goes back to the engineer; closing by the API is refused; nobody calls back."""
    number = house.assigned()
    house.do("u_eng2", "Diagnose and resolve", number, RESOLVED)
    house.do("u_ops1", "Confirm restoration", number, NOT_RESTORED)
    assert set(house.tasks(number)) == {"Diagnose and resolve"}
    assert house.close_by_force(number) == 409
    assert set(house.tasks(number)) == {"Diagnose and resolve"}


@pytest.mark.parametrize(
    ("ticket_type", "message"), [("complaint", "complaint.received"), ("change_request", "change.requested")]
)
def test_f08_hands_over_what_is_no_incident(house: House, ticket_type: str, message: str) -> None:
    """F08: a complaint and a change request are handed over as messages; the ticket is transferred."""
    number = house.logged(ticket_type=ticket_type)
    assert (house.state(number), house.tasks(number), house.messages(number)) == ("transferred", {}, [message])


def test_f08_answers_an_enquiry(house: House) -> None:
    """F08: an enquiry is answered within four business hours; one that turns out an incident is handled as one."""
    number = house.logged(ticket_type="enquiry")
    assert house.task(number, "Answer enquiry").due == at("2025-03-03 15:00")
    house.do("u_desk1", "Answer enquiry", number, {"answer": "Yes", "satisfied": "true"})
    assert house.state(number) == "answered"
    other = house.logged(ticket_type="enquiry")
    house.do("u_desk1", "Answer enquiry", other, {"answer": "No", "satisfied": "false", "change_type_to": "incident"})
    assert set(house.tasks(other)) == {"First-line support"}


def test_f09_waits_for_a_change_with_the_clock_running(house: House) -> None:
    """F09 (the incident's part): an incident that needs a change requests it, waits, and its clock goes on."""
    number = house.assigned()
    house.do("u_eng2", "Diagnose and resolve", number, {"diagnosis": "Too small", "outcome": "needs_change"})
    record = house.incident(number)
    assert (record["state"], record["clocks"]["resolution"]["state"]) == ("pending_change", "running")
    assert (house.messages(number), house.tasks(number)) == (["change.requested"], {})


def test_f10_waiting_for_the_customer_moves_the_due_time(house: House) -> None:
    """F10: from Monday 15:00 to Tuesday 10:00 the customer is awaited; the P3 is then due Wednesday 15:00."""
    number = house.assigned()
    house.tick(at("2025-03-03 15:00"))
    house.do("u_eng2", "Diagnose and resolve", number, {"diagnosis": "Which disk?", "outcome": "wait_customer"})
    record = house.incident(number)
    assert (record["state"], record["clocks"]["resolution"]["state"]) == ("pending_customer", "paused")
    house.tick(at("2025-03-04 10:00"))
    house.send("u_desk1", "customer.replied", number, {"text": "The second one"})
    assert house.due(number, "resolution") == at("2025-03-05 15:00")
    assert house.task(number, "Diagnose and resolve").due == at("2025-03-05 15:00")
    assert house.incident(number)["clocks"]["response"]["state"] == "stopped"
    house.tick(at("2025-03-05 09:59"))
    assert house.mails(number, "解决即将超时") == []
    house.tick(at("2025-03-05 10:00"))
    assert house.mails(number, "解决即将超时") == ["u_pm1", "u_pm2"]


def test_f11_cancelled_by_the_customer(house: House) -> None:
    """F11: a cancellation ends the work; once it is confirmed all clocks stand, and nobody calls back."""
    number = house.assigned()
    house.claim("u_eng2", "Diagnose and resolve", number)
    assert house.state(number) == "in_progress"
    house.send("u_desk1", "incident.cancelled", number, {"reason": "It works again"})
    assert set(house.tasks(number)) == {"Confirm cancellation"}
    values = {"reason": "solved_itself", "agreed_with_customer": "true", "comment": "By phone"}
    house.do("u_desk1", "Confirm cancellation", number, values)
    record = house.incident(number)
    assert (record["state"], house.tasks(number)) == ("cancelled", {})
    assert {clock["state"] for clock in record["clocks"].values()} == {"stopped"}
