"""Addresses: where to go back to safely, and the same page with other filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, url_for
from werkzeug.routing import IntegerConverter


class IdConverter(IntegerConverter):
    """`<int:…>` in an address: what a database can hold; a longer number names nothing (404)."""

    LARGEST = 2**63 - 1

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"max": self.LARGEST, **options})


def is_ours(target: str) -> bool:
    """Tell whether an address stays on this site: a plain path, no host, no scheme, no trick with slashes."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or any(ord(c) < 32 or c == "\\" for c in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def safe_next(target: str | None) -> str:
    """Return the address if it is ours, the inbox otherwise."""
    return target if target and is_ours(target) else url_for("inbox.index")


def back() -> str:
    """Return the page a form was posted from, as its hidden `next` field says."""
    return safe_next(request.form.get("next"))


def came_from() -> str | None:
    """Return the path of our page that a request came from, None when the browser doesn't say or it isn't ours."""
    page = urlsplit(request.referrer or "")
    return page.path if page.netloc == request.host and is_ours(page.path) else None


def here() -> str:
    """Return the present page's path and query, for a form's `next` field."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def with_query(**changes: object) -> str:
    """Return the present page with some query parameters changed; None and "" remove one."""
    query: dict[str, object] = {k: v for k, v in request.args.items() if k not in changes}
    query.update({k: v for k, v in changes.items() if v not in (None, "")})
    return url_for(request.endpoint or "inbox.index", **{**(request.view_args or {}), **query})


def register_addresses(app: Flask) -> None:
    """Read ids in addresses safely, and give the address functions to the templates."""
    app.url_map.converters["int"] = IdConverter
    app.add_template_global(here)
    app.add_template_global(with_query)
