"""The incident's decision tables over their whole domains, against the tables of the domain document (C.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from engine.dmn import DecisionModel, parse_decisions

BPMN = Path(__file__).parents[2] / "bpmn"
PRIORITIES = ("P1", "P2", "P3", "P4")
LEVELS = ("high", "medium", "low")
TABLES = ("inc_priority", "inc_major", "sla_default", "inc_escalation", "inc_routing", "inc_followup")


def model(decision: str) -> DecisionModel:
    found, findings = parse_decisions(f"{decision}.dmn", (BPMN / f"{decision}.dmn").read_bytes())
    assert found is not None, [str(finding) for finding in findings]
    return found


def decide(decision: str, **variables: Any) -> Any:
    return model(decision).evaluate(decision, variables).value


@pytest.mark.parametrize("decision", TABLES)
def test_table_has_nothing_to_complain_about(decision: str) -> None:
    """No table has a gap, an overlap that its hit policy forbids, or a value outside its type."""
    _, findings = parse_decisions(f"{decision}.dmn", (BPMN / f"{decision}.dmn").read_bytes())
    assert [str(finding) for finding in findings] == []


PRIORITY = {
    ("high", "high"): "P1", ("high", "medium"): "P2", ("high", "low"): "P3",
    ("medium", "high"): "P2", ("medium", "medium"): "P3", ("medium", "low"): "P4",
    ("low", "high"): "P3", ("low", "medium"): "P4", ("low", "low"): "P4",
}  # fmt: skip


@pytest.mark.parametrize(("impact", "urgency"), list(product(LEVELS, LEVELS)))
def test_priority_is_impact_by_urgency(impact: str, urgency: str) -> None:
    """Every impact and urgency lead to the priority of the matrix."""
    assert decide("inc_priority", impact=impact, urgency=urgency) == PRIORITY[impact, urgency]


@pytest.mark.parametrize("priority", PRIORITIES)
def test_major_is_p1_or_many_customers_or_lost_data(priority: str) -> None:
    """Major: priority 1, three customers or more, or a security incident with loss of data; unanswered counts as no."""
    for customers, security, loss in product((None, 0, 1, 2, 3, 50), (None, False, True), (None, False, True)):
        expected = priority == "P1" or (customers or 1) >= 3 or (security is True and loss is True)
        asked = {"priority": priority, "customers_affected": customers, "security_flag": security, "data_loss": loss}
        assert decide("inc_major", **asked) is expected, asked


LEVELS_BY_DEFAULT: Mapping[str, tuple[int, int, str, int | None]] = {
    "P1": (15, 240, "CAL-24x7", 30),
    "P2": (30, 480, "CAL-24x7", 120),
    "P3": (2 * 60, 16 * 60, "CAL-5x8", 8 * 60),  # one business day has eight hours
    "P4": (4 * 60, 40 * 60, "CAL-5x8", None),
}


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize("ticket_type", ["incident", "error_report", "service_request"])
def test_default_service_levels(ticket_type: str, priority: str) -> None:
    """Incidents and error reports go by priority; service requests have one level for all."""
    levels = decide("sla_default", ticket_type=ticket_type, priority=priority)
    expected = (240, 24 * 60, "CAL-5x8", None) if ticket_type == "service_request" else LEVELS_BY_DEFAULT[priority]
    assert (levels["response_min"], levels["resolution_min"], levels["calendar"], levels["update_min"]) == expected


MANAGERS = "service_manager tech_ops_manager customer_service_manager deputy_gm_technical general_manager"
CARE, TECHNICAL, REPRESENTATIVE = "customer_service_manager", "deputy_gm_technical", "management_representative"
ESCALATION = {  # event → who is told for P1, P2, P3, P4
    "opened": (MANAGERS, "service_manager", "", ""),
    "response_warning": ("assignee service_manager", "assignee service_manager", "assignee", "assignee"),
    "response_breached": (f"{CARE} {TECHNICAL}", CARE, "service_manager", "service_manager"),
    "resolution_warning": (f"{CARE} {TECHNICAL}", CARE, "project_manager", "project_manager"),
    "resolution_breached": (
        f"{TECHNICAL} {REPRESENTATIVE} general_manager", f"{TECHNICAL} {REPRESENTATIVE}", CARE, "service_manager",
    ),
}  # fmt: skip


@pytest.mark.parametrize("event", ESCALATION)
def test_escalation_names_the_roles(event: str) -> None:
    """Each event tells the roles of its priority, in the order of the table; some nobody."""
    for priority, roles in zip(PRIORITIES, ESCALATION[event], strict=True):
        assert decide("inc_escalation", event=event, priority=priority) == roles.split()


@pytest.mark.parametrize(
    ("category", "group"),
    [
        ("network", "tech_group"), ("host", "tech_group"), ("facility", "duty_engineer"), ("backup", "tech_group"),
        ("security", "tech_ops"), ("access", "service_desk"), ("carrier", "service_desk"), ("other", "service_group"),
    ],
)  # fmt: skip
def test_routing_proposes_a_group(category: str, group: str) -> None:
    """Every category has its group."""
    assert decide("inc_routing", category=category) == group


def expected_followups(case: Mapping[str, Any]) -> set[str]:
    """Say in Python what the domain document says in words."""
    severe = case["priority"] in ("P1", "P2")
    found = set()
    if case["major"]:
        found |= {"problem", "major_review"}
    if case["solution_kind"] == "workaround" or (case["root_cause_known"] is False and severe):
        found.add("problem")
    if case["similar_closed"] >= 3 or case["reopen_count"] >= 2:
        found.add("problem")
    if case["kb_article_used"] is None and case["solution_kind"] != "no_fault":
        found.add("knowledge")
    if case["resolution_breached"] and severe:
        found.add("nonconformity")
    if case["caused_by_change"] is not None:
        found.add("link_change")
    return found or {"none"}


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize("solution_kind", [None, "permanent", "workaround", "no_fault", "no_response"])
def test_followups_of_every_case(priority: str, solution_kind: str | None) -> None:
    """Whatever the case, exactly the follow-ups that its facts ask for are found, else `none`."""
    tables = model("inc_followup")
    facts = {
        "major": (False, True),
        "root_cause_known": (None, False, True),
        "similar_closed": (0, 2, 3),
        "reopen_count": (0, 1, 2),
        "kb_article_used": (None, "KB-0001"),
        "resolution_breached": (False, True),
        "caused_by_change": (None, "CHG-2025-00001"),
    }
    for values in product(*facts.values()):
        case = {**dict(zip(facts, values, strict=True)), "priority": priority, "solution_kind": solution_kind}
        assert set(tables.evaluate("inc_followup", case).value) == expected_followups(case), case
