"""Who gets through the door: every route wants a signed-in person unless it says otherwise right where it stands.

`@public` opens a route to everybody; `@token("alerts")` asks machines for an API token with that scope instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import Unauthorized

from web.context import clock, parts

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC_ENDPOINTS = frozenset({"static"})


def public(view: View) -> View:
    """Open a route to everybody, signed in or not."""
    view.__access__ = "public"  # type: ignore[attr-defined]
    return view


def token(scope: str) -> Callable[[View], View]:
    """Let a route be used with an API token of this scope, and with nothing else."""

    def mark(view: View) -> View:
        view.__access__ = f"token:{scope}"  # type: ignore[attr-defined]
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> str:
    """Say what an endpoint asks for: `public`, `token:<scope>` or `person`."""
    if endpoint in PUBLIC_ENDPOINTS:
        return "public"
    return str(getattr(app.view_functions[endpoint], "__access__", "person"))


def guard() -> ResponseReturnValue | None:
    """Stop whoever may not pass before any view runs."""
    if request.endpoint is None:  # no such route: the 404 page tells nothing
        return None
    needed = access_of(current_app, request.endpoint)
    if needed.startswith("token:"):
        g.token = bearer(needed.removeprefix("token:"))
        return None
    if needed == "public" or current_user.is_authenticated:
        return None
    if request.headers.get("HX-Request") == "true":
        raise Unauthorized(gettext("Please sign in again."))  # the door must not appear inside a form
    wanted = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else None
    return redirect(url_for("auth.login", next=wanted if wanted != "/" else None))


def bearer(scope: str) -> Any:
    """Return the API token of the request. Raises Unauthorized without one that is good for the scope."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        raise Unauthorized(gettext("Send an API token: “Authorization: Bearer …”."))
    found = parts().registers.tokens.verify(secret.strip(), scope=scope, at=clock().now())
    if found is None:
        raise Unauthorized(gettext("This API token is unknown, expired, revoked or not for “%(scope)s”.", scope=scope))
    return found


def register_access(app: Flask) -> None:
    """Guard every route of the application."""
    app.before_request(guard)
