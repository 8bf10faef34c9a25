"""The web application: areas as blueprints, one look, one door. `init_app(app)` puts all of it into a Flask app."""

from __future__ import annotations

from flask import Flask

from web import (
    api,
    auth,
    health,
    inbox,
    instances,
    operations,
    outbox,
    people,
    pickers,
    processes,
    records,
    tasks,
    viewer,
)
from web.access import register_access
from web.accounts import register_accounts
from web.addresses import register_addresses
from web.bundles import register_assets
from web.errors import register_errors
from web.facts import register_facts
from web.languages import register_languages
from web.protection import register_protection
from web.rail import register_rail
from web.times import register_filters
from web.words import register_words

AREAS = (auth, inbox, tasks, processes, instances, records, people, outbox, operations, pickers, viewer, health, api)
PARTS = (
    register_protection,
    register_accounts,
    register_languages,
    register_access,
    register_addresses,
    register_assets,
    register_filters,
    register_facts,
    register_words,
    register_rail,
    register_errors,
)

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Put pages, protection, languages and errors into an application whose parts stand in `app.extensions`."""
    for put in PARTS:
        put(app)
    for module in AREAS:
        app.register_blueprint(module.area)
