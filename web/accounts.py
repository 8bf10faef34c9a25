"""The signed-in person: loading from the session, checking a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from flask_login import LoginManager, UserMixin

from engine import User
from web.context import clock, parts

if TYPE_CHECKING:
    from registers import Person


class Account(UserMixin):
    """A person with a session."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        return self.user.id


def load(user_id: str) -> Account | None:
    """Find the person of a session; somebody who has left is nobody."""
    return _account(parts().registers.people.load(user_id, at=clock().now()))


def authenticate(login: str, password: str) -> Account | None:
    """Return the person behind a login and password, None when they don't fit."""
    return _account(parts().registers.people.authenticate(login, password, at=clock().now()))


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
