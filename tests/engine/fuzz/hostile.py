"""Files that mean harm: each would cost a careless reader its memory, its time, or its secrets."""

from __future__ import annotations

import json
from itertools import pairwise

from tests.engine.diagrams import NAMESPACES, diagram, flows

_HEAD = f'<bpmn:definitions {NAMESPACES} id="d" targetNamespace="urn:x">'
_PROCESS = '<bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="s"/></bpmn:process></bpmn:definitions>'
_BOMB = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
    f"<!ENTITY a{n} '" + f"&a{n - 1};" * 10 + "'>" for n in range(1, 12)
)  # 10^12 characters


def _chain(count: int) -> bytes:
    names = ["s", *(f"t{n}" for n in range(count)), "e"]
    nodes = "".join(f'<bpmn:task id="{name}"/>' for name in names[1:-1])
    ends = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
    return diagram(ends + nodes + flows(*(f"{a} {b}" for a, b in pairwise(names))))


def _clique(kind: str, count: int) -> bytes:
    """Gateways that all lead to each other."""
    names = [f"g{n}" for n in range(count)]
    nodes = "".join(f'<bpmn:{kind} id="{name}"/>' for name in names)
    return diagram(
        '<bpmn:startEvent id="s"/>' + nodes + flows("s g0", *(f"{a} {b}" for a in names for b in names if a != b))
    )


def _with(feel: str) -> bytes:
    script = f'<bpmn:scriptTask id="t" scriptFormat="feel"><bpmn:script>{feel}</bpmn:script></bpmn:scriptTask>'
    return diagram('<bpmn:startEvent id="s"/>' + script + flows("s t"))


def _nested(tag: str, levels: int, inner: str = "") -> str:
    opened = "".join(f'<bpmn:{tag} id="n{level}">' for level in range(levels))
    return opened + inner + f"</bpmn:{tag}>" * levels


FILES: dict[str, bytes] = {
    "entity bomb": f"<!DOCTYPE d [{_BOMB}]>{_HEAD}<bpmn:documentation>&a11;</bpmn:documentation>{_PROCESS}".encode(),
    "entity bomb in an attribute": f'<!DOCTYPE d [{_BOMB}]>{_HEAD}<bpmn:message id="&a11;"/>{_PROCESS}'.encode(),
    "quadratic entity": (f'<!DOCTYPE d [<!ENTITY a "{"a" * 100_000}">]>{_HEAD}{"&a;" * 50_000}{_PROCESS}').encode(),
    "external entity": f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{_HEAD}&x;{_PROCESS}'.encode(),
    "external DTD": f'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">{_HEAD}{_PROCESS}'.encode(),
    "parameter entity": f'<!DOCTYPE d [<!ENTITY % x SYSTEM "file:///dev/zero"> %x;]>{_HEAD}{_PROCESS}'.encode(),
    "inclusion": f'{_HEAD}<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/hosts"/>{_PROCESS}'.encode(),
    "style sheet": f'<?xml-stylesheet href="file:///dev/zero"?>{_HEAD}{_PROCESS}'.encode(),
    "depth": f"{_HEAD}{'<a>' * 200_000}".encode(),
    "depth of sub-processes": diagram(_nested("subProcess", 95, '<bpmn:task id="t"/>')),
    "depth of lanes": diagram(f'<bpmn:laneSet id="l">{_nested("lane", 80)}</bpmn:laneSet><bpmn:startEvent id="s"/>'),
    "attribute of 9 MB": diagram(f'<bpmn:startEvent id="s" name="{"x" * 9_000_000}"/>'),
    "text of 9 MB": _with("1 + " * 2_000_000 + "1"),
    "file of 11 MB": diagram(f"<!--{'x' * 11_000_000}-->"),
    "name of an element of 1 MB": f"{_HEAD}<{'a' * 1_000_000}/>".encode(),
    "100,000 attributes": ("<a " + " ".join(f"a{n}=''" for n in range(100_000)) + "/>").encode(),
    "100,000 namespaces": ("<a " + " ".join(f"xmlns:a{n}='u{n}'" for n in range(100_000)) + "/>").encode(),
    "100,000 elements": diagram('<bpmn:task id="t"/>' * 100_000),
    "20,000 tasks without flows": diagram("".join(f'<bpmn:task id="t{n}"/>' for n in range(20_000))),
    "chain of 9,000": _chain(9_000),
    "60 parallel gateways in all directions": _clique("parallelGateway", 60),
    "60 inclusive gateways in all directions": _clique("inclusiveGateway", 60),
    "60 exclusive gateways in all directions": _clique("exclusiveGateway", 60),
    "FEEL of 2,000 brackets": _with("(" * 2_000 + "1" + ")" * 2_000),
    "FEEL that counts to a billion": _with("for i in 1..1000000000 return i"),
    "FEEL that multiplies lists": _with("for " + ", ".join(f"i{n} in 1..100" for n in range(16)) + " return 1"),
    "FEEL that calls itself": _with("{f: function(x) f(x), y: f(1)}.y"),
    "FEEL power tower": _with("9 ** 9 ** 9 ** 9"),
    "FEEL pattern that explodes": _with('matches("' + "a" * 40 + '!", "(a+)+b")'),
    "nothing": b"",
    "blanks": b" \n" * 1000,
    "NULs": b"\x00" * 100_000,
    "noise": bytes(range(256)) * 400,
    "UTF-16 cut in half": diagram("").decode().encode("utf-16")[:-1],
    "unfinished": diagram("")[:-5],
    "another root": b"<html><body>404</body></html>",
    "JSON": b'{"a": 1}',
}
FORMS: dict[str, bytes] = {
    "depth": b'{"a":' * 50_000,
    "closed depth": b"[" * 50_000 + b"]" * 50_000,
    "digits": b'{"schemaVersion": ' + b"9" * 5_000 + b"}",
    "no number": b'{"schemaVersion": NaN, "components": [Infinity]}',
    "surrogate": b'{"id": "\\ud800", "components": [{"type": "textfield", "key": "\\ud800"}]}',
    "components within components": json.dumps(
        {"id": "f", "components": [{"type": "group", "components": [{"type": "group"}] * 1000}] * 100}
    ).encode(),
    "twice": b'{"id": "a", "id": "b", "components": null, "components": 1}',
    "pattern": json.dumps(
        {
            "id": "f",
            "type": "default",
            "components": [{"type": "textfield", "key": "k", "id": "k", "validate": {"pattern": "(a+)+$"}}],
        }
    ).encode(),
    "no object": b"[]",
    "NULs": b"\x00" * 1000,
}
