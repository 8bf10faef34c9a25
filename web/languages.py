"""Which language and which theme a page is shown in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import current_user

from engine import Text
from web.access import public
from web.addresses import back
from web.context import clock, parts
from web.translations import LANGUAGES, MESSAGES, label_text, language, process_text

THEMES = ("light", "dark")
A_YEAR = 365 * 24 * 3600

area = Blueprint("languages", __name__)


def chosen_language() -> str:
    """Decide by the reader's explicit choice, then the person's language, then what the browser asks for."""
    chosen = request.cookies.get("language")
    if chosen in LANGUAGES:
        return chosen
    if current_user.is_authenticated and current_user.user.locale in LANGUAGES:
        return str(current_user.user.locale)
    asked = request.accept_languages.best_match(["en", "zh-CN", "zh", "zh-Hans"], default="en")
    return "zh_CN" if asked.startswith("zh") else "en"


def said(text: Text | str | None) -> str:
    """Render a text of the engine's or registers' in the reader's language."""
    if text is None:
        return ""
    return text.render(gettext_plain) if isinstance(text, Text) else label_text(text)


def gettext_plain(template: str) -> str:
    """Translate without filling in values: `Text` does that itself. Names in diagrams have their own catalogue."""
    if not template:
        return ""
    translated = str(MESSAGES.get_translations().gettext(template))
    return translated if translated != template else process_text(template)


@area.post("/preferences")
@public
def change() -> ResponseReturnValue:
    """Remember the language or theme asked for and go back to the page."""
    response = redirect(back())
    keep: dict[str, Any] = {"max_age": A_YEAR, "samesite": "Lax", "httponly": True, "secure": request.is_secure}
    wanted, look = request.form.get("language"), request.form.get("theme")
    if wanted in LANGUAGES:
        response.set_cookie("language", wanted, **keep)
        if current_user.is_authenticated:
            remember_language(current_user.user.id, wanted)
    if look in THEMES:
        response.set_cookie("theme", look, **keep)
    elif look == "system":
        response.delete_cookie("theme")
    return response


def remember_language(user_id: str, wanted: str) -> None:
    """Keep the language with the person, for mails and for other browsers."""
    people = parts().registers.people
    people.save(replace(people.get(user_id, at=clock().now()), locale=wanted))


def theme() -> str | None:
    """Return the theme the reader chose, None to follow the system."""
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else None


def html_language() -> str:
    """Return the page's language for `<html lang>`."""
    return language().replace("_", "-")


def register_languages(app: Flask) -> None:
    """Set up Flask-Babel with our catalogues, and what templates need to speak."""
    babel = Babel(app, default_locale="en", locale_selector=chosen_language, default_timezone="Asia/Shanghai")
    babel.domain_instance = MESSAGES
    app.register_blueprint(area)
    app.add_template_filter(said)
    app.add_template_filter(process_text, "named")
    app.add_template_filter(label_text, "label")
    app.jinja_env.globals["LANGUAGES"] = LANGUAGES
    app.add_template_global(theme)
    app.add_template_global(html_language)
    app.add_template_global(language)
