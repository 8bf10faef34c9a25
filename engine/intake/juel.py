"""Simple expressions of other engines' languages, translated to FEEL when both can only mean the same.

JUEL (JSR 245, chapter 1) is what Camunda 7, Flowable and Activiti write: `${amount > 5 && !approved}`. Of JavaScript,
Groovy, MVEL, Java, Python and XPath only what they share with it is read: names, paths, literals, comparison, logic,
numbers. Where null is concerned, JUEL's rules are kept: it takes null for false, also under a negation, which FEEL
doesn't. Whatever is left is refused, with the FEEL to write where it can be derived.
"""

from __future__ import annotations

import re

from engine.intake.juel_parser import JAVA, JUEL, PLAIN, PYTHON, XPATH, Parser, Untranslatable, quoted
from engine.texts import Text

__all__ = ["JUEL", "PLAIN", "Untranslatable", "has_juel", "is_juel", "language_of", "translate"]

# A part of the name that a file gives a language → the language. What isn't listed is not translated at all.
_LANGUAGES = {
    "juel": JUEL,
    "javascript": "JavaScript",
    "ecmascript": "JavaScript",
    "groovy": "Groovy",
    "mvel": "MVEL",
    "java": JAVA,
    "python": PYTHON,
    "xpath": XPATH,
}
_WRAPPED = re.compile(r"[$#]\{(.*)\}", re.DOTALL)
_PIECE = re.compile(r"[$#]\{([^{}]*)\}")


def language_of(name: str) -> str | None:
    """The language that a file's name for it stands for; None for one that nothing is translated from."""
    name = name.lower()
    return next((language for part, language in _LANGUAGES.items() if part in name), None)


def is_juel(text: str) -> bool:
    """Whether a text is JUEL as a whole: `${…}` or `#{…}`."""
    return _WRAPPED.fullmatch(text.strip()) is not None


def has_juel(text: str) -> bool:
    """Whether there is JUEL in a text."""
    return _PIECE.search(text) is not None or is_juel(text)


def translate(text: str, language: str = JUEL) -> str:
    """Return FEEL that means the same as a text in another language; `PLAIN` is for one that names none.

    Raises Untranslatable.
    """
    text = text.strip()
    piece, wrapped = _PIECE.search(text), _WRAPPED.fullmatch(text)
    if piece is not None and piece[0] != text:
        raise _composite(text)
    if wrapped is not None:
        text, language = wrapped[1], JUEL
    if language not in (JUEL, PLAIN, XPATH, PYTHON):
        text = text.removeprefix("return ").rstrip("; \n")
    parser = Parser(text, language)
    feel = parser.whole().feel
    if parser.doubt is not None:
        raise Untranslatable(parser.doubt, feel)
    return feel


def _composite(text: str) -> Untranslatable:
    reason = Text("it joins a text and expressions")
    if re.search(r"==|!=|[<>]|&&|\|\|", _PIECE.sub("", text)):
        return Untranslatable(reason)
    parts: list[str] = []
    end = 0
    for piece in _PIECE.finditer(text):
        try:
            inside = translate(piece[1])
        except Untranslatable:
            return Untranslatable(reason)
        parts += [quoted(text[end : piece.start()])] if text[end : piece.start()] else []
        parts.append(f"string({inside})")
        end = piece.end()
    parts += [quoted(text[end:])] if text[end:] else []
    return Untranslatable(reason, " + ".join(parts))
