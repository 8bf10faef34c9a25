"""The problem process as people use it (domain D.1): every way through it, and what it tells other processes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.processes.conftest import ARTICLE, CONFIRMED, RESOLVED, RESTORED, House, at
from tests.processes.problems import (
    ACCEPTED,
    CAUSE_FOUND,
    CONCLUDED,
    INVESTIGATOR,
    VERIFIED,
    accepted,
    investigated,
    raised,
    record,
    solution,
    waiting_for_change,
)

NO_CAUSE = {"method": "5why", "root_cause_found": "false", "workaround": "Restart it"}


def test_reported_by_hand_takes_a_number_and_waits_for_screening(house: House) -> None:
    """A problem reported by hand has a number, keeps what was said, and waits two business days for its screening."""
    number = raised(house)
    fields = record(house, number)
    assert (number, fields["state"], fields["origin"]) == ("PRB-2025-00001", "logged", "other")
    assert house.task(number, "Screen problem").due == at("2025-03-05 18:00")


def test_incident_raises_a_problem_that_knows_it(house: House) -> None:
    """An incident that raises a problem starts its case; each record shows the other."""
    incident = house.assigned(impact="high", urgency="medium")
    house.do("u_eng2", "Diagnose and resolve", incident, {**RESOLVED, "solution_kind": "workaround"})
    house.do("u_ops1", "Confirm restoration", incident, RESTORED)
    house.do("u_desk1", "Call back and confirm closure", incident, CONFIRMED)
    number = "PRB-2025-00001"
    fields = record(house, number)
    assert (fields["state"], fields["origin"], fields["source"]) == ("logged", "incident", incident)
    assert (fields["ci"], fields["category"]) == ("SRV-BJ1-102", "host")
    assert house.incident(incident)["fields"]["problem"] == number
    assert number in house.client_of("u_ops").get(f"/records/{incident}").text
    assert incident in house.client_of("u_ops").get(f"/records/{number}").text
    house.do("u_pm1", "Approve article", incident, ARTICLE)
    assert house.state(incident) == "closed"


def test_message_raises_a_problem_on_an_unknown_item(house: House) -> None:
    """A release that nobody knows here, and an item that the CMDB doesn't know, lose no problem."""
    house.message("problem.raised", "REL-2025-00001", {"source": "REL-2025-00001", "origin": "release",
                                                       "ci": "SW-XX-404", "symptoms": "Roll-out failed"})  # fmt: skip
    fields = record(house, "PRB-2025-00001")
    assert (fields["title"], fields["origin"], fields.get("ci")) == ("Roll-out failed", "release", None)


def test_solved_by_a_change_and_verified(house: House) -> None:
    """The whole way: accepted, investigated, known error, change, thirty days, verified, concluded, retired."""
    number = accepted(house)
    assert (record(house, number)["state"], record(house, number)["priority"]) == ("investigating", "P2")
    assert house.task(number, "Investigate").due == at("2025-03-20 18:00")
    house.do(INVESTIGATOR, "Investigate", number, CAUSE_FOUND)
    fields = record(house, number)
    known = fields["known_error"]
    assert (fields["state"], record(house, known)["workaround"]) == ("known_error", CAUSE_FOUND["workaround"])
    assert house.task(number, "Choose solution").due == at("2025-03-10 18:00")
    house.do("u_ops", "Choose solution", number, solution("change"))
    assert (record(house, number)["state"], house.tasks(number)) == ("resolving", {})
    assert "change.requested" in house.messages(number)
    house.message("change.completed", number, {"change": "CHG-2025-00009", "result": "successful"})
    assert record(house, number)["state"] == "resolved"
    house.tick(at("2025-04-02 09:59"))
    assert house.tasks(number) == {}
    house.tick(at("2025-04-02 10:00"))
    assert record(house, number)["recurrence"] == 0
    house.do("u_ops1", "Verify solution", number, VERIFIED)
    house.do("u_ops", "Conclude problem", number, CONCLUDED)
    fields = record(house, number)
    assert (fields["state"], fields["closure"], record(house, known)["state"]) == ("closed", "solved", "retired")
    article = record(house, fields["article"])
    assert (article["state"], article["author"], article["approver"]) == ("published", INVESTIGATOR, "u_ops")


@pytest.mark.parametrize("result", ["failed", "rejected"])
def test_change_that_comes_to_nothing_asks_for_another_solution(house: House, result: str) -> None:
    """A failed or rejected change leads back to the options; what it said stands in the timeline."""
    number = waiting_for_change(house)
    house.message(f"change.{result}", number, {"change": "CHG-2025-00009", "result": "no budget"})
    assert set(house.tasks(number)) == {"Choose solution"}
    assert "no budget" in house.client_of("u_ops").get(f"/records/{number}").text


def test_change_result_of_another_problem_moves_nothing(house: House) -> None:
    """The change's answer finds the problem that asked for it, and no other."""
    first, second = waiting_for_change(house), waiting_for_change(house)
    house.message("change.completed", second, {"change": "CHG-2025-00009", "result": "successful"})
    assert (record(house, first)["state"], record(house, second)["state"]) == ("resolving", "resolved")


def test_recurrence_leads_back_to_the_investigation(house: House) -> None:
    """An incident of the same kind after the solution counts: the problem is not gone, and is investigated again."""
    number = investigated(house, report={"ci": "SRV-BJ1-102", "category": "host"})
    known = record(house, number)["known_error"]
    house.do("u_ops", "Choose solution", number, solution("no_action"))
    house.tick(timedelta(days=3))
    again = house.logged()
    house.tick(at("2025-04-02 10:00"))
    assert record(house, number)["recurrence"] == 1
    assert house.incident(again)["fields"]["problem"] == number
    refused = house.submit("u_ops1", house.task(number, "Verify solution").id, VERIFIED)
    assert refused.status_code == 422
    assert "the problem is not gone" in refused.text
    house.do("u_ops1", "Verify solution", number, {**VERIFIED, "effective": "false"})
    assert record(house, number)["state"] == "investigating"
    house.do(INVESTIGATOR, "Investigate", number, {**CAUSE_FOUND, "workaround": "Replace it"})
    assert (record(house, number)["known_error"], record(house, known)["workaround"]) == (known, "Replace it")


def test_not_effective_without_incidents_leads_back_too(house: House) -> None:
    """The verifier may find the fault still there though no incident came."""
    number = investigated(house)
    house.do("u_ops", "Choose solution", number, solution("no_action"))
    house.tick(at("2025-04-02 10:00"))
    house.do("u_ops1", "Verify solution", number, {**VERIFIED, "effective": "false"})
    assert set(house.tasks(number)) == {"Investigate"}


def test_open_incidents_get_the_workaround(house: House) -> None:
    """Incidents that wait get the workaround: linked ones and those alike; solved ones and others hear nothing."""
    linked, alike = house.assigned(ci="SW-BJ1-001", category="network"), house.assigned()
    solved, other = house.solved(), house.assigned(category="backup")
    house.do("u_desk1", "Call back and confirm closure", solved, CONFIRMED)
    number = accepted(house, report={"ci": "SRV-BJ1-102", "category": "host"}, incidents=linked)
    house.do(INVESTIGATOR, "Investigate", number, CAUSE_FOUND)
    known = record(house, number)["known_error"]
    told = {one: house.mails(one, "临时方案") for one in (linked, alike, solved, other)}
    assert told == {linked: ["u_eng2"], alike: ["u_eng2"], solved: [], other: []}
    assert house.incident(linked)["fields"]["known_error"] == known
    assert "known_error" not in house.incident(alike)["fields"]
    assert CAUSE_FOUND["workaround"] in house.client_of("u_zheng").get(f"/records/{alike}").text
    assert set(house.tasks(linked)) == {"Diagnose and resolve"}


def test_known_error_is_offered_to_the_next_incident(house: House) -> None:
    """First line finds the known error before all articles, until it is retired (manual 7.2.2)."""
    number = investigated(house, report={"ci": "SRV-BJ1-102", "category": "host"})
    known = record(house, number)["known_error"]
    incident = house.logged()
    task = house.task(incident, "First-line support").id
    assert known in house.client_of("u_desk1").get(f"/tasks/{task}").text


def test_ten_and_thirty_business_days_are_told_once(house: House) -> None:
    """After 10 business days the tech-ops manager is told, after 30 the customer service manager, extended or not."""
    number = accepted(house)
    house.tick(at("2025-03-17 17:59"))
    assert house.mails(number, "调查") == []
    house.tick(at("2025-03-17 18:00"))
    assert house.mails(number, "调查时间较长") == ["u_ops"]
    house.do(INVESTIGATOR, "Investigate", number, NO_CAUSE)
    extended = {"decision": "extend", "reason": "Waiting for logs", "investigation_due_at": "2025-05-30T18:00"}
    house.do("u_wu", "Extend or close without cause", number, extended)
    assert house.task(number, "Investigate").due == at("2025-05-30 18:00")
    house.tick(at("2025-04-15 18:00"))
    assert (house.mails(number, "调查时间较长"), house.mails(number, "调查超期升级")) == (["u_ops"], ["u_wu"])


def test_without_cause_it_closes_as_unresolved_known_error(house: House) -> None:
    """Only the customer service manager closes without cause; the workaround stays to be found."""
    number = accepted(house)
    house.do(INVESTIGATOR, "Investigate", number, NO_CAUSE)
    closing = {"decision": "close_unresolved", "reason": "Not seen again"}
    task = house.task(number, "Extend or close without cause")
    assert house.submit("u_ops", task.id, closing).status_code == 403
    house.do("u_wu", "Extend or close without cause", number, closing)
    fields = record(house, number)
    known = record(house, fields["known_error"])
    assert (fields["state"], fields["closure"]) == ("closed", "unresolved")
    assert (known["state"], known["fix_status"], known["workaround"]) == ("open", "unresolved", "Restart it")


def test_accepted_risk_keeps_the_known_error(house: House) -> None:
    """A risk that is accepted needs no verification: the problem is concluded, the known error stays."""
    number = investigated(house)
    house.do("u_ops", "Choose solution", number, solution("accept_risk"))
    house.do("u_ops", "Conclude problem", number, CONCLUDED)
    fields = record(house, number)
    known = record(house, fields["known_error"])
    assert (fields["state"], fields["closure"]) == ("closed", "risk_accepted")
    assert (known["state"], known["fix_status"]) == ("open", "accepted")


def test_supplier_repairs_or_not(house: House) -> None:
    """What the supplier can't repair leads back to the options; what is repaired counts as solved."""
    number = investigated(house)
    house.do("u_ops", "Choose solution", number, {**solution("supplier"), "supplier": "SUP-101"})
    house.do("u_ops1", "Follow up repair", number, {"outcome": "not_repaired", "result": "Not our part"})
    house.do("u_ops", "Choose solution", number, {**solution("supplier"), "supplier": "SUP-101"})
    house.do("u_ops1", "Follow up repair", number, {"outcome": "repaired", "result": "Board replaced"})
    assert record(house, number)["state"] == "resolved"


def test_duplicate_gives_its_incidents_to_the_known_problem(house: House) -> None:
    """A duplicate ends; its incidents belong to the problem that was known before, and that one tells of it."""
    first, incident = accepted(house), house.assigned(category="backup")
    second = raised(house, incidents=incident)
    house.do("u_ops", "Screen problem", second, {"title": "Same", "decision": "duplicate", "duplicate_of": first})
    assert (record(house, second)["state"], house.tasks(second)) == ("duplicate", {})
    assert house.incident(incident)["fields"]["problem"] == first
    assert f"raised again as {second}" in house.client_of("u_ops").get(f"/records/{first}").text


def test_rejected_needs_a_reason(house: House) -> None:
    """A problem that isn't accepted ends with the reason on its record."""
    number = raised(house)
    task = house.task(number, "Screen problem").id
    assert house.submit("u_ops", task, {"title": "x", "decision": "reject"}).status_code == 422
    house.do("u_ops", "Screen problem", number, {"title": "x", "decision": "reject", "reason": "User error"})
    fields = record(house, number)
    assert (fields["state"], fields["screening_reason"]) == ("rejected", "User error")


def test_withdrawn_before_it_is_screened(house: House) -> None:
    """Whoever raised it can withdraw a problem until it is screened, with a reason."""
    number = raised(house)
    house.send("u_eng2", "problem.cancelled", number, {"reason": "Raised twice"})
    fields = record(house, number)
    assert (fields["state"], fields["screening_reason"], house.tasks(number)) == ("rejected", "Raised twice", {})


def test_investigator_may_not_conclude(house: House) -> None:
    """SOD-13: who wrote the root cause doesn't approve the article that comes of it."""
    number = accepted(house, owner="u_ops")
    house.do("u_ops", "Investigate", number, CAUSE_FOUND)
    house.do("u_ops", "Choose solution", number, solution("accept_risk"))
    answer = house.claim("u_ops", "Conclude problem", number)
    assert answer.status_code == 403
    assert "SOD-13" in answer.text


def test_screening_uses_the_incidents_priority_table(house: House) -> None:
    """Impact and urgency give the same priority as for an incident."""
    number = raised(house)
    house.do("u_ops", "Screen problem", number, {**ACCEPTED, "impact": "low", "urgency": "low"})
    assert record(house, number)["priority"] == "P4"
