"""What the browser's diagram asks for: the drawing in the reader's language, and where a case stands."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from lxml import etree

from web.context import engine, me
from web.translations import language, process_text

area = Blueprint("viewer", __name__)

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPOKEN = frozenset({f"{BPMN}documentation", f"{BPMN}text"})


@area.get("/definitions/<key>/<int:version>/diagram.bpmn")
def diagram(key: str, version: int) -> ResponseReturnValue:
    """Send a version's diagram; browsers keep it until language or catalogue change."""
    source = engine().definition(key, version).model.source
    content = source if language() == "en" else translate(source)
    response = Response(content, mimetype="application/xml")
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response.make_conditional(request)


@area.get("/cases/<int:instance_id>/state.json")
def state(instance_id: int) -> ResponseReturnValue:
    """Send where a case's tokens stand, which flows they took, and where the cases are that it has called."""
    instance = engine().instance(instance_id, by=me())
    calls = {c.element.id: url_for("instances.show", instance_id=c.id) for c in instance.children}  # the newest wins
    return jsonify({**engine().diagram_state(instance_id), "calls": calls})


def translate(source: bytes) -> bytes:
    """Rewrite names, documentation and annotations of a diagram; ids and everything else stay."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(source, parser)
    for element in root.iter(f"{BPMN}*"):
        name = element.get("name")
        if name:
            element.set("name", process_text(name))
        if element.tag in SPOKEN and element.text and element.text.strip():
            element.text = process_text(element.text.strip())
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
