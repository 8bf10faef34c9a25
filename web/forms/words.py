"""The few words of our own in a form, and how texts reach the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from engine import Text

Translate = Callable[[str], str]

WORDS = {
    "required": Text("required"),
    "choose": Text("Choose …"),
    "unanswered": Text("Not answered"),
    "none_of_these": Text("None of these: search again"),
    "several": Text("“{typed}” may mean:"),
    "another": Text("Add another"),
    "take_over": Text("Add"),
    "add_row": Text("Add a row"),
    "drop_row": Text("Remove row {number}"),
    "cell": Text("{column}, row {number}"),
    "refresh": Text("Update the form"),
    "refresh_hint": Text("Some questions depend on your answers."),
    "problems": Text("Please correct what is marked:"),
    "labelled": Text("{label}: {problem}"),
    "yes": Text("Yes"),
    "no": Text("No"),
    "nothing": Text("—"),
    "actions": Text("Actions"),
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one reader's language: our texts by `gettext`, the form's own by `translate`."""

    gettext: Translate
    translate: Translate

    def own(self, word: str, **values: object) -> str:
        """Return one of our words."""
        return Text(WORDS[word].template, **values).render(self.gettext)

    def form(self, text: str) -> str:
        """Return a text that the form's author wrote."""
        return self.translate(text) if text else ""

    def problem(self, text: Text) -> str:
        """Return a problem: one of ours, or a message that the author wrote into the form."""
        said = text.render(self.gettext)
        return self.form(said) if not text.values and said == text.template else said

    def all_words(self) -> SimpleNamespace:
        """Return our words without values, for the templates."""
        return SimpleNamespace(**{word: self.own(word) for word, text in WORDS.items() if "{" not in text.template})
