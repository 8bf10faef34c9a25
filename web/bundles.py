"""The built browser files by the names that templates use."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

DIST = Path(__file__).parent / "static" / "dist"
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def manifest() -> dict[str, str]:
    """Read which hashed file stands behind each name. Raises RuntimeError when nothing was built."""
    try:
        return dict(json.loads((DIST / "manifest.json").read_text("utf-8")))
    except FileNotFoundError as error:
        raise RuntimeError("web/static/dist is missing: run `node build.mjs` in web/assets (make run does)") from error


def asset(name: str) -> str:
    """Return the address of a built file, e.g. `site.css`."""
    return url_for("static", filename=f"dist/{manifest()[name]}")


def keep_for_ever(response: Response) -> Response:
    """Let browsers keep built files: their names change with their content."""
    if request.endpoint == "static" and request.path.startswith("/static/dist/") and response.status_code == 200:
        response.headers["Cache-Control"] = FOR_EVER
    return response


def register_assets(app: Flask) -> None:
    """Offer `asset()` to the templates."""
    app.add_template_global(asset)
    app.after_request(keep_for_ever)
