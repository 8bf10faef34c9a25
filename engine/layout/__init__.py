"""Give a diagram's elements their places: pools and lanes, the flow from left to right, lines that cross no element.

A file drawn elsewhere may come without a drawing (BPMN DI), and one written by hand has none; neither could be shown.

`arranging` places one scope on a grid of columns and rows, `routing` finds the ways of its flows through what is free
there, `measuring` turns both into coordinates, `writing` puts them into the file.
"""

from __future__ import annotations

from lxml import etree

from engine.errors import InvalidDiagram
from engine.intake.drawing import Drawing
from engine.intake.parse import parse
from engine.layout.writing import draw

__all__ = ["lay_out"]


def lay_out(name: str, content: bytes) -> bytes:
    """Return the file with all of its drawing made anew; what it says is untouched, comments included.

    Raises InvalidDiagram for what is no BPMN file.
    """
    root, refused = parse(name, content)
    if root is None:
        raise InvalidDiagram(refused)
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    draw(Drawing.of(name, content, root))
    etree.indent(root, "  ")
    laid_out: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return laid_out
