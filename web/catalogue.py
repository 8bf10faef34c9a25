"""Keeps `locale/zh_CN/LC_MESSAGES/messages.po` in step with the code: `python -m web.catalogue`.

Collected are the pages' strings, every `Text(…)` of the house, and the labels in data files: register definitions and
roles (which bring their own Chinese), and the messages that people may send.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from registers import load_definitions, roles

ROOT = Path(__file__).parent.parent
CHINESE = ROOT / "locale" / "zh_CN" / "LC_MESSAGES" / "messages.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "later": None,
    "Text": None,
}
BEGUN = datetime(2026, 11, 22, tzinfo=UTC)  # the catalogue's dates say nothing that git doesn't


def extract() -> Catalog:
    """Collect every string of domain `messages`, those of the register labels with their translations."""
    catalogue = Catalog(
        locale="zh_CN", domain="messages", project="Guicheng", version="0.1", fuzzy=False,
        copyright_holder="the Guicheng authors", creation_date=BEGUN, revision_date=BEGUN,
        header_comment="# Chinese for Guicheng's own words. Kept in step by `python -m web.catalogue`.",
        last_translator="the Guicheng authors", language_team="zh_CN",
    )  # fmt: skip
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    for room in ("engine", "handlers", "registers", "web"):
        folder = ROOT / room
        found = extract_from_dir(
            str(folder), [(p.removeprefix(f"{room}/"), m) for p, m in methods if p.startswith(f"{room}/")],
            {p.removeprefix(f"{room}/"): o for p, o in options.items()}, KEYWORDS,
        )  # fmt: skip
        for name, _line, message, _comments, _context in found:
            catalogue.add(message, locations=[(f"{room}/{name}", 0)])
    for english, chinese, where in labels():
        catalogue.add(english, chinese, locations=[(where, 0)])
    return catalogue


def labels() -> Iterator[tuple[str, str, str]]:
    """Yield labels that stand in data: English, Chinese (empty where the data has none), and where."""
    for english, chinese in sorted(load_definitions().translations.items()):
        yield english, chinese, "registers/definitions"
    for role in roles().values():
        yield role.label, role.label_zh, "registers/organisation/roles.toml"
    offers = tomllib.loads((ROOT / "web" / "messages.toml").read_text("utf-8"))
    for offer in offers.values():
        yield offer["help"], "", "web/messages.toml"


def read_chinese() -> Catalog:
    """Read the catalogue as it is."""
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh_CN", domain="messages")


def bring_up_to_date() -> list[str]:
    """Write the catalogue anew: what is no longer used goes, what is new comes untranslated. Return what is missing."""
    fresh = extract()
    if CHINESE.exists():
        known = read_chinese()
        for message in fresh:
            old = known.get(message.id) if message.id else None
            if old is not None and not any(message.string or ""):
                message.string = old.string
    CHINESE.parent.mkdir(parents=True, exist_ok=True)
    with CHINESE.open("wb") as file:
        write_po(file, fresh, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return [str(m.id) for m in fresh if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]


if __name__ == "__main__":
    missing = bring_up_to_date()
    print("\n".join(missing) if missing else "complete")
    sys.exit(bool(missing))
