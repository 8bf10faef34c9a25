"""Damage: what editors, merges, transfers and bad intentions do to files. All of it follows from a random generator."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from lxml import etree

Xml = Any
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
# fmt: off
TEXTS = (
    "", " ", "true", "false", "null", "0", "-1", "1e999", "9" * 400, "NaN", "=", "=x", "= 1 +", "${x == 1}", "if",
    "x" * 3000, "(" * 200, "[" * 70 + "]" * 70, "for i in 1..99999999 return i", "PT", "PT1H", "R/PT0S", "R-1/PT1H",
    "P99999999Y", "R3/2026-13-99T99:99:99Z/PT1H", "2026-02-30", "9999-12-31T23:59:59Z", "#{1+1}", "__start", "Start",
    "a b", "任务", "\u202e", "\U0001f600", "some x in y satisfies", "function(x) x(x)", "{a: {a: {a: 1}}}", "1/0",
    "sum(1..10000)", 'matches("aaaa", "(a*)*b")', 'string join(for i in 1..1000 return "x")', "..", "a.b.c.d", "-",
    '"', "'", "\\", "%s", "{x}", "]]>", "<!--", "&amp;", "\t\n",
)
NAMES = [
    "startEvent", "endEvent", "task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask",
    "sendTask", "receiveTask", "subProcess", "transaction", "adHocSubProcess", "callActivity", "exclusiveGateway",
    "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway", "boundaryEvent",
    "intermediateCatchEvent", "intermediateThrowEvent", "sequenceFlow", "process", "collaboration", "participant",
    "messageFlow", "lane", "laneSet", "flowNodeRef", "messageEventDefinition", "timerEventDefinition",
    "errorEventDefinition", "signalEventDefinition", "escalationEventDefinition", "conditionalEventDefinition",
    "compensateEventDefinition", "cancelEventDefinition", "terminateEventDefinition", "linkEventDefinition",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "dataObject", "dataStoreReference",
    "ioSpecification", "extensionElements", "incoming", "outgoing", "timeCycle", "timeDate", "timeDuration",
    "condition", "conditionExpression", "script", "message", "error", "signal", "escalation",
]
ATTRIBUTES = [
    "id", "name", "sourceRef", "targetRef", "attachedToRef", "default", "cancelActivity", "isInterrupting",
    "triggeredByEvent", "isExecutable", "messageRef", "errorRef", "signalRef", "escalationRef", "calledElement",
    "completionQuantity", "startQuantity", "isForCompensation", "isSequential", "testBefore", "loopMaximum",
    "instantiate", "parallelMultiple", "eventGatewayType", "scriptFormat", "implementation", "gatewayDirection",
    "processRef", "bpmnElement", "value", "typeRef", "hitPolicy", "href",
]
# fmt: on


# --- of trees -----------------------------------------------------------------------------------------------------


def damage_tree(content: bytes, dice: random.Random) -> bytes:
    """Change an XML file in one to six places."""
    root = etree.fromstring(content)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        elements = [e for e in root.iter() if isinstance(e.tag, str) and e is not root]
        if not elements:
            break
        dice.choice(TREE)(dice.choice(elements), elements, dice)
    return bytes(etree.tostring(root))


def _drop(element: Xml, _: list[Xml], dice: random.Random) -> None:
    element.getparent().remove(element)


def _double(element: Xml, _: list[Xml], dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 40))):
        element.getparent().append(copy.deepcopy(element))


def _move(element: Xml, others: list[Xml], dice: random.Random) -> None:
    target = dice.choice(others)
    if target is not element and element not in target.iterancestors():
        target.insert(dice.randrange(len(target) + 1), element)


def _wrap(element: Xml, _: list[Xml], dice: random.Random) -> None:
    parent = element.getparent()
    around = etree.Element(f"{{{BPMN}}}{dice.choice(NAMES)}", {"id": "around"})
    parent.replace(element, around)
    around.append(element)


def _nest(element: Xml, _: list[Xml], dice: random.Random) -> None:
    """Put an element into many sub-processes."""
    parent, name = element.getparent(), dice.choice(("subProcess", "subProcess", "lane", "transaction"))
    inner = element
    for level in range(dice.choice((3, 30, 85, 200))):
        around = etree.Element(f"{{{BPMN}}}{name}", {"id": f"level_{level}"})
        if inner is element:
            parent.replace(element, around)
        around.append(inner)
        inner = around
        if around.getparent() is None:
            parent.append(around)


def _rename(element: Xml, others: list[Xml], dice: random.Random) -> None:
    element.tag = dice.choice((f"{{{BPMN}}}{dice.choice(NAMES)}", dice.choice(others).tag, dice.choice(NAMES)))


def _foreign(element: Xml, _: list[Xml], dice: random.Random) -> None:
    uri = dice.choice(
        ("urn:x", "http://camunda.org/schema/1.0/bpmn", BPMN + "/", "http://www.omg.org/spec/BPMN/20100524/DI")
    )
    element.tag = f"{{{uri}}}{etree.QName(element).localname}"


def _attribute(element: Xml, others: list[Xml], dice: random.Random) -> None:
    own = list(element.attrib)
    name = dice.choice(own) if own and dice.random() < 0.7 else dice.choice(ATTRIBUTES)
    element.set(name, _text(others, dice))


def _drop_attribute(element: Xml, _: list[Xml], dice: random.Random) -> None:
    if element.attrib:
        del element.attrib[dice.choice(list(element.attrib))]


def _rename_attribute(element: Xml, _: list[Xml], dice: random.Random) -> None:
    if element.attrib:
        name = dice.choice(list(element.attrib))
        element.set(dice.choice((*ATTRIBUTES, etree.QName(name).localname.upper())), element.attrib.pop(name))


def _swap(element: Xml, others: list[Xml], dice: random.Random) -> None:
    """Exchange a value with another element's: references that point elsewhere, ids that stand twice."""
    other = dice.choice(others)
    for name in set(element.attrib) & set(other.attrib):
        mine, theirs = element.get(name), other.get(name)
        element.set(name, theirs)
        other.set(name, mine if dice.random() < 0.7 else theirs)


def _say(element: Xml, others: list[Xml], dice: random.Random) -> None:
    element.text = _text(others, dice)


def _many_attributes(element: Xml, _: list[Xml], dice: random.Random) -> None:
    for number in range(dice.choice((20, 199, 300))):
        element.set(f"a{number}", "x")


def _huge(element: Xml, _: list[Xml], dice: random.Random) -> None:
    text = dice.choice(("x", "1 + ", "a or ", "界")) * dice.choice((5_000, 100_000, 1_000_000))
    if dice.random() < 0.5 and element.attrib:
        element.set(dice.choice(list(element.attrib)), text)
    else:
        element.text = text


def _text(others: list[Xml], dice: random.Random) -> str:
    other = dice.choice(others)
    found = [*other.attrib.values(), (other.text or "").strip()]
    text = dice.choice((dice.choice(TEXTS), dice.choice(found)))
    return "".join(c for c in text if c in "\t\n" or ord(c) >= 32)


TREE: tuple[Callable[[Xml, list[Xml], random.Random], None], ...] = (
    _drop, _drop, _double, _move, _move, _wrap, _nest, _rename, _rename, _foreign, _attribute, _attribute, _attribute,
    _drop_attribute, _rename_attribute, _swap, _swap, _say, _say, _many_attributes, _huge,
)  # fmt: skip


# --- of bytes -----------------------------------------------------------------------------------------------------


def damage_bytes(content: bytes, dice: random.Random) -> bytes:
    """Change a file of any kind where it hurts."""
    place, kind = dice.randrange(len(content) + 1), dice.randrange(9)
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + b"\x00" * dice.choice((1, 1000)) + content[place:]
    if kind == 2:
        return content[:place] + dice.randbytes(dice.randrange(1, 40)) + content[place:]
    if kind == 3:
        flipped = bytearray(content)
        for _ in range(dice.choice((1, 3, 30))):
            flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
        return bytes(flipped)
    if kind == 4:
        return content[:place] + content[dice.randrange(len(content)) :]
    if kind == 5:
        return dice.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00")) + content
    if kind == 6:
        return content.replace(
            BPMN.encode(), dice.choice((b"urn:x", b"", BPMN.upper().encode(), b"http://schema.omg.org/spec/BPMN/2.0"))
        )
    if kind == 7:
        encoding = dice.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "cp037"))
        return content.decode(errors="replace").encode(encoding, errors="replace")
    declared = dice.choice((b"UTF-16", b"latin-1", b"UTF-7", b"ascii", b"nonsense", b"GB18030"))
    return b'<?xml version="1.0" encoding="' + declared + b'"?>' + content.partition(b"?>")[2]


# --- of forms -----------------------------------------------------------------------------------------------------


def damage_json(content: bytes, dice: random.Random) -> bytes:
    """Change a form's JSON in one to four places."""
    tree = json.loads(content)
    for _ in range(dice.choice((1, 1, 2, 4))):
        holders = list(_holders(tree))
        holder = dice.choice(holders)
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            continue
        key, value = dice.choice(keys), _value(dice)
        if dice.random() < 0.3:
            del holder[key]
        elif dice.random() < 0.2 and isinstance(holder, dict):
            holder[dice.choice(("type", "key", "id", "values", "validate", "conditional", dice.choice(TEXTS)))] = value
        else:
            holder[key] = copy.deepcopy(dice.choice(holders)) if dice.random() < 0.2 else value
    return json.dumps(tree).encode()


def _holders(tree: Any) -> list[Any]:
    found, waiting = [], [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list):
            found.append(each)
            waiting += each.values() if isinstance(each, dict) else each
    return found


def _value(dice: random.Random) -> Any:
    deep: Any = 1
    for _ in range(dice.choice((2, 300))):
        deep = [deep]
    return dice.choice(
        (None, True, 0, -1, 1e308, 10**40, [], {}, "", "x" * 3000, deep, {"expression": "= 1 +"}, *TEXTS)
    )


def damaged(name: str, content: bytes, dice: random.Random) -> bytes:
    """Damage a file in the way that fits its kind."""
    if dice.random() < 0.2:
        return damage_bytes(content, dice)
    return damage_json(content, dice) if name.endswith(".json") else damage_tree(content, dice)
