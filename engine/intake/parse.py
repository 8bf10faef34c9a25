"""Bytes to an XML tree, safely: whatever is sent in, the answer is a tree or findings, soon and in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.findings import Finding, Severity
from engine.texts import Text

MAX_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 100
MAX_ELEMENTS = 30_000  # a diagram of 200 nodes has some 5,000, most of them for the drawing
MAX_ATTRIBUTES = 200  # of one element
_CHUNK = 64 * 1024

XmlElement = Any  # lxml ships no types
_BEGINNINGS = {b"PK\x03\x04": "ZIP", b"{": "JSON", b"[": "JSON", b"%PDF": "PDF", b"\x89PNG": "PNG"}
# Said in single bytes, this can't be true: .NET writes it into texts that are then saved as UTF-8.
_WRONGLY_UTF_16 = re.compile(rb"""^((?:\xef\xbb\xbf)?<\?xml[^>]*?)(encoding\s*=\s*["'](?i:utf-?16)["'])""")


class _Refused(Exception):
    """Parsing was given up; carries what a finding needs."""

    def __init__(self, rule: str, line: int, reason: Text, remedy: Text) -> None:
        super().__init__(rule)
        self.rule, self.line, self.reason, self.remedy = rule, line, reason, remedy


def parse(name: str, content: bytes) -> tuple[XmlElement | None, list[Finding]]:
    """Parse a file and return its root element, or None and the finding that says why not.

    Entities, DTDs, the network and XInclude are off; size, depth and the number of elements are bounded. The file
    is fed in pieces, so that a hostile one is given up before it has grown.
    """
    try:
        return _read(content), []
    except _Refused as refusal:
        finding = Finding(refusal.rule, Severity.ERROR, name, "", "", refusal.line, refusal.reason, refusal.remedy)
        return None, [finding]


def _read(content: bytes) -> XmlElement:
    if len(content) > MAX_BYTES:
        raise _Refused(
            "file-too-large",
            0,
            Text("The file has {size} MB; {limit} MB is the most.", size=len(content) >> 20, limit=MAX_BYTES >> 20),
            Text("Split the process, or remove embedded pictures and documents from the file."),
        )
    if not content.strip():
        raise _Refused("file-empty", 0, Text("The file is empty."), Text("Export the diagram again from the modeler."))
    if (
        other := next((name for begin, name in _BEGINNINGS.items() if content.lstrip().startswith(begin)), None)
    ) is not None:
        raise _Refused(
            "not-xml",
            0,
            Text("The file is {format}, not XML.", format=other),
            Text("Export the process as BPMN 2.0 XML."),
        )
    content = _WRONGLY_UTF_16.sub(lambda found: found[1] + b" " * len(found[2]), content, count=1)
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        watch = _Watch()
        for start in range(0, len(content), _CHUNK):
            parser.feed(content[start : start + _CHUNK])
            watch.see(parser.read_events())
        root = parser.close()
        watch.see(parser.read_events())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _not_well_formed(error) from error
    return root


class _Watch:
    """Counts what comes out of the parser and stops it in time."""

    def __init__(self) -> None:
        self.depth = 0
        self.elements = 0

    def see(self, events: Iterator[tuple[str, XmlElement]]) -> None:
        for event, element in events:
            if event == "end":
                self.depth -= 1
                continue
            self.depth += 1
            self.elements += 1
            if self.elements == 1 and element.getroottree().docinfo.doctype:
                raise _doctype()
            if self.depth > MAX_DEPTH:
                raise _too_deep(element.sourceline or 0)
            if self.elements > MAX_ELEMENTS or len(element.attrib) > MAX_ATTRIBUTES:
                raise _too_many(element)


def _doctype() -> _Refused:
    return _Refused(
        "doctype",
        1,
        Text("The file has a DOCTYPE. Diagrams don't need one, and it can be used to attack the server."),
        Text("Remove the <!DOCTYPE …> at the top of the file, or export the diagram again from the modeler."),
    )


def _too_deep(line: int) -> _Refused:
    return _Refused(
        "file-too-deep",
        line,
        Text("Elements are nested more than {limit} levels deep.", limit=MAX_DEPTH),
        Text("Draw the inner levels as processes of their own."),
    )


def _too_many(element: XmlElement) -> _Refused:
    return _Refused(
        "file-too-many-elements",
        element.sourceline or 0,
        Text(
            "The file has more than {limit} XML elements, or one with more than {attributes} attributes.",
            limit=MAX_ELEMENTS,
            attributes=MAX_ATTRIBUTES,
        ),
        Text("Split the file into several processes."),
    )


def _not_well_formed(error: Exception) -> _Refused:
    line = getattr(error, "lineno", None) or 0
    message = str(getattr(error, "msg", None) or error)
    if "Excessive depth" in message:
        return _too_deep(line)
    if "DTD" in message or "DOCTYPE" in message or "ntity" in message:
        return _Refused(
            "entity",
            line,
            Text("The file uses XML entities or a DOCTYPE, which are not read: {message}", message=message),
            Text("Write the characters themselves, or export the diagram again from the modeler."),
        )
    return _Refused(
        "not-xml",
        line,
        Text("The file is not well-formed XML: {message}", message=message),
        Text("Open the file in the modeler and export it again; if it was edited by hand, repair this line."),
    )
