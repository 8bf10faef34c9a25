"""The ways through the incident process that no acceptance scenario takes."""

from __future__ import annotations

from datetime import timedelta

from tests.processes.conftest import ARTICLE, CLASSIFIED, CONFIRMED, RESOLVED, RESTORED, House, at

UNREACHABLE = {"result": "unreachable", "closure_code": "fixed"}


def test_alerts_of_one_fault_are_one_incident(house: House) -> None:
    """A second alert of the same key is merged; the open incident counts it and keeps the only task."""
    first = house.alert()["number"]
    second = house.alert(text="Still no ping")
    assert second["merged_into"] == first
    assert house.state(second["number"]) == "merged"
    assert house.incident(first)["fields"]["occurrences"] == 2


def test_alert_on_an_unknown_item_is_not_lost(house: House) -> None:
    """An alert on an item that the CMDB doesn't know waits for the desk, flagged."""
    number = house.alert(ci="SW-XX-404", alert_key="unknown")["number"]
    fields = house.incident(number)["fields"]
    assert (fields.get("ci"), fields["ci_unknown"], fields["reported_ci"]) == (None, True, "SW-XX-404")
    assert "Log and classify" in house.tasks(number)


def test_unlogged_alert_reminds_three_times(house: House) -> None:
    """A critical alert that nobody logs is told to service manager and duty engineers, three times."""
    number = house.alert()["number"]
    counts = []
    for _ in range(4):
        house.tick(timedelta(minutes=10))
        counts.append(len(house.mails(number, "尚未分类")))
    assert counts == [2, 4, 6, 6]


def test_customer_who_never_replies(house: House) -> None:
    """A silent customer is reminded twice; after five business days the incident goes on as `no response`."""
    number = house.assigned()
    house.do("u_eng2", "Diagnose and resolve", number, {"diagnosis": "Which disk?", "outcome": "wait_customer"})
    seen = {}
    for day in ("2025-03-05 18:00", "2025-03-06 18:00", "2025-03-07 18:00", "2025-03-10 18:00"):
        house.tick(at(day))
        seen[day] = (len(house.mails(number, "等待您的回复")), house.state(number))
    assert [count for count, _ in seen.values()] == [1, 1, 2, 2]
    assert house.incident(number)["fields"]["solution_kind"] == "no_response"
    assert set(house.tasks(number)) == {"Confirm restoration"}


def test_customer_needed_by_first_line_comes_back_there(house: House) -> None:
    """Before anybody is assigned, the customer's reply leads back to first line."""
    number = house.logged()
    house.do("u_desk1", "First-line support", number, {"actions": "Asked", "outcome": "need_customer"})
    house.send("u_desk1", "customer.replied", number, {"text": "Since nine"})
    assert set(house.tasks(number)) == {"First-line support"}


def test_supplier_holds_the_incident(house: House) -> None:
    """While the supplier is followed up the clock runs; the time held is kept."""
    number = house.assigned()
    house.do("u_eng2", "Diagnose and resolve", number, {"diagnosis": "Line down", "outcome": "wait_supplier"})
    record = house.incident(number)
    assert (record["state"], record["clocks"]["resolution"]["state"]) == ("pending_supplier", "running")
    waiting = {"supplier": "SUP-001", "eta": "2025-03-04T12:00", "continue": "still_waiting"}
    house.do("u_eng2", "Follow up supplier", number, waiting)
    house.tick(timedelta(minutes=45))
    house.do("u_eng2", "Follow up supplier", number, {**waiting, "continue": "back_to_work"})
    assert set(house.tasks(number)) == {"Diagnose and resolve"}
    assert house.incident(number)["fields"]["supplier_held_min"] == 45


def test_reassigning_goes_back_to_the_project_manager(house: House) -> None:
    """An engineer who can't help gives the incident back; the next assignee gets the task."""
    number = house.assigned("u_eng1")
    house.do("u_eng1", "Diagnose and resolve", number, {"diagnosis": "Not mine", "outcome": "reassign"})
    house.do("u_pm1", "Assign", number, {"group": "tech_group", "assignee": "u_eng2"})
    house.do("u_eng2", "Diagnose and resolve", number, RESOLVED)
    assert set(house.tasks(number)) == {"Confirm restoration"}


def test_unreachable_three_times_closes(house: House) -> None:
    """A customer who isn't reached three times doesn't keep the incident open."""
    number = house.solved()
    for _ in range(3):
        house.do("u_desk1", "Call back and confirm closure", number, UNREACHABLE)
    house.do("u_pm1", "Approve article", number, ARTICLE)
    fields = house.incident(number)["fields"]
    assert (house.state(number), fields["closed_by"], fields["unreachable_count"]) == ("closed", "timeout", 3)


def test_call_back_that_nobody_makes_closes_after_five_days(house: House) -> None:
    """Five business days after the solution the incident closes by itself, however often the task was opened."""
    number = house.solved()
    assert house.task(number, "Call back and confirm closure").due == at("2025-03-10 18:00")
    house.tick(at("2025-03-07 10:00"))
    house.do("u_desk1", "Call back and confirm closure", number, UNREACHABLE)
    house.tick(at("2025-03-10 18:00"))
    assert "Call back and confirm closure" not in house.tasks(number)
    assert house.incident(number)["fields"]["closed_by"] == "timeout"


def test_dissatisfied_customer_reaches_the_manager_and_may_complain(house: House) -> None:
    """Satisfaction 1 tells the customer service manager, and hands on the complaint if there is one."""
    number = house.solved()
    values = {
        "result": "confirmed",
        "satisfaction": "1",
        "complaint": "true",
        "comment": "Too late",
        "closure_code": "fixed",
    }
    house.do("u_desk1", "Call back and confirm closure", number, values)
    assert house.mails(number, "客户不满意") == ["u_wu"]
    assert "complaint.received" in house.messages(number)


def test_new_priority_moves_the_due_time_of_the_open_task(house: House) -> None:
    """A higher urgency is measured from the report: the clock and the open task's due time move at once."""
    number = house.assigned()
    house.tick(timedelta(hours=1))
    house.send(
        "u_desk1", "incident.reprioritise", number, {"impact": "high", "urgency": "medium", "reason": "All down"}
    )
    assert house.incident(number)["fields"]["priority"] == "P2"
    assert house.task(number, "Diagnose and resolve").due == at("2025-03-03 18:00")


def test_new_priority_that_is_late_already_is_a_breach(house: House) -> None:
    """A priority whose time has passed already breaches at the next tick."""
    number = house.assigned()
    house.tick(at("2025-03-04 09:30"))
    house.send("u_desk1", "incident.reprioritise", number, {"impact": "high", "urgency": "high", "reason": "All down"})
    house.tick()
    assert set(house.mails(number, "解决超时")) == {"u_sun", "u_qian", "u_zhao"}


def test_customer_adds_information_again_and_again(house: House) -> None:
    """Every addition reaches the assignee and the timeline, however many come."""
    number = house.assigned()
    for text in ("Disk two", "Since nine", "It is hot"):
        house.send("u_desk1", "incident.updated", number, {"text": text})
    assert house.mails(number, "客户补充信息") == ["u_eng2"] * 3
    assert set(house.tasks(number)) == {"Diagnose and resolve"}


def test_major_incident_asks_for_progress(house: House) -> None:
    """A P1's manager is asked for a report at every interval, and it reaches customer and managers."""
    number = house.logged(impact="high", urgency="high")
    house.do(
        "u_zheng",
        "Appoint major-incident manager",
        number,
        {"manager": "u_pm1", "bridge": "8001", "comms_interval_min": "30"},
    )
    house.tick(timedelta(minutes=30))
    assert house.task(number, "Report progress").due == at("2025-03-03 11:00")
    house.do(
        "u_pm1", "Report progress", number, {"status_text": "Spare on its way", "next_update_at": "2025-03-03T11:00"}
    )
    assert {"u_zhao", "徐静"} <= set(house.mails(number, "进展通报"))


def test_ordinary_incident_asks_for_no_progress(house: House) -> None:
    """An incident that isn't major never asks for a report."""
    number = house.logged(impact="high", urgency="medium")
    house.tick(timedelta(hours=2))
    assert "Report progress" not in house.tasks(number)


def test_returned_article_comes_back_from_its_author(house: House) -> None:
    """An article goes back to its author with a comment, returns, and whoever wrote it may not approve it."""
    number = house.solved()
    house.do("u_desk1", "Call back and confirm closure", number, CONFIRMED)
    house.do("u_pm1", "Approve article", number, {**ARTICLE, "decision": "return", "comment": "Too short"})
    task = house.task(number, "Revise article")
    assert "Too short" in house.client_of("u_eng2").get(f"/tasks/{task.id}").text
    words = {name: value for name, value in ARTICLE.items() if name != "decision"}
    house.do("u_eng2", "Revise article", number, words)
    house.do("u_pm1", "Approve article", number, ARTICLE)
    assert house.state(number) == "closed"


def test_alert_solved_at_once_is_still_one_case(house: House) -> None:
    """From alert to closure the API's machine sees one number throughout."""
    number = house.alert()["number"]
    house.do("u_desk1", "Log and classify", number, {**CLASSIFIED, "channel": "monitoring"})
    answer = {"kb_article_used": "KB-0001", "actions": "Done", "outcome": "resolved_by_kb", "solution": "Done"}
    house.do("u_desk1", "First-line support", number, answer)
    house.do("u_ops1", "Confirm restoration", number, RESTORED)
    house.do("u_desk1", "Call back and confirm closure", number, CONFIRMED)
    assert house.state(number) == "closed"


def test_customer_may_speak_before_the_ticket_is_logged(house: House) -> None:
    """Additions and a new urgency reach a ticket that nobody has classified yet; no clock starts from that."""
    number = house.report()
    house.send("u_desk2", "incident.updated", number, {"text": "It smells"})
    house.send("u_desk2", "incident.reprioritise", number, {"impact": "high", "urgency": "medium", "reason": "Smoke"})
    record = house.incident(number)
    assert (record["fields"]["priority"], record["clocks"]) == ("P2", {})
    assert set(house.mails(number, "客户补充信息")) == {"u_desk1", "u_desk2"}
    assert set(house.tasks(number)) == {"Log and classify"}


def test_change_that_is_rejected_brings_the_incident_back(house: House) -> None:
    """A rejected change ends the wait; its result stands in the timeline of the incident."""
    number = house.assigned()
    house.do("u_eng2", "Diagnose and resolve", number, {"diagnosis": "Too small", "outcome": "needs_change"})
    house.message("change.rejected", number, {"change": "CHG-2025-00007", "result": "no budget"})
    assert set(house.tasks(number)) == {"Diagnose and resolve"}
    assert house.state(number) == "in_progress"
    assert "no budget" in house.client_of("u_zheng").get(f"/records/{number}").text


def test_change_result_that_came_early_is_not_lost(house: House) -> None:
    """A change that answers before the incident waits for it is found in the inbox."""
    number = house.assigned()
    house.message("change.completed", number, {"change": "CHG-2025-00007", "result": "successful"})
    house.do("u_eng2", "Diagnose and resolve", number, {"diagnosis": "Too small", "outcome": "needs_change"})
    assert set(house.tasks(number)) == {"Diagnose and resolve"}
