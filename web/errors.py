"""Every refusal as a page or as problem+json; one table says which status it is."""

from __future__ import annotations

import secrets

from flask import Flask, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, refresh
from flask_babel import lazy_gettext as later
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine import Conflict, EngineError, ExecutionError, InvalidDiagram, InvalidForm, NotAllowed, NotFound, Unavailable
from web.addresses import came_from
from web.languages import said

STATUS: tuple[tuple[type[EngineError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (NotAllowed, 403),
    (InvalidForm, 422),
    (InvalidDiagram, 422),
    (ExecutionError, 422),
    (Unavailable, 503),
)
TITLES = {
    400: later("The request could not be read"),
    401: later("Please sign in"),
    403: later("This is not allowed"),
    404: later("There is nothing here"),
    405: later("This page can't be used that way"),
    409: later("Somebody was quicker"),
    413: later("That is too large"),
    415: later("This kind of content isn't understood"),
    422: later("Something needs correcting"),
    429: later("Too many attempts"),
    500: later("Something broke on our side"),
    503: later("Not ready"),
}
SENTENCES = {
    404: later("The address is wrong, or the thing it names doesn't exist for you."),
    405: later("Go back and use the buttons of the page."),
    413: later("What was sent exceeds the limit of this page. Nothing was stored."),
    503: later("The database can't answer for the moment. Nothing was stored: go back and try again in a minute."),
    429: later("Wait a few minutes, then try again."),
}


def status_of(error: EngineError) -> int:
    """Return the HTTP status of a refusal; one that the table doesn't know is a defect (500)."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def refuse(status: int, detail: str, **more: object) -> ResponseReturnValue:
    """Answer with a page for people or problem+json for machines (RFC 9457)."""
    title = str(TITLES.get(status) or TITLES[400])
    if request.path.startswith("/api/"):
        answer = jsonify({"type": "about:blank", "title": title, "status": status, "detail": detail, **more})
        answer.content_type = "application/problem+json"
        return answer, status
    return render_template("errors/page.html", status=status, title=title, detail=detail, **more), status


def on_engine_error(error: EngineError) -> ResponseReturnValue:
    """Show what the engine or the registers refused, with the rule or the fields."""
    status = status_of(error)
    if status == 500:
        return on_defect(error)
    if status == 503:
        return on_trouble(error)
    more: dict[str, object] = {}
    if isinstance(error, NotAllowed):
        more["rule"] = error.rule
    if isinstance(error, InvalidForm):
        more["errors"] = {field: [said(text) for text in texts] for field, texts in error.errors.items()}
    return refuse(status, said(error.text), **more)


def on_http_error(error: HTTPException) -> ResponseReturnValue:
    """Show an HTTP error in our words."""
    status = error.code or 500
    own = error.description if status in {400, 401, 403, 415, 422, 503} else None
    answer = refuse(status, own or str(SENTENCES.get(status, "")))
    response = current_app.make_response(answer)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    for name, value in error.get_headers():
        if name in {"Retry-After", "Allow"}:
            response.headers[name] = value
    return response


def on_csrf_error(error: CSRFError) -> ResponseReturnValue:
    """Lead to the door when the session has ended meanwhile; otherwise explain a form that came without its mark."""
    in_the_background = request.headers.get("HX-Request") == "true"  # following a redirect would replace the form
    if not current_user.is_authenticated and request.endpoint != "auth.enter" and not in_the_background:
        flash(gettext("You were signed out meanwhile. Sign in, then fill in the form again."), "soon")
        return redirect(url_for("auth.login", next=came_from()))
    return refuse(400, gettext("This form has expired or came from another site. Open the page again and repeat."))


def on_trouble(error: EngineError) -> ResponseReturnValue:
    """Ask for patience while the database is locked, full or gone; the reason is for the log."""
    keep_off_database()
    current_app.logger.error("unavailable on %s %s: %s", request.method, request.path, error)
    response = current_app.make_response(refuse(503, str(SENTENCES[503])))
    response.headers["Retry-After"] = "30"
    return response


def keep_off_database() -> None:
    """Let the page be rendered without asking the database, not even who is asking: it may be what is broken."""
    g._login_user = AnonymousUserMixin()
    refresh()


def on_defect(error: Exception) -> ResponseReturnValue:
    """Record a defect under an id that the person can tell us."""
    error_id = secrets.token_hex(4)
    keep_off_database()
    current_app.logger.error("error %s on %s %s", error_id, request.method, request.path, exc_info=error)
    detail = gettext("Nothing was changed. If it happens again, tell the operators this number: %(id)s", id=error_id)
    return refuse(500, detail, error_id=error_id)


def register_errors(app: Flask) -> None:
    """Answer every error ourselves."""
    app.register_error_handler(EngineError, on_engine_error)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_defect)
