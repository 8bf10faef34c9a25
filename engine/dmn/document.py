"""Reading a .dmn file's XML: hardened, and blind to prefixes and versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.findings import Finding, Severity
from engine.texts import Text

MAX_BYTES = 5_000_000
_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/(?:MODEL/?|dmn\.xsd)")


@dataclass(slots=True)
class Report:
    """Findings of one file as they are collected."""

    resource: str
    findings: list[Finding] = field(default_factory=list)

    def error(self, rule: str, at: Any, reason: Text, remedy: Text) -> None:
        """Add a finding that refuses the file."""
        self._add(rule, Severity.ERROR, at, reason, remedy)

    def warning(self, rule: str, at: Any, reason: Text, remedy: Text) -> None:
        """Add a finding that is shown to the owner."""
        self._add(rule, Severity.WARNING, at, reason, remedy)

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def _add(self, rule: str, severity: Severity, at: Any, reason: Text, remedy: Text) -> None:
        element, name, line = at if isinstance(at, tuple) else place(at)
        self.findings.append(Finding(rule, severity, self.resource, element, name, line, reason, remedy))


def place(element: Any) -> tuple[str, str, int]:
    """Return (id, name, line) of an XML element, or of the nearest one around it that has an id."""
    if element is None:
        return "", "", 0
    line = element.sourceline or 0
    holder = element
    while holder is not None and holder.get("id") is None:
        holder = holder.getparent()
    holder = element if holder is None else holder
    return holder.get("id") or "", holder.get("name") or "", line


def read(content: bytes, report: Report) -> Any:
    """Parse the file; None, with a finding, for what isn't a DMN file or is hostile."""
    refused = _refusal(content)
    root = None
    if refused is None:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        try:
            root = etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError, LookupError) as error:
            detail = str(error)[:200]
            refused = Text("the file is not readable XML: {detail}", detail=detail)
    if root is not None and root.getroottree().docinfo.doctype:
        refused = _DOCTYPE
    if refused is None and not is_dmn(root, "definitions"):
        refused = Text("the file is not a DMN file: it has no DMN <definitions> at its top")
    if refused is not None:
        report.error("xml-unreadable", None, refused, Text("Export the decision again from the DMN editor."))
        return None
    return root


_DOCTYPE = Text("the file declares a document type or entities, which a decision never needs")


def _refusal(content: bytes) -> Text | None:
    if len(content) > MAX_BYTES:
        return Text("the file is larger than {limit} MB", limit=MAX_BYTES // 1_000_000)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return _DOCTYPE
    return None


def is_dmn(element: Any, name: str) -> bool:
    """Tell whether an element is this one of any DMN version."""
    if not isinstance(element.tag, str):
        return False
    qualified = etree.QName(element)
    return bool(qualified.localname == name and _NAMESPACE.fullmatch(qualified.namespace or ""))


def children(element: Any, name: str) -> Iterator[Any]:
    """Yield the DMN children of this name."""
    return (child for child in element if is_dmn(child, name))


def child(element: Any, name: str) -> Any:
    """Return the first DMN child of this name, or None."""
    return next(children(element, name), None)


def text_of(element: Any) -> str:
    """Return the stripped content of the element's <text>, or an empty text."""
    found = None if element is None else child(element, "text")
    return "" if found is None else (found.text or "").strip()


def name_of(element: Any, attribute: str = "name") -> str:
    """Return the element's name as FEEL reads it: with single blanks (10.3.1.3); empty without one."""
    return "" if element is None else " ".join((element.get(attribute) or "").split())


def variable_of(element: Any) -> str:
    """Return the name under which an element's value is read."""
    return name_of(child(element, "variable")) or name_of(element) or str(element.get("id") or "")


def href(reference: Any) -> tuple[str, str]:
    """Return (namespace or file, id) that a reference points to."""
    file, _, id_ = ("" if reference is None else reference.get("href") or "").rpartition("#")
    return file, id_


_NAMED = {"inputData", "decision", "variable", "formalParameter", "parameter", "column", "itemComponent",
          "businessKnowledgeModel", "decisionService", "output"}  # fmt: skip


def names_in(root: Any) -> set[str]:
    """Return every name that the file declares: FEEL texts must know those of more than one word."""
    names: set[str] = set()
    for element in root.iter():
        if isinstance(element.tag, str):
            if etree.QName(element).localname in _NAMED:
                names.add(name_of(element))
            names.add(name_of(element, "iteratorVariable"))
            if is_dmn(element, "decision"):
                names.add(element.get("id") or "")
    return names - {""}
