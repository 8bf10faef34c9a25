"""Gateways (BPMN 2.0.2, 10.6 and 13.4)."""

from __future__ import annotations

from engine.constructs import strokes
from engine.constructs.construct import Construct
from engine.constructs.strokes import condition, flows, node, nodes, users


def _gateway(key: str, title: str, section: str, body: str) -> Construct:
    return Construct(key, title, section, nodes("endEvent", "e") + body)


_FORK = nodes("startEvent", "s") + nodes("parallelGateway", "fork") + users("a", "b", "after")
_CHOICE = condition("x", "a", "n = 1 or n = 3") + condition("x", "b", "n = 2 or n = 3")
_DEFAULT = nodes("startEvent", "s") + users("a", "b", "c") + _CHOICE + flows("s x c e", "a e", "b e")


def _split(kind: str) -> str:
    return node(kind, "x", attributes='default="x_c"') + _DEFAULT


def _join(x: str) -> str:
    return x + _FORK + flows("s fork a x after e", "fork b x")


def _mixed(kind: str, x: str) -> str:
    """Two flows in, two flows out."""
    ways = condition("x", "c", "n = 1") + flows("x d") if kind != "parallelGateway" else flows("x c", "x d")
    tasks = nodes("startEvent", "s") + nodes("parallelGateway", "fork") + users("a", "b", "c", "d")
    return x + tasks + ways + flows("s fork a x", "fork b x", "c e", "d e")


def _after_event(kind: str, definition: str) -> str:
    """A gateway with the event under judgement and a message behind it."""
    other = node("intermediateCatchEvent", "other", '<bpmn:messageEventDefinition messageRef="m_pong"/>')
    waited = node(kind, "x", definition) if definition else node(kind, "x", attributes='messageRef="m_ping"')
    tasks = nodes("startEvent", "s") + nodes("eventBasedGateway", "choice") + users("a", "b")
    return tasks + waited + other + flows("s choice x a e", "choice other b e")


def _instantiating(kind: str) -> str:
    gate = node("eventBasedGateway", "x", attributes=f'instantiate="true" eventGatewayType="{kind}"')
    ping = node("intermediateCatchEvent", "ping", strokes.MESSAGE)
    pong = node("intermediateCatchEvent", "pong", '<bpmn:messageEventDefinition messageRef="m_pong"/>')
    return gate + ping + pong + users("a", "b") + flows("x ping a e", "x pong b e")


_ACTIVATION = "<bpmn:activationCondition>activationCount = 1</bpmn:activationCondition>"
_CATCH = "intermediateCatchEvent"
GATEWAYS = (
    _gateway("exclusive.split", "Exclusive gateway: one of several", "10.6.2, 13.4.2", _split("exclusiveGateway")),
    _gateway("exclusive.join", "Exclusive gateway: each token passes", "13.4.2", _join(nodes("exclusiveGateway", "x"))),
    _gateway(
        "exclusive.mixed",
        "Exclusive gateway: merges and splits",
        "13.4.2",
        _mixed("exclusiveGateway", node("exclusiveGateway", "x", attributes='default="x_d"')),
    ),
    _gateway("inclusive.split", "Inclusive gateway: some of several", "10.6.3, 13.4.3", _split("inclusiveGateway")),
    _gateway(
        "inclusive.join",
        "Inclusive gateway: waits for what can still come",
        "13.4.3",
        _join(nodes("inclusiveGateway", "x")),
    ),
    _gateway(
        "inclusive.mixed",
        "Inclusive gateway: joins and splits",
        "13.4.3",
        _mixed("inclusiveGateway", node("inclusiveGateway", "x", attributes='default="x_d"')),
    ),
    _gateway(
        "parallel.split",
        "Parallel gateway: all of several",
        "10.6.4, 13.4.1",
        nodes("startEvent", "s") + nodes("parallelGateway", "x") + users("a", "b") + flows("s x a e", "x b e"),
    ),
    _gateway("parallel.join", "Parallel gateway: waits for all", "13.4.1", _join(nodes("parallelGateway", "x"))),
    _gateway(
        "parallel.mixed",
        "Parallel gateway: joins and splits",
        "13.4.1",
        _mixed("parallelGateway", nodes("parallelGateway", "x")),
    ),
    _gateway("eventBased.message", "Event gateway: message", "10.6.6, 13.4.4", _after_event(_CATCH, strokes.MESSAGE)),
    _gateway(
        "eventBased.timer",
        "Event gateway: timer",
        "10.6.6, 13.4.4",
        _after_event(_CATCH, strokes.timer("timeDuration", "PT1H")),
    ),
    _gateway("eventBased.signal", "Event gateway: signal", "10.6.6, 13.4.4", _after_event(_CATCH, strokes.SIGNAL)),
    _gateway(
        "eventBased.conditional",
        "Event gateway: condition",
        "10.6.6, 13.4.4",
        _after_event(_CATCH, strokes.CONDITIONAL),
    ),
    _gateway("eventBased.receiveTask", "Event gateway: receive task", "10.6.6", _after_event("receiveTask", "")),
    _gateway(
        "eventBased.multiple",
        "Event gateway: multiple event",
        "10.6.6",
        _after_event(_CATCH, strokes.SIGNAL + strokes.timer("timeDuration", "PT1H")),
    ),
    _gateway("eventBased.instantiate", "Event gateway that starts the process", "10.6.6", _instantiating("Exclusive")),
    _gateway(
        "eventBased.parallel",
        "Parallel event gateway that starts the process",
        "10.6.6",
        _instantiating("Parallel"),
    ),
    _gateway(
        "complex.split",
        "Complex gateway: splits by conditions",
        "10.6.5, 13.4.5",
        _split("complexGateway"),
    ),
    _gateway(
        "complex.join",
        "Complex gateway: activation condition, reset by the rest",
        "13.4.5",
        _join(node("complexGateway", "x", _ACTIVATION)),
    ),
)
