"""Records, their trail, timeline and links."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from engine import BpmnError, Conflict, NotAllowed, Text, writing
from registers import (
    CaseRecords,
    DuplicateNumber,
    IllegalTransition,
    InvalidRecord,
    ProtectedRecord,
    RecordNotFound,
    Registers,
    RegisterStore,
    StaleRecord,
)
from tests.registers.conftest import Begin
from tests.registers.times import NOW, at


class Element:
    """As much of a diagram's element as the record port needs."""

    def __init__(self, element_id: str) -> None:
        self.id = element_id


def opened(registers: Registers, **fields: Any) -> str:
    return registers.open("incident", {"title": "Disk full", **fields}).number


def test_numbers_count_per_year_without_gaps(begin: Begin) -> None:
    """Numbers count from one in every year; a transaction that fails gives its number back."""
    with begin() as registers:
        assert [opened(registers), opened(registers)] == ["INC-2025-00001", "INC-2025-00002"]
    with pytest.raises(RuntimeError), begin() as registers:  # noqa: PT012
        assert opened(registers) == "INC-2025-00003"
        raise RuntimeError
    with begin() as registers:
        assert opened(registers) == "INC-2025-00003"
    with begin(now=at("2026-01-01 00:30")) as registers:  # still 2025 in UTC
        assert opened(registers) == "INC-2026-00001"
        assert registers.next_number("KE") == "KE-2026-00001"


def test_numbers_are_distinct_for_everybody_at_once(demo: RegisterStore) -> None:
    """Several people opening incidents at the same time get different numbers, without gaps."""

    def open_five(actor: str) -> list[str]:
        numbers = []
        for _ in range(5):
            with demo.begin(actor, NOW) as registers:
                numbers.append(opened(registers))
        return numbers

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(n for batch in pool.map(open_five, ["u_desk1", "u_desk2"] * 2) for n in batch)
    assert numbers == [f"INC-2025-{n:05}" for n in range(1, 21)]


def test_numbers_given_from_outside_are_not_given_again(begin: Begin) -> None:
    """The demo's article is KB-0001, so the first new one is KB-0002; an older number changes nothing."""
    with begin() as registers:
        registers.open("knowledge", {"title": "Old"}, number="KB-0000")
        assert registers.open("knowledge", {"title": "New"}).number == "KB-0002"


def test_number_of_an_unnumbered_register_must_be_given(begin: Begin) -> None:
    """Customers have the numbers that the organisation gives them."""
    with pytest.raises(InvalidRecord), begin() as registers:
        registers.open("customer", {"name": "Nobody"})


def test_number_can_be_taken_once(begin: Begin) -> None:
    """Two records can't have one number."""
    with pytest.raises(DuplicateNumber, match="C001"), begin() as registers:
        registers.open("customer", {"name": "Again"}, number="C001")


def test_values_come_back_typed(begin: Begin) -> None:
    """What was stored comes back with its type, from the database too."""
    values = {
        "planned_effort_h": Decimal("1.50"),
        "reported_at": NOW,
        "major": True,
        "customers_affected": Decimal(3),
        "inform": ("u_wu", "u_sun"),
        "review_actions": [{"action": "Watch", "owner": "u_ops1", "due": date(2025, 3, 9)}],
        "suggestions": {"best": ["KB-0001"], "score": Decimal("0.5")},
        "contact": "",
    }
    with begin() as registers:
        number = opened(registers, **values)
    with begin() as registers:
        found = registers.get(number)
    assert found["planned_effort_h"] == Decimal("1.50")
    assert found["reported_at"] == NOW
    assert found["reported_at"].tzinfo is UTC
    assert (found["major"], found["customers_affected"], found["inform"]) == (True, 3, ["u_wu", "u_sun"])
    assert found["review_actions"] == [{"action": "Watch", "owner": "u_ops1", "due": date(2025, 3, 9)}]
    assert found["suggestions"] == {"best": ["KB-0001"], "score": 0.5}
    assert "contact" not in found.fields
    assert found.created_by == "u_desk1"


def test_all_wrong_values_are_told_at_once(begin: Begin) -> None:
    """A record that breaks its definition is refused with every error, and nothing is stored."""
    wrong = {
        "title": 7,
        "category": "weather",
        "reported_at": NOW.replace(tzinfo=None),
        "major": "yes",
        "customers_affected": Decimal("1.5"),
        "planned_effort_h": "many",
        "colour": "red",
        "inform": "u_wu",
        "review_actions": [{"action": "ok"}, {"action": 5}],
    }
    with pytest.raises(InvalidRecord) as caught, begin() as registers:
        registers.open("incident", wrong)
    assert set(caught.value.errors) == set(wrong)
    assert str(caught.value.errors["category"][0]) == "weather is not one of the choices"
    assert str(caught.value.errors["review_actions"][0]) == "row 2: must be text"
    with begin() as registers:
        assert registers.count("incident") == 0


def test_required_fields_stay_filled(begin: Begin) -> None:
    """A required field must be there from the start and can't be emptied."""
    with pytest.raises(InvalidRecord) as caught, begin() as registers:
        registers.open("customer", {"level": "key"}, number="C009")
    assert str(caught.value.errors["name"][0]) == "is required"
    with pytest.raises(InvalidRecord), begin() as registers:
        registers.update("C001", {"name": ""})


def test_references_must_lead_somewhere(begin: Begin) -> None:
    """A reference to no record, or to one of another register, is refused; it names the field."""
    with pytest.raises(InvalidRecord) as caught, begin() as registers:
        opened(registers, customer="C999", ci="C001")
    assert set(caught.value.errors) == {"customer", "ci"}


def test_trail_says_who_changed_what_where(begin: Begin) -> None:
    """The trail has a line for each changed field, with before and after, actor and the diagram's element."""
    with begin() as registers:
        number = opened(registers, impact="high")
    with begin("u_pm1", at("2025-03-03 11:00")) as registers, registers.at_element("assign"):
        registers.update(number, {"impact": "high", "assignee": "u_eng1"})
        registers.update(number, {"assignee": "u_eng2"})
        registers.transition(number, "triaged")
    with begin() as registers:
        trail = registers.trail(number)
    later = [change for change in trail if change.actor == "u_pm1"]
    assert [(c.field, c.before, c.after, c.element) for c in later] == [
        ("assignee", None, "u_eng2", "assign"),
        ("state", "new", "triaged", "assign"),
    ]
    assert later[0].at == at("2025-03-03 11:00")
    assert {(c.field, c.after) for c in trail if c.actor == "u_desk1"} == {
        ("state", "new"), ("title", "Disk full"), ("impact", "high")
    }  # fmt: skip


def test_unchanged_values_leave_no_trace(begin: Begin, statements: list[str]) -> None:
    """Saving what is there already writes nothing at all."""
    with begin() as registers:
        number = opened(registers, reported_at=NOW)
    statements.clear()
    with begin() as registers:
        registers.update(number, {"title": "Disk full", "reported_at": NOW, "contact": None})
        registers.transition(number, "new")
    assert [s.split()[0] for s in statements] == ["SELECT"]


def test_saving_a_form_costs_three_statements(begin: Begin, statements: list[str]) -> None:
    """One SELECT, one UPDATE and one INSERT for the trail, however many fields, elements and states are touched."""
    with begin() as registers:
        number = opened(registers)
    statements.clear()
    with begin() as registers:
        records = CaseRecords(registers)
        records.save("incident", number, {"actions": "a", "outcome": "escalate"}, element=Element("first_line"))
        records.enter("incident", number, "triaged", element=Element("sla_start"))
        records.enter("incident", number, "in_progress", element=Element("first_line_gw"))
    assert [s.split()[0] for s in statements] == ["SELECT", "UPDATE", "INSERT"]


def test_second_writer_is_told_to_ask_again(demo: RegisterStore) -> None:
    """Of two units that loaded the same revision, the one that writes second changes nothing."""
    with demo.begin("u_desk1", NOW) as registers:
        number = opened(registers)
    with pytest.raises(StaleRecord, match=number), demo.begin("u_desk1", NOW) as slow:  # noqa: PT012
        slow.get(number)
        with demo.begin("u_desk2", NOW) as quick:
            quick.update(number, {"title": "Quick"})
        slow.update(number, {"title": "Slow"})
    with demo.begin(None, NOW) as registers:
        assert registers.get(number)["title"] == "Quick"
        assert registers.get(number).revision == 2


def test_reading_waits_for_nobody(demo: RegisterStore, database: Engine) -> None:
    """A unit of work that only reads works while another transaction holds the write lock."""
    with writing(database), demo.begin(None, NOW) as registers:
        assert registers.page("ci").total == 5


def test_illegal_transition_is_a_bpmn_error_and_a_conflict(begin: Begin) -> None:
    """A diagram can catch it by its code; over HTTP it is a conflict; it says what is possible."""
    with begin() as registers:
        number = opened(registers)
    with pytest.raises(IllegalTransition) as caught, begin() as registers:
        registers.transition(number, "closed")
    assert isinstance(caught.value, BpmnError)
    assert isinstance(caught.value, Conflict)
    assert caught.value.code == "ERR_ILLEGAL_TRANSITION"
    assert str(caught.value.text).startswith(f"{number} is New and can't become Closed; possible: triaged")
    with pytest.raises(IllegalTransition), begin() as registers:
        registers.transition(number, "frozen")


def test_configuration_items_are_written_with_authority_only(begin: Begin) -> None:
    """F13: whoever changes, moves or adds a configuration item outside an authorised procedure is refused."""
    with begin("admin") as registers:
        for act in (
            lambda: registers.update("SW-BJ1-001", {"version": 2}),
            lambda: registers.transition("SW-BJ1-001", "dismantled"),
            lambda: registers.open("ci", {"name": "New"}, number="SRV-BJ1-103"),
        ):
            with pytest.raises(ProtectedRecord) as caught:
                act()
            assert (caught.value.code, caught.value.rule) == ("ERR_UNAUTHORISED_CI", "ERR_UNAUTHORISED_CI")
            assert isinstance(caught.value, BpmnError)
            assert isinstance(caught.value, NotAllowed)
        with registers.authorised("ci"):
            registers.update("SW-BJ1-001", {"version": 2})
        with pytest.raises(ProtectedRecord):
            registers.update("SW-BJ1-001", {"version": 3})
    with begin() as registers:
        assert registers.get("SW-BJ1-001")["version"] == 2


def test_unknown_record_is_named(begin: Begin) -> None:
    """Asking for a number that doesn't exist says which."""
    with begin() as registers:
        for ask in (registers.get, registers.links, registers.trail):
            with pytest.raises(RecordNotFound, match="INC-1"):
                ask("INC-1")
        with pytest.raises(RecordNotFound, match="INC-1"):
            registers.note("INC-1", "hello")
        with pytest.raises(RecordNotFound, match="INC-1"):
            registers.link("C001", "INC-1", "raised")


def test_links_show_at_both_ends(begin: Begin) -> None:
    """A link is stored once and seen from both ends, with what it means from there; references are links too."""
    with begin() as registers:
        number = opened(registers, ci="SW-BJ1-001")
        problem = registers.open("problem", {"title": "Why"}).number
        registers.link(number, problem, "raised")
        registers.link(number, problem, "raised")
    with begin() as registers:
        assert [(li.label, li.other.number, li.outgoing) for li in registers.links(number)] == [
            ("Configuration item", "SW-BJ1-001", True),
            ("raised", problem, True),
        ]
        assert [(li.label, li.other.number, li.outgoing) for li in registers.links(problem)] == [
            ("was raised by", number, False)
        ]
        assert number in [li.other.number for li in registers.links("SW-BJ1-001")]
        registers.update(number, {"ci": "SRV-BJ1-101"})
        assert number not in [li.other.number for li in registers.links("SW-BJ1-001")]
        assert ("link", None, f"raised {number}") in [(c.field, c.before, c.after) for c in registers.trail(problem)]


def test_timeline_keeps_words_and_sentences(begin: Begin) -> None:
    """People's words stay as they are; the system's sentences can be translated when they are shown."""
    with begin() as registers:
        number = opened(registers)
        registers.note(number, "Called {him} back")
        registers.note(number, Text("Merged with {other}", other="INC-2025-00009"))
    with begin() as registers:
        words, sentence = [note.text for note in registers.notes(number)]
    assert words == "Called {him} back"
    assert isinstance(sentence, Text)
    assert sentence.render({"Merged with {other}": "与{other}合并"}.__getitem__) == "与INC-2025-00009合并"


def test_nothing_is_stored_after_an_exception(begin: Begin) -> None:
    """A unit of work that fails leaves no record, note, clock or mail."""
    with pytest.raises(RuntimeError), begin() as registers:  # noqa: PT012
        number = opened(registers)
        registers.note(number, "hello")
        registers.outbox.send("opened", ["u_zheng"], number=number)
        registers.flush()
        raise RuntimeError
    with begin() as registers:
        assert registers.count("incident") == 0
        assert registers.outbox.page().total == 0


def test_unit_joins_a_transaction(demo: RegisterStore, database: Engine) -> None:
    """A unit within somebody else's transaction is committed or rolled back with it."""
    with pytest.raises(RuntimeError), writing(database) as connection:  # noqa: PT012
        with demo.begin("u_desk1", NOW, connection=connection) as registers:
            opened(registers)
        raise RuntimeError
    with writing(database) as connection, demo.begin("u_desk1", NOW, connection=connection) as registers:
        assert opened(registers) == "INC-2025-00001"


def test_form_values_go_where_the_register_says(begin: Begin) -> None:
    """A task's form fields fill the fields that the register names for the task, others those of the same name."""
    with begin() as registers:
        number = opened(registers)
        records = CaseRecords(registers)
        kb = {"title": "How to clear a disk", "solution": "rm", "decision": "publish"}
        records.save("incident", number, kb, element=Element("kb"))
        records.save("incident", number, {"impact": "low", "step": 3}, element=Element("log"))
        rows = [{"action": "Watch", "owner": "u_ops1", "due": date(2025, 3, 9)}]
        records.save("incident", number, {"actions": rows}, element=Element("major_review"))
        found = registers.get(number)
    assert (found["title"], found["solution"], found["impact"]) == ("Disk full", None, "low")
    assert (found["actions"], found["review_actions"]) == (None, rows)


def test_record_port_wants_a_record(begin: Begin) -> None:
    """A state for a case without a record, or with a wrong one, is refused clearly; a start form has none yet."""
    with begin() as registers:
        records = CaseRecords(registers)
        records.save("incident", None, {"text": "hello"}, element=Element("reported"))
        with pytest.raises(RecordNotFound, match="log: the case has no incident record yet"):
            records.enter("incident", None, "triaged", element=Element("log"))
        with pytest.raises(RecordNotFound, match="C001 is not in the register incident"):
            records.enter("incident", "C001", "triaged", element=Element("log"))
