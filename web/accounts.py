"""The signed-in person: loading from the session, checking a password."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Flask, session
from flask_login import LoginManager, UserMixin, login_user, logout_user

from engine import User
from web.context import clock, parts

if TYPE_CHECKING:
    from registers import Person


SESSION_ID = "sid"


class Account(UserMixin):
    """A person with a session."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        return self.user.id


def load(user_id: str) -> Account | None:
    """Find the person of a session; somebody who has left is nobody, and so is whoever holds an ended session."""
    return _account(parts().registers.people.load(user_id, at=clock().now(), session=session.get(SESSION_ID)))


def authenticate(login: str, password: str) -> Account | None:
    """Return the person behind a login and password, None when they don't fit."""
    return _account(parts().registers.people.authenticate(login, password, at=clock().now()))


def begin_session(account: Account) -> None:
    """Sign somebody in under a new session; nothing of what the browser had before is kept."""
    session.clear()
    session[SESSION_ID] = secrets.token_urlsafe(16)
    session.permanent = True  # until it isn't used for as long as `PERMANENT_SESSION_LIFETIME`
    login_user(account)


def end_session() -> None:
    """Sign out: here, and wherever a copy of the cookie may be."""
    if SESSION_ID in session:
        parts().registers.people.end_session(session[SESSION_ID], now=clock().now())
    logout_user()
    session.clear()


def _account(person: Person | None) -> Account | None:
    if person is None:
        return None
    return Account(User(person.id, person.name, person.roles, person.locale))


def register_accounts(app: Flask) -> None:
    """Set up Flask-Login."""
    manager = LoginManager()
    manager.session_protection = "basic"
    manager.user_loader(load)
    manager.init_app(app)
