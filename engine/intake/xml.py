"""Reading BPMN's XML: elements by local name, texts, references, extension properties."""

from __future__ import annotations

from lxml import etree

from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN, SPIFF


def local(xml: XmlElement) -> str:
    """The local name of a BPMN element; "" for anything else."""
    tag = xml.tag
    if not isinstance(tag, str):
        return ""
    return tag[len(BPMN) + 2 :] if tag.startswith(f"{{{BPMN}}}") else ""


def children(xml: XmlElement, kind: str) -> list[XmlElement]:
    """The direct BPMN children of this kind."""
    return list(xml.findall(f"{{{BPMN}}}{kind}"))


def child(xml: XmlElement, kind: str) -> XmlElement | None:
    """The first direct BPMN child of this kind."""
    return xml.find(f"{{{BPMN}}}{kind}")


def text_of(xml: XmlElement | None) -> str:
    """All text inside, trimmed."""
    return "" if xml is None else "".join(xml.itertext()).strip()


def label(xml: XmlElement) -> str:
    """The name as people read it: line breaks become spaces."""
    return " ".join((xml.get("name") or "").split())


def bare(reference: str | None) -> str:
    """A reference without its namespace prefix: ids contain no colon, so what stands before one is a prefix."""
    return (reference or "").strip().rsplit(":", 1)[-1]


def truth(xml: XmlElement, attribute: str, *, default: bool) -> bool:
    """Read an XML Schema boolean."""
    text = (xml.get(attribute) or "").strip().lower()
    return text in ("true", "1") if text else default


def documentation(xml: XmlElement) -> str:
    return "\n\n".join(text for part in children(xml, "documentation") if (text := text_of(part)))


def extensions(xml: XmlElement) -> list[XmlElement]:
    """What stands in its extensionElements."""
    return [e for part in children(xml, "extensionElements") for e in part if isinstance(e.tag, str)]


def properties(xml: XmlElement) -> dict[str, str]:
    """The spiffworkflow properties of an element, empty ones left out; a name given twice keeps its first value."""
    found: dict[str, str] = {}
    for name, value in written_properties(xml):
        found.setdefault(name, value)
    return found


def written_properties(xml: XmlElement) -> list[tuple[str, str]]:
    """The spiffworkflow properties of an element as written, empty ones left out."""
    rows = (
        ((prop.get("name") or "").strip(), (prop.get("value") or "").strip())
        for extension in extensions(xml)
        if extension.tag == f"{{{SPIFF}}}properties"
        for prop in extension.findall(f"{{{SPIFF}}}property")
    )
    return [(name, value) for name, value in rows if name and value]


def give(xml: XmlElement, name: str, value: str) -> None:
    """Write a property of ours into an element."""
    holder = child(xml, "extensionElements")
    if holder is None:
        holder = etree.Element(f"{{{BPMN}}}extensionElements")
        xml.insert(0, holder)
    group = holder.find(f"{{{SPIFF}}}properties")
    if group is None:
        group = etree.SubElement(holder, f"{{{SPIFF}}}properties")
    etree.SubElement(group, f"{{{SPIFF}}}property", name=name, value=value)
    for made in (holder, group, group[-1]):
        made.sourceline = made.sourceline or xml.sourceline


def namespace(xml: XmlElement) -> str:
    return etree.QName(xml).namespace or "" if isinstance(xml.tag, str) else ""
