"""Protection of every page: CSRF, throttling, session cookies and the headers that browsers enforce."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect


class Sessions(SecureCookieSessionInterface):
    """Session cookies that are Secure whenever the request came over https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Keep session cookies off files that shared caches may store."""
        return request.endpoint != "static" and super().should_set_cookie(app, session)


UNUSED_SESSION = timedelta(hours=12)  # a session that isn't used for so long is over
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://", headers_enabled=True)

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# bpmn-js sets style attributes in the HTML of its mark and tools; only pages with a diagram allow them.
DIAGRAM_POLICY = POLICY | {"style-src": "'self' 'unsafe-inline'"}


def content_policy() -> str:
    """Write the content security policy for the page that was just rendered."""
    policy = DIAGRAM_POLICY if g.get("diagram") else POLICY
    return "; ".join(f"{name} {sources}" for name, sources in policy.items())


def allow_diagram() -> str:
    """Note that the page being rendered shows a diagram."""
    g.diagram = True
    return ""


def protect(response: Response) -> Response:
    """Set the security headers."""
    headers = response.headers
    headers["Content-Security-Policy"] = content_policy()
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response


def register_protection(app: Flask) -> None:
    """Protect the application."""
    app.config.setdefault("SESSION_COOKIE_HTTPONLY", True)
    app.config["SESSION_COOKIE_SAMESITE"] = app.config.get("SESSION_COOKIE_SAMESITE") or "Lax"
    app.config.setdefault("MAX_CONTENT_LENGTH", 2 * 1024 * 1024)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_CONTENT_LENGTH"] or 2 * 1024 * 1024
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: a form may stand open over lunch
    app.config["PERMANENT_SESSION_LIFETIME"] = UNUSED_SESSION
    app.session_interface = Sessions()
    csrf.init_app(app)
    limiter.init_app(app)
    app.add_template_global(allow_diagram)
    app.after_request(protect)
