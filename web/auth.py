"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from web.access import public
from web.accounts import authenticate, begin_session, end_session
from web.addresses import safe_next
from web.devices import remember, tried_address, tried_login
from web.protection import limiter

area = Blueprint("auth", __name__)


def failed(response: Response) -> bool:
    """Count only attempts that failed."""
    return response.status_code == 422


@area.get("/login")
@public
def login() -> ResponseReturnValue:
    """Show the door."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return render_template("auth/login.html", login="", next=request.args.get("next", ""), failed=False)


@area.post("/login")
@limiter.limit("20 per 5 minutes", key_func=tried_address, deduct_when=failed)
@limiter.limit("5 per 5 minutes", key_func=tried_login, deduct_when=failed)
@public
def enter() -> ResponseReturnValue:
    """Open the door for the right password."""
    name = request.form.get("login", "").strip()
    account = authenticate(name, request.form.get("password", ""))
    if account is None:
        wanted = request.form.get("next", "")
        return render_template("auth/login.html", login=name, next=wanted, failed=True), 422
    begin_session(account)
    response = current_app.make_response(redirect(safe_next(request.form.get("next"))))
    remember(response, account.get_id())
    return response


@area.post("/logout")
def leave() -> ResponseReturnValue:
    """Close the door behind the person."""
    end_session()
    return redirect(url_for("auth.login"))
