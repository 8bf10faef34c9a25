"""Browsers that a person has signed in from before.

Wrong passwords are counted by login and by address, so that nobody can guess for long. That alone would let a stranger
shut somebody out by guessing badly in their name. So a browser keeps a signed mark of who signed in on it, and with
that mark the attempts of this browser are counted apart from everybody else's.
"""

from __future__ import annotations

import secrets

from flask import Response, current_app, request
from flask_limiter.util import get_remote_address
from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE = "device"
HALF_A_YEAR = 180 * 24 * 3600


def tried_login() -> str:
    """Return what attempts are counted by: this browser if the login's person knows it, else the login."""
    login = request.form.get("login", "").strip().casefold()[:64]
    return _known(login) or f"login:{login}"


def tried_address() -> str:
    """Return what attempts are counted by: this browser if the login's person knows it, else the address."""
    login = request.form.get("login", "").strip().casefold()[:64]
    return _known(login) or get_remote_address()


def remember(response: Response, login: str) -> None:
    """Mark the browser as one that this person uses."""
    mark = _signer().dumps([login.casefold(), secrets.token_urlsafe(12)])
    secure = request.is_secure
    response.set_cookie(COOKIE, mark, max_age=HALF_A_YEAR, path="/login", httponly=True, samesite="Lax", secure=secure)


def _known(login: str) -> str | None:
    try:
        owner, mark = _signer().loads(request.cookies.get(COOKIE, ""), max_age=HALF_A_YEAR)
    except (BadData, ValueError, TypeError):
        return None
    return f"device:{mark}" if owner == login else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="device")
