"""Sentences for people that are translated where they are shown, not where they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, init=False)
class Text:
    """An English template with named values; `render(gettext)` gives it in the reader's language.

    Templates use `str.format` field names only (`{element}`), and are collected for the catalogues by the name `Text(`.
    """

    template: str
    values: tuple[tuple[str, object], ...] = field(default=())

    def __init__(self, template: str, /, **values: object) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "values", tuple(values.items()))

    def render(self, gettext: Callable[[str], str]) -> str:
        """Translate the template, then fill in the values (nested texts are translated too)."""
        if not self.values:
            return gettext(self.template)
        filled = {k: v.render(gettext) if isinstance(v, Text) else v for k, v in self.values}
        return gettext(self.template).format(**filled)

    def __str__(self) -> str:
        return self.render(lambda template: template)
