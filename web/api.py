"""`/api/v1` for machines: alerts and messages in, an incident's state out. Tokens instead of sessions, so no CSRF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import SYSTEM, Conflict, Text
from registers import RecordNotFound
from web.access import token
from web.alerts import (
    OPTIONAL_ALERT,
    OPTIONAL_MESSAGE,
    REQUIRED_ALERT,
    REQUIRED_MESSAGE,
    any_object,
    message_id,
    read_fields,
    text_up_to,
)
from web.context import clock, engine, parts
from web.facts import plain_value
from web.formwork import references
from web.json_bodies import posted_object
from web.offers import offers
from web.protection import csrf, limiter

if TYPE_CHECKING:
    from engine import Delivery
    from registers import Record, Registers

area = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(area)
limiter.limit("600 per minute")(area)
ALERT = "monitoring.alert"


@area.post("/alerts")
@token("alerts")
def alert() -> ResponseReturnValue:
    """Open an incident for an alert, or merge it into the one that is open already."""
    alert = read_fields(posted_object(), REQUIRED_ALERT, OPTIONAL_ALERT)
    return delivered(engine().correlate(ALERT, variables=alert, message_id=message_id()))


@area.post("/messages")
@token("messages")
def message() -> ResponseReturnValue:
    """Pass a message to the case that waits for it, to the process it starts, or to the inbox."""
    posted = read_fields(posted_object(), REQUIRED_MESSAGE, OPTIONAL_MESSAGE)
    variables = posted["variables"] or {}
    if offer := offers().get(posted["name"]):  # what people fill in a form for, machines fill in too
        variables = offer.form.validate(variables, context={"__now__": clock().now()}, references=references())
    return delivered(
        engine().correlate(posted["name"], key=posted["key"], variables=variables, message_id=message_id())
    )


@area.post("/signals")
@token("messages")
def signal() -> ResponseReturnValue:
    """Broadcast a signal: to every case that waits for it now, and to the processes it starts."""
    posted = read_fields(posted_object(), {"name": text_up_to(200)}, {"variables": any_object})
    return jsonify({"cases": len(engine().broadcast(posted["name"], posted["variables"] or {}))}), 202


@area.post("/announcements")
@token("messages")
def announcement() -> ResponseReturnValue:
    """Tell what is true of the world now: processes with a conditional start may begin."""
    posted = read_fields(posted_object(), {"variables": any_object}, {})
    return jsonify({"cases": len(engine().announce(posted["variables"]))}), 202


@area.get("/incidents/<number>")
@token("records")
def incident(number: str) -> ResponseReturnValue:
    """Tell an incident's state, fields and clocks."""
    with parts().registers.begin(None, clock().now()) as registers:
        record = incident_of(registers, number)
        clocks = registers.sla.of(number)
    return jsonify(
        {
            "number": record.number,
            "state": record.state,
            "created_at": record.created_at.isoformat(),
            "updated_at": record.updated_at.isoformat(),
            "fields": {name: as_json(value) for name, value in record.fields.items()},
            "clocks": {
                metric: {"state": str(one.state), "due_at": one.due_at.isoformat(), "breached": one.breached}
                for metric, one in clocks.items()
            },
        }
    )


@area.post("/incidents/<number>/close")
@token("records")
def close(number: str) -> ResponseReturnValue:
    """Refuse: an incident is closed by its process, after restoration and call-back."""
    with parts().registers.begin(None, clock().now()) as registers:
        record = incident_of(registers, number)
    text = "{number} is {state}. It is closed by its process, after restoration is confirmed and the customer called."
    raise Conflict(Text(text, number=number, state=record.state))


def incident_of(registers: Registers, number: str) -> Record:
    """Return an incident; other registers are not this address's to show. Raises RecordNotFound."""
    record = registers.load([number]).get(number)
    if record is None or record.register != "incident":
        raise RecordNotFound(Text("there is no record {number}", number=number))
    return record


def delivered(delivery: Delivery) -> ResponseReturnValue:
    """Answer where a message went: 202 for a new arrival, 200 for one that was known already."""
    instance = engine().instance(delivery.instance_id, by=SYSTEM) if delivery.instance_id else None
    answer: dict[str, Any] = {"outcome": str(delivery.outcome)}
    if instance is not None:
        answer["number"] = instance.business_key
        answer["case"] = url_for("instances.show", instance_id=instance.id)
        merged = instance.variables.get("duplicate_of")
        if merged:
            answer["merged_into"] = merged
    else:
        answer["detail"] = gettext("Nobody waits for this message yet; it is kept in the inbox.")
    return jsonify(answer), 200 if delivery.repeated else 202


def as_json(value: Any) -> Any:
    """Write a field for machines: numbers, texts and truth values as they are, times in ISO 8601."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [as_json(inner) for inner in value]
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else plain_value(value)
