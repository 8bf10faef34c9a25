"""From solution to archive, and the knowledge that stays."""

from __future__ import annotations

from handlers.closing import (
    CallAttempt,
    Close,
    GatherFacts,
    Reopen,
    Resolve,
    close,
    gather_facts,
    note_attempt,
    reopen,
    resolve,
)
from handlers.handling import AddUpdate, ChangeResult, SupplierTime, add_update, note_change, note_supplier_time
from handlers.knowledge import DraftArticle, PublishArticle, SuggestKnowledge, create_draft, publish, suggest
from handlers.notices import Notice, send
from registers import RESOLUTION, ClockState
from tests.handlers.conftest import Unit, at


def test_resolve_stops_the_clock_and_tells_the_customer(unit: Unit, incident: str) -> None:
    """A solved incident's resolution clock stands, and whoever reported it gets a mail at the address known."""
    with unit("2025-03-03 15:00") as registers:
        assert resolve(Resolve(incident), registers=registers).resolved_at == at("2025-03-03 15:00")
        assert registers.sla.of(incident)[RESOLUTION].state is ClockState.STOPPED
        assert [mail.address for mail in registers.outbox.about(incident)] == ["it@qiming.example"]


def test_reopen_goes_on_with_the_clock(unit: Unit, incident: str) -> None:
    """F05: a rejected incident's clock goes on where it stood; an hour with the customer moves the due time."""
    with unit("2025-03-03 15:00") as registers:
        resolve(Resolve(incident), registers=registers)
    with unit("2025-03-03 16:00") as registers:
        again = reopen(Reopen(incident, "Still slow"), registers=registers)
        record = registers.get(incident)
    assert (again.reopen_count, again.resolution_due_at) == (1, at("2025-03-05 11:00"))
    assert (record["resolved_at"], record["resolution_due_at"]) == (None, at("2025-03-05 11:00"))


def test_attempts_are_counted(unit: Unit, incident: str) -> None:
    """Each attempt to reach the customer counts one more and stands in the timeline."""
    with unit() as registers:
        counts = [note_attempt(CallAttempt(incident), registers=registers).unreachable_count for _ in range(3)]
        assert counts == [1, 2, 3]
        assert len(registers.notes(incident)) >= 3


def _closed(unit: Unit, when: str, **fields: object) -> None:
    with unit(when) as registers:
        number = registers.open("incident", {"closed_at": at(when), **fields}).number
        for state in ("in_progress", "restored", "resolved", "closed"):
            registers.transition(number, state)


def test_facts_count_closed_incidents_of_the_same_kind(unit: Unit, incident: str) -> None:
    """Only closed incidents on the same item, in the same category, within the days asked for, are alike."""
    same = {"ci": "SRV-BJ1-102", "category": "host"}
    _closed(unit, "2025-02-10 10:00", **same)
    _closed(unit, "2025-03-01 10:00", **same)
    _closed(unit, "2025-01-20 10:00", **same)  # 42 days ago
    _closed(unit, "2025-03-01 11:00", ci="SRV-BJ1-102", category="network")
    with unit() as registers:
        assert gather_facts(GatherFacts(incident, 30), registers=registers).similar_closed == 2


def test_close_freezes_what_was_kept(unit: Unit, incident: str) -> None:
    """Closing says who closed, what follows, and that a level kept was kept."""
    with unit("2025-03-03 15:00") as registers:
        resolve(Resolve(incident), registers=registers)
        close(Close(incident, ["problem", "problem", "none"]), registers=registers)
        record = registers.get(incident)
    assert (record["closed_by"], record["followups"], record["resolution_breached"]) == ("customer", ["problem"], False)


def test_suggest_offers_the_article_of_the_category(unit: Unit, incident: str) -> None:
    """F01: a host incident about a full disk is offered KB-0001 first, with its solution."""
    with unit() as registers:
        found = suggest(SuggestKnowledge(incident), registers=registers).kb_suggestions
    assert found[0]["number"] == "KB-0001"
    assert found[0]["solution"]


def test_draft_is_written_by_whoever_solved(unit: Unit, incident: str) -> None:
    """A draft takes its words from the incident; its author wrote the solution, not whoever called the customer."""
    with unit("2025-03-03 11:00", actor="u_eng2") as registers:
        registers.update(incident, {"solution": "Cleared the logs"})
    with unit("2025-03-03 15:00", actor="u_desk1") as registers:
        drafted = create_draft(DraftArticle(incident), registers=registers)
        article = registers.get(drafted.article)
    assert (article.state, article["author"], article["solution"]) == ("draft", "u_eng2", "Cleared the logs")


def test_publish_names_the_approver(unit: Unit, incident: str) -> None:
    """A published article holds the approved words, its approver and its first version."""
    with unit() as registers:
        drafted = create_draft(DraftArticle(incident), registers=registers)
    with unit(actor="u_pm1") as registers:
        publish(PublishArticle(drafted.article, "Full disk", "No space", "Clear logs", "disk"), registers=registers)
        article = registers.get(drafted.article)
    assert (article.state, article["approver"], article["version"], article["title"]) == (
        "published",
        "u_pm1",
        1,
        "Full disk",
    )


def test_revised_draft_keeps_its_number(unit: Unit, incident: str) -> None:
    """A draft that comes back from its author is the same article with the new words."""
    with unit() as registers:
        first = create_draft(DraftArticle(incident), registers=registers)
        second = create_draft(DraftArticle(incident, first.article, title="Better"), registers=registers)
        assert (second.article, registers.get(first.article)["title"]) == (first.article, "Better")


def test_supplier_time_adds_up(unit: Unit, incident: str) -> None:
    """The minutes in which the supplier held the incident add up over several times."""
    for moment, state in (
        ("2025-03-03 11:00", "in_progress"),
        ("2025-03-03 12:00", "pending_supplier"),
        ("2025-03-03 12:30", "in_progress"),
        ("2025-03-03 13:00", "pending_supplier"),
    ):
        with unit(moment) as registers:
            registers.transition(incident, state)
    with unit("2025-03-03 13:15") as registers:
        note_supplier_time(SupplierTime(incident), registers=registers)
        assert registers.get(incident)["supplier_held_min"] == 45


def test_update_reaches_the_assignee(unit: Unit, incident: str) -> None:
    """What the customer adds stands in the timeline and is mailed to the assignee."""
    with unit() as registers:
        registers.update(incident, {"assignee": "u_eng2"})
        add_update(AddUpdate(incident, "It is the second disk"), registers=registers)
        mails = registers.outbox.about(incident)
    assert [mail.recipient for mail in mails] == ["u_eng2"]
    assert "It is the second disk" in mails[0].body


def test_change_result_links_the_change(unit: Unit, incident: str) -> None:
    """A change's result stands in the timeline, and its record is linked where there is one."""
    with unit() as registers:
        change = registers.open("change", {"title": "Bigger disk"}).number
        note_change(ChangeResult(incident, {"change": change, "result": "successful"}), registers=registers)
        assert registers.get(incident)["change"] == change
        note_change(ChangeResult(incident, {"change": "CHG-2025-00099", "result": "failed"}), registers=registers)
        assert registers.get(incident)["change"] == change


def test_notice_to_an_empty_role_is_noted(unit: Unit, incident: str) -> None:
    """A recipient that nobody stands for stops nothing; the timeline says who couldn't be told."""
    with unit() as registers:
        send(Notice("opened", incident, ["lead_auditor", "service_manager"]), registers=registers)
        assert [mail.recipient for mail in registers.outbox.about(incident)] == ["u_zheng"]
        assert "lead_auditor" in str(registers.notes(incident)[-1].text)
