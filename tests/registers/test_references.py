"""Picking records and people by typing."""

import pytest

from registers import RegisterStore, UnknownRegister
from tests.registers.conftest import Begin
from tests.registers.times import NOW


def test_keys_exist_in_their_own_register(demo: RegisterStore) -> None:
    """A key counts only in its register; people are the register `user`."""
    references = demo.references(locale="en", at=NOW)
    assert references.exists("customer", "C001")
    assert not references.exists("ci", "C001")
    assert references.exists("user", "u_desk1")
    assert not references.exists("user", "u_nobody")
    with pytest.raises(UnknownRegister, match="moon"):
        references.exists("moon", "C001")


def test_labels_are_in_the_readers_language(demo: RegisterStore, statements: list[str]) -> None:
    """Names come in the reader's language, many in one statement; what is unknown stays its key."""
    chinese, english = (demo.references(locale=locale, at=NOW) for locale in ("zh_CN", "en"))
    assert (chinese.label("ci", "SW-BJ1-001"), english.label("ci", "SW-BJ1-001")) == ("核心交换机", "Core switch")
    assert (chinese.label("user", "u_wu"), english.label("user", "u_wu")) == ("吴倩", "Wu Qian")
    statements.clear()
    assert english.labels("customer", ["C001", "C009"]) == {"C001": "Lanhai E-Commerce", "C009": "C009"}
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("register", "text", "found"),
    [
        ("customer", "蓝", ["C001"]),
        ("customer", "lanhai", ["C001"]),
        ("customer", "c00", ["C001", "C002", "C003"]),
        ("ci", "srv", ["SRV-BJ1-101", "SRV-BJ1-102"]),
        ("ci", "bj1 防火", ["FW-BJ1-001"]),
        ("ci", "%", []),
        ("service", "", ["SVC-BKP", "SVC-BW", "SVC-COLO", "SVC-HOST"]),
        ("user", "han", ["u_ops", "u_res", "u_res1"]),
    ],
)
def test_typing_finds_keys_and_names(demo: RegisterStore, register: str, text: str, found: list[str]) -> None:
    """What is typed may stand anywhere in key or names of either language; keys that begin with it come first."""
    hits = [key for key, _ in demo.references(locale="en", at=NOW).search(register, text)]
    assert (hits[:1], sorted(hits)) == (found[:1], sorted(found))


def test_closed_records_are_not_offered(begin: Begin, demo: RegisterStore) -> None:
    """A removed supplier can't be picked any more, though its name is still known."""
    with begin() as registers:
        registers.transition("SUP-101", "removed")
    references = demo.references(locale="en", at=NOW)
    assert [key for key, _ in references.search("supplier", "sup")] == ["SUP-001", "SUP-002"]
    assert references.label("supplier", "SUP-101") == "Dingsheng Hardware"
    assert references.fields("supplier", "SUP-101")["state"] == "removed"
    assert "support_engineer" in references.fields("user", "u_eng2")["roles"]
    assert references.fields("supplier", "nothing") == {}


def test_unit_reads_a_record_once_for_form_and_handler(begin: Begin, statements: list[str]) -> None:
    """What a form asks about a record, a handler of the same step needn't read again."""
    with begin() as registers:
        statements.clear()
        assert registers.references.exists("ci", "SW-BJ1-001")
        assert registers.references.fields("ci", "SW-BJ1-001")["criticality"] == "core"
        assert registers.get("SW-BJ1-001").label("zh_CN") == "核心交换机"
    assert len(statements) == 1
