"""Catalogues: read from the .po files at start-up, so nothing has to be compiled and nothing can be stale.

Domain `messages` holds the pages' own words, every `Text(…)` and the labels of register definitions; domain
`processes` the names that process owners write into diagrams, decisions and forms.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

LOCALES = Path(__file__).parent.parent / "locale"
LANGUAGES = {"en": "English", "zh_CN": "中文"}


def language() -> str:
    """Return the reader's language by our name for it; Babel calls `zh_CN` “zh_Hans_CN”."""
    locale = get_locale()
    return "zh_CN" if locale is not None and locale.language == "zh" else "en"


class Catalogue(Domain):
    """A gettext domain of ours; unknown languages and unknown strings stay English."""

    def get_translations(self) -> NullTranslations:
        return read(language(), self.domain[0])


def translator(language: str) -> Callable[[str], str]:
    """How our own words are said in a language, outside of any request."""
    return read(language, "messages").gettext


@cache
def read(language: str, domain: str) -> NullTranslations:
    """Read one catalogue; a language without one is English."""
    source = LOCALES / language / "LC_MESSAGES" / f"{domain}.po"
    if not source.exists():
        return NullTranslations()
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language, domain=domain)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=domain)


MESSAGES = Catalogue(domain="messages")
PROCESSES = Catalogue(domain="processes")


def process_text(source: str | None) -> str:
    """Translate a name from a diagram, a decision or a form into the reader's language."""
    return str(PROCESSES.gettext(source)) if source else ""


def label_text(source: str | None) -> str:
    """Translate a word of ours that stands in data: a register's label, a state, a role."""
    return str(MESSAGES.gettext(source)) if source else ""
