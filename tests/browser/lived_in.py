"""A Monday's cases in every stage, so that pages can be looked at as they are used."""

from __future__ import annotations

from datetime import timedelta

from tests.browser.office import CLASSIFIED, CONFIRMED, Office

C001 = {"customer": "C001", "contact": "周捷", "ci": "SRV-BJ1-101"}
C003 = {"customer": "C003", "contact": "马骏", "ci": "LNK-BJ1-001"}
SLOW_LINE = {
    **C003,
    "service": "SVC-BW",
    "category": "carrier",
    "title": "Line to the warehouse drops packets",
    "description": "Up to 8 % loss since seven; scanners disconnect.",
    "impact": "medium",
    "urgency": "high",
}
MEMORY = {
    **C001,
    "title": "Shop server answers slowly",
    "description": "Pages take ten seconds since the sale began.",
}
ACCESS = {
    **C001,
    "ci": "",
    "ticket_type": "service_request",
    "service": "SVC-COLO",
    "category": "access",
    "title": "Rack access for two technicians on Thursday",
    "description": "They replace a power supply in rack B-07 between 14:00 and 16:00.",
    "impact": "low",
    "urgency": "low",
}
COOLING = {
    **C003,
    "ci": "",
    "service": "SVC-COLO",
    "category": "facility",
    "title": "Cold aisle BJ1-3 above 27 °C",
    "description": "Two of three units report high pressure.",
    "impact": "high",
    "urgency": "high",
    "customers_affected": "3",
}
MAILS = {
    "title": "Parents get no mails about marks",
    "description": "Since the weekend; the queue on server 102 grows.",
    "impact": "medium",
    "urgency": "medium",
}
BACKUP = {
    "ci": "SRV-BJ1-102",
    "service": "SVC-BKP",
    "category": "backup",
    "title": "Nightly backup failed twice",
    "description": "Job 4471 ends with “no space on target”.",
    "impact": "low",
    "urgency": "medium",
}


def furnish(office: Office) -> dict[str, str]:
    """Let a Monday morning happen; returns the number of one case in each stage worth looking at."""
    closed = office.solved(**MEMORY)
    office.do(closed, "callback", "u_desk1", CONFIRMED)
    office.pass_time(timedelta(minutes=20))
    waiting = office.assigned(**SLOW_LINE)
    office.do(waiting, "resolve", "u_eng2", {"diagnosis": "Loss at the carrier's edge", "outcome": "wait_supplier"})
    office.pass_time(timedelta(minutes=15))
    resolving = office.assigned(**{**CLASSIFIED, "urgency": "high"})
    office.parts.engine.claim_task(office.task(resolving, "resolve"), by=office.user("u_eng2"))
    major = office.logged(**COOLING)
    appointed = {"manager": "u_pm1", "bridge": "010-5550 8001", "comms_interval_min": "30"}
    office.do(major, "major", "u_zheng", appointed)
    called = office.solved(**BACKUP)
    enquiry = {**C001, "ci": "", "ticket_type": "enquiry", "title": "Which ports does the firewall let through?"}
    office.logged(**enquiry, description="For the audit in April.")
    office.pass_time(timedelta(minutes=25))
    office.report(customer="C003", contact="马骏", ci="", text="A badge doesn't open cage 4 any more")
    first_line = office.logged(**ACCESS)
    office.logged(**MAILS)
    office.pass_time(timedelta(minutes=8))
    office.report(customer="C002", contact="徐静", ci="SRV-BJ1-102", text="Please restore a folder of Friday")
    office.pass_time(timedelta(minutes=4))
    alert = office.alert()
    office.alert(text="Still no ping")
    office.pass_time(timedelta(minutes=2))
    return {
        "closed": closed,
        "waiting": waiting,
        "resolving": resolving,
        "major": major,
        "called": called,
        "first_line": first_line,
        "alert": alert,
    }
