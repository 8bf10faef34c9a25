"""Records and people that a form field points to, and how typed text becomes one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

CANDIDATES = 20  # entries offered when typed text fits several


class References(Protocol):
    """What a form may ask about the registers; people are register `user`."""

    def exists(self, register: str, key: str) -> bool:
        """Tell whether the register holds this key."""
        ...

    def label(self, register: str, key: str) -> str:
        """Return what people call the record; the key itself where it is unknown."""
        ...

    def search(self, register: str, text: str, limit: int) -> Sequence[tuple[str, str]]:
        """Return (key, label) of records that fit the text, best first; an empty text fits all."""
        ...

    def fields(self, register: str, key: str) -> Mapping[str, Any]:
        """Return the record's fields; asked for only where a form field has a `filter`."""
        ...


@dataclass(frozen=True, slots=True)
class Pick:
    """What typed text stands for: one `key`, or None with the `candidates` (key, label) that it may mean."""

    key: str | None
    candidates: tuple[tuple[str, str], ...] = ()


def pick(text: str, *, register: str, references: References, allowed: Callable[[str], bool]) -> Pick:
    """Find the record that typed text means: `label (key)`, its key, its exact label or a unique beginning.

    The first is what a browser posts for a picked record; it costs one question to the register.

    Several that fit, or one that merely contains the text, are candidates: a person has to choose.
    """
    for key in (*re.findall(r"\(([^()]+)\)$", text), text):
        if references.exists(register, key) and allowed(key):
            return Pick(key)
    found = [(key, label) for key, label in references.search(register, text, CANDIDATES * 2) if allowed(key)]
    wanted = text.casefold()
    exact = [key for key, label in found if wanted in (label.casefold(), key.casefold())]
    begins = [key for key, label in found if label.casefold().startswith(wanted) or key.casefold().startswith(wanted)]
    for keys in (exact, begins):
        if len(keys) == 1:
            return Pick(keys[0])
    return Pick(None, tuple(found[:CANDIDATES]))
