"""The hardened parse: whatever is sent in, the answer is a tree or findings, soon."""

from __future__ import annotations

import time

import pytest

from engine.intake.parse import MAX_DEPTH, MAX_ELEMENTS, parse

TEXT = '<a xmlns="urn:x"><b>é</b></a>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "gb18030", "windows-1252"])
def test_parse_reads_every_encoding(encoding: str) -> None:
    """The encoding that the file declares is the one that counts."""
    root, findings = parse("x.bpmn", f'<?xml version="1.0" encoding="{encoding}"?>{TEXT}'.encode(encoding))
    assert findings == []
    assert root[0].text == "é"


def test_parse_reads_a_byte_order_mark() -> None:
    """A file that Windows saved is read too."""
    root, findings = parse("x.bpmn", TEXT.encode("utf-8-sig"))
    assert (root[0].text, findings) == ("é", [])


BILLION = b"<!DOCTYPE a [<!ENTITY a0 'lol'>" + b"".join(
    b"<!ENTITY a%d '%s'>" % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 12)
)
ATTACKS = {
    "external entity": (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "doctype"),
    "parameter entity": (b"<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]><a/>", "doctype"),
    "external dtd": (b"<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>", "doctype"),
    "billion laughs": (BILLION + b"]><a>&a11;</a>", "entity"),
    "billion laughs in an attribute": (BILLION + b"]><a b='&a11;'/>", "entity"),
    "30 MB": (b"<a>" + b"x" * (30 << 20) + b"</a>", "file-too-large"),
    "deep": (b"<a>" * 150 + b"</a>" * 150, "file-too-deep"),
    "very deep": (b"<a>" * 5000 + b"</a>" * 5000, "file-too-deep"),
    "many elements": (b"<a>" + b"<b/>" * 1_000_000 + b"</a>", "file-too-many-elements"),
    "many attributes": (b"<a " + b" ".join(b"a%d=''" % i for i in range(50_000)) + b"/>", "file-too-many-elements"),
    "empty": (b" \n ", "file-empty"),
    "no xml": (b"hello", "not-xml"),
    "binary": (bytes(range(256)), "not-xml"),
    "cut off": (b"<a><b></b>", "not-xml"),
    "unknown encoding": (b"<?xml version='1.0' encoding='klingon'?><a/>", "not-xml"),
    "wrong encoding": (b"<?xml version='1.0' encoding='utf-8'?><a>\xff\xfe</a>", "not-xml"),
    "unknown prefix": (b"<x:a/>", "not-xml"),
    "unknown entity": (b"<a>&nbsp;</a>", "not-xml"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_parse_refuses_bad_files_with_a_finding(attack: str) -> None:
    """A hostile or broken file gives one finding with advice, fast, and never an exception."""
    content, rule = ATTACKS[attack]
    started = time.process_time()
    root, [finding] = parse("x.bpmn", content)
    assert root is None
    assert (finding.rule, finding.resource) == (rule, "x.bpmn")
    assert str(finding.remedy)
    assert time.process_time() - started < 2


def test_parse_names_the_line_of_a_mistake() -> None:
    """The line is the one in the owner's file."""
    _, [finding] = parse("x.bpmn", b"<a>\n<b>\n</a>")
    assert finding.line == 3


def test_parse_leaves_xinclude_alone() -> None:
    """An XInclude is an element like any other."""
    xml = b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></a>'
    root, findings = parse("x.bpmn", xml)
    assert findings == []
    assert len(root) == 1
    assert not root[0].text


def test_limits_leave_room_for_real_diagrams() -> None:
    """A diagram of 200 elements has some 5,000 XML elements, 12 deep."""
    assert MAX_ELEMENTS >= 25_000
    assert MAX_DEPTH >= 100
