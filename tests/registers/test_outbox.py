"""Mails."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from engine import NotFound, reading, writing
from registers import Person, Recipient, RegisterStore
from registers.outbox import MOST_TRIES, TEMPLATES, mark_failed, mark_sent, pending_mails, templates
from tests.registers.conftest import Begin
from tests.registers.times import NOW

XU = Recipient("Xu Jing", "it@qiming.example", "en")


def incident(begin: Begin) -> str:
    fields = {"title": "磁盘满", "ticket_type": "incident", "priority": "P2", "customer": "C002", "reported_at": NOW}
    with begin() as registers:
        return registers.open("incident", fields).number


def test_everybody_is_told_once_in_their_language(begin: Begin, demo: RegisterStore, statements: list[str]) -> None:
    """People by id and role and people outside get one mail each, rendered in their language; one INSERT for all."""
    number = incident(begin)
    sun = demo.people.get("u_sun", at=NOW)
    demo.people.save(Person(**{**{name: getattr(sun, name) for name in sun.__slots__}, "locale": "en"}))
    with begin() as registers:
        registers.get(number)
        statements.clear()
        to = ["service_manager", "u_zheng", "u_sun", XU, "hr_supervisor"]
        reached, lost = registers.outbox.send("opened", to, number=number)
        registers.flush()
    assert (reached, lost) == (["u_zheng", "u_sun", "it@qiming.example"], ["hr_supervisor"])
    assert [s.split()[0] for s in statements] == ["SELECT", "INSERT"]
    with begin() as registers:
        mails = {mail.recipient: mail for mail in registers.outbox.about(number)}
    assert mails["u_zheng"].subject == f"[P2] {number} 磁盘满"
    assert "有新的事件登记" in mails["u_zheng"].body
    assert "类型：事件" in mails["u_zheng"].body
    assert "Type:       Incident" in mails["u_sun"].body
    assert "Reported:   2025-03-03 10:00" in mails["it@qiming.example"].body
    assert {(m.state, m.tries, m.created_at) for m in mails.values()} == {("pending", 0, NOW)}


def test_deduplicated_mail_is_queued_once(begin: Begin) -> None:
    """A mail with a key goes to the same recipient once, in this unit or a later one."""
    number = incident(begin)
    for _ in range(2):
        with begin() as registers:
            for _ in range(2):
                registers.outbox.send("reminder", ["u_desk1"], number=number, dedupe="first_line:1")
    with begin() as registers:
        assert registers.outbox.page().total == 1


@pytest.mark.parametrize("template", templates())
def test_every_template_renders_in_both_languages(begin: Begin, template: str) -> None:
    """Each template has both languages, a one-line subject, and needs nothing that isn't given."""
    number = incident(begin)
    with begin() as registers:
        registers.outbox.send(template, ["u_desk1", XU], number=number)
        chinese, english = sorted(registers.outbox.about(number), key=lambda mail: mail.recipient)[::-1]
    assert (TEMPLATES / "zh_CN" / f"{template}.txt").exists()
    assert chinese.body.startswith("王芳：")
    assert english.body.startswith("Dear Xu Jing,")
    assert "\n" not in english.subject
    for text in (chinese.subject, chinese.body, english.subject, english.body):
        assert "{{" not in text
        assert "None" not in text


def test_subject_can_not_smuggle_headers(begin: Begin) -> None:
    """A title with line breaks stays one line of subject."""
    with begin() as registers:
        number = registers.open("incident", {"title": "Hi\r\nBcc: all@example"}).number
        registers.outbox.send("incident_resolved", ["u_desk1"], number=number)
        assert registers.outbox.about(number)[0].subject == f"已解决：{number} Hi Bcc: all@example"


def test_titles_are_text_not_templates(begin: Begin) -> None:
    """What people write is never evaluated."""
    with begin() as registers:
        number = registers.open("incident", {"title": "{{ 7 * 7 }}"}).number
        registers.outbox.send("incident_resolved", ["u_desk1"], number=number)
        assert "{{ 7 * 7 }}" in registers.outbox.about(number)[0].subject


def test_unknown_template_and_mail_are_named(begin: Begin) -> None:
    """A template or mail that doesn't exist is an error with its name; nobody leaves the folder of templates."""
    with begin() as registers:
        for name in ("nothing", "../en/reminder", "/etc/passwd"):
            with pytest.raises(NotFound, match=name):
                registers.outbox.send(name, ["u_desk1"])
        with pytest.raises(NotFound, match="99"):
            registers.outbox.get(99)


def test_mails_are_listed(begin: Begin) -> None:
    """Mails are found by state, recipient, template and text; the newest is first."""
    number = incident(begin)
    with begin() as registers:
        registers.outbox.send("opened", ["service_desk"], number=number)
        registers.outbox.send("log_overdue", ["u_zheng"], number=number)
        assert [m.recipient for m in registers.outbox.page()] == ["u_zheng", "u_desk2", "u_desk1"]
        assert [m.recipient for m in registers.outbox.page(template="log_overdue")] == ["u_zheng"]
        assert [m.recipient for m in registers.outbox.page(text="冯")] == ["u_desk2"]
        assert registers.outbox.page(state="sent").total == 0
        mail = registers.outbox.page(recipient="u_desk1").items[0]
        assert registers.outbox.get(mail.id) == mail


def test_delivery_is_noted(begin: Begin, database: Engine) -> None:
    """A delivered mail is sent; one that fails is tried again, and after five times waits for a person."""
    number = incident(begin)
    with begin() as registers:
        registers.outbox.send("opened", ["service_desk"], number=number)
    with writing(database) as connection:
        first, second = pending_mails(connection)
        mark_sent(connection, first.id, NOW)
        for _ in range(MOST_TRIES):
            mark_failed(connection, second.id, "no route")
    with reading(database) as connection:
        assert pending_mails(connection) == []
    with begin() as registers:
        assert (registers.outbox.get(first.id).state, registers.outbox.get(first.id).sent_at) == ("sent", NOW)
        failed = registers.outbox.get(second.id)
        assert (failed.state, failed.tries, failed.error) == ("failed", MOST_TRIES, "no route")


def test_both_languages_have_the_same_templates() -> None:
    """No template exists in one language only."""
    names = [{path.name for path in Path(TEMPLATES / locale).glob("*.txt")} for locale in ("en", "zh_CN")]
    assert names[0] == names[1]
