"""The small part of Markdown that a form's notes may use: headings, lists, **bold**, *italic*, `code`, links."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

HEADING = 2  # `#` becomes <h3>: the page has the first two levels
LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(((?:https?://|mailto:|/(?!/)|#)[^()\s]{0,500})\)")
STYLES = (
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*\n]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*\n]+)\*"), r"<em>\1</em>"),
)
ITEM = re.compile(r"(?:[-*]|(\d{1,3})[.)]) +(.*)")


def markdown(text: str) -> Markup:
    """Turn a note into HTML; everything is escaped first, so nothing but these marks has any effect."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return Markup("\n").join(part for block in blocks for part in _block(block.split("\n")))


def _block(lines: list[str]) -> list[Markup]:
    parts: list[Markup] = []
    plain: list[Markup] = []
    items: list[Markup] = []
    ordered = False

    def close() -> None:
        if plain:
            parts.append(Markup("<p>{}</p>").format(Markup("<br>").join(plain)))
        if items:
            frame = Markup("<ol>{}</ol>") if ordered else Markup("<ul>{}</ul>")
            parts.append(frame.format(Markup().join(items)))
        plain.clear()
        items.clear()

    for line in (line.strip() for line in lines):
        heading = re.match(r"(#{1,4}) +(.*)", line)
        item = ITEM.fullmatch(line)
        if heading:
            close()
            level = min(len(heading[1]) + HEADING, 6)
            parts.append(Markup("<h{0}>{1}</h{0}>").format(level, _inline(heading[2])))
        elif item:
            if not items:
                close()
                ordered = item[1] is not None
            items.append(Markup("<li>{}</li>").format(_inline(item[2])))
        elif line:
            if items:
                close()
            plain.append(_inline(line))
    close()
    return parts


def _inline(text: str) -> Markup:
    html, at = "", 0
    for link in LINK.finditer(text):
        html += _styled(text[at : link.start()])
        html += f'<a href="{escape(link[2])}">{_styled(link[1])}</a>'
        at = link.end()
    return Markup(html + _styled(text[at:]))  # noqa: S704  every piece is escaped


def _styled(text: str) -> str:
    html = str(escape(text))
    for pattern, replacement in STYLES:
        html = pattern.sub(replacement, html)
    return html
