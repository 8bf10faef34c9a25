"""Which format a file has: BPMN 2.0, a draft of it that reads the same, or another one that is refused by its name."""

from __future__ import annotations

import re

from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN

# The namespaces of BPMN 2.0 before its adoption: tools of 2009 and 2010 wrote them. Element names are the same.
DRAFTS = frozenset(
    {
        "http://schema.omg.org/spec/BPMN/2.0",
        "http://schema.omg.org/spec/BPMN/2.0/MODEL",
        "http://www.omg.org/spec/BPMN/2.0",
        "http://www.omg.org/spec/BPMN/20100501/MODEL",
        "http://www.omg.org/bpmn20",
    }
)
_FORMATS = (
    (r"\{[^}]*wfmc\.org[^}]*\}.*|\{[^}]*xpdl[^}]*\}.*|Package", "XPDL"),
    (r"\{[^}]*/spec/CMMN/[^}]*\}.*", "CMMN"),
    (r"\{[^}]*/spec/DMN/[^}]*\}.*", "DMN"),
    (r"\{[^}]*(?:wsbpel|business-process)[^}]*\}process", "BPEL"),
    (r"\{[^}]*jpdl[^}]*\}.*|process-definition", "jPDL"),
    (r"\{[^}]*drools[^}]*\}process", "Drools RuleFlow"),
    (r"\{[^}]*stp\.eclipse\.org[^}]*\}.*", "BPMN 1 (Eclipse STP)"),
    (r"\{[^}]*bpmn\.org[^}]*\}.*|\{[^}]*/BPMN/1\.[^}]*\}.*|BusinessProcessDiagram", "BPMN 1"),
    (r"mxfile|mxGraphModel", "diagrams.net"),
    (r"(?:\{[^}]*\})?VisioDocument", "Visio"),
    (r"\{[^}]*XMI[^}]*\}XMI|XMI", "XMI"),
    (r"ADOXML", "ADONIS XML"),
    (r"(?:\{[^}]*\})?html", "HTML"),
    (r"(?:\{[^}]*\})?svg", "SVG"),
)


def bring_up_to_date(root: XmlElement) -> str:
    """Rename the elements of a draft's namespace to the standard's; return the draft's namespace, or ""."""
    found = ""
    for xml in root.iter():
        uri, _, name = xml.tag[1:].rpartition("}") if isinstance(xml.tag, str) else ("", "", "")
        if uri in DRAFTS:
            found = uri
            xml.tag = f"{{{BPMN}}}{name}"
    return found


def format_of(root: XmlElement) -> str:
    """The name of another format that a root element belongs to; "" for an unknown one."""
    tag = root.tag if isinstance(root.tag, str) else ""
    return next((name for pattern, name in _FORMATS if re.fullmatch(pattern, tag)), "")
