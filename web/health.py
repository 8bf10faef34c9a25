"""Health: whether the process answers, and whether it could do work."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from web.access import public
from web.context import clock, engine

area = Blueprint("health", __name__)


@area.get("/health")
@public
def alive() -> ResponseReturnValue:
    """Answer when the database does; a broken database is a 500."""
    engine().next_due()
    return jsonify({"status": "ok", "time": clock().now().isoformat(timespec="seconds")})
