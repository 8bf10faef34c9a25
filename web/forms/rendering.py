"""Forms as HTML that works without JavaScript; htmx only spares people a click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from engine import Answer, Field, FieldType, Form, References, Text
from web.forms.display import entry_text, read_text, rows_to_read
from web.forms.posted import REFRESH, SHOWN, Posted, read_posted, shown_keys
from web.forms.presenting import Presenter
from web.forms.words import Speaker, Translate

LOCAL = ZoneInfo("Asia/Shanghai")
SUGGESTIONS = 20
Functions = Mapping[str, Callable[..., Any]]

templates = Environment(
    loader=PackageLoader("web", "templates/forms"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_form(
    form: Form,
    values: Mapping[str, Any],
    errors: Mapping[str, Sequence[Text]],
    *,
    context: Mapping[str, Any],
    references: References,
    gettext: Translate,
    translate: Translate,
    action_fields: Mapping[str, str] | None = None,
    refresh_url: str | None = "",
    search_url: Callable[[str], str] | None = None,
    functions: Functions | None = None,
    timezone: tzinfo = LOCAL,
    body_id: str = "form-body",
) -> Markup:
    """Draw the inside of a `<form method="post" novalidate>`: everything but the caller's own buttons.

    `values` are typed (`form.defaults(…)`) or as posted (`read_posted(…)`), then shown as typed; `errors` come from
    InvalidForm. `gettext` translates our words, `translate` the form author's. `action_fields` become hidden inputs.
    `refresh_url` takes the post when an answer changes what is asked (empty: the page's own address; None: no htmx);
    the answer may be the whole page, `#<body_id>` is taken out of it. `search_url(register)` answers with
    `render_suggestions` while somebody types into a large register.
    """
    calls = functions or {}
    shown = _with_blank_rows(form, values)
    sheet = form.fill(shown, context=context, references=references, functions=calls, timezone=timezone)

    def allowed(field: Field, key: str) -> bool:
        return form.may_pick(field, key, context=context, references=references, functions=calls)

    speaker = Speaker(gettext, translate)
    presenter = Presenter(form, sheet, errors, references, speaker, timezone, search_url, allowed)
    lines = presenter.lines()
    return Markup(  # noqa: S704  the template escapes
        templates.get_template("form.html").render(
            body_id=body_id,
            lines=lines,
            problems=presenter.problems(),
            datalists=list(presenter.datalists.values()),
            hidden={**(action_fields or {}), SHOWN: ",".join(presenter.shown())},
            refresh_url=refresh_url,
            refreshing=bool(form.triggers),
            refresh_name=REFRESH,
            words=speaker.all_words(),
        )
    )


def render_values(
    form: Form,
    values: Mapping[str, Any],
    *,
    references: References,
    gettext: Translate,
    translate: Translate,
    timezone: tzinfo = LOCAL,
) -> Markup:
    """Draw kept values for reading, in the form's order; fields without a key in `values` are left out."""
    speaker = Speaker(gettext, translate)

    def said(field: Field, value: Any) -> str:
        return read_text(field, value, references=references, speaker=speaker, timezone=timezone)

    entries = []
    for field in form.fields:
        if field.key not in values:
            continue
        rows = rows_to_read(values[field.key]) if field.type is FieldType.TABLE else []
        entries.append(
            {
                "label": speaker.form(field.label),
                "text": "" if rows else said(field, values[field.key] if field.type is not FieldType.TABLE else None),
                "lines": field.type is FieldType.AREA,
                "headings": [speaker.form(column.label) for column in field.columns] if rows else [],
                "rows": [[said(column, row.get(column.key)) for column in field.columns] for row in rows],
            }
        )
    return Markup(templates.get_template("values.html").render(entries=entries))  # noqa: S704  the template escapes


def render_suggestions(references: References, register: str, args: Mapping[str, str]) -> Markup:
    """Answer a picker's search with `<option>`s; `args` are the query's, `_field` names what was typed into."""
    text = str(args.get(args.get("_field", "q"), ""))[:200].strip()
    found = references.search(register, text, SUGGESTIONS) if text else []
    return Markup().join(Markup('<option value="{}"></option>').format(entry_text(*entry)) for entry in found)


def unseen_fields(
    form: Form,
    posted: Posted,
    *,
    context: Mapping[str, Any],
    functions: Functions | None = None,
    timezone: tzinfo = LOCAL,
) -> list[Field]:
    """Return fields that the answers bring up but that the person wasn't shown (no JavaScript, no refresh).

    If there are any, show the form again instead of submitting: nobody should answer what they haven't seen. The
    registers aren't asked: whatever stands in a picker counts as picked.
    """
    shown = shown_keys(posted)
    if shown is None or not form.triggers:
        return []
    values = read_posted(form, posted)
    sheet = form.fill(values, context=context, references=_Anything(), functions=functions or {}, timezone=timezone)
    return [a.field for key, a in sheet.answers.items() if key not in shown and _is_asked(a)]


def _is_asked(answer: Answer) -> bool:
    return not answer.hidden and not answer.readonly


def _with_blank_rows(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    blank: dict[str, list[dict[str, Any]]] = {
        f.key: [{}] * max(1, f.initial_rows) for f in form.fields if f.type is FieldType.TABLE and not f.readonly
    }
    return {**values, **{key: rows for key, rows in blank.items() if not values.get(key)}}


class _Anything:
    """Registers that hold whatever they are asked for."""

    def exists(self, register: str, key: str) -> bool:
        return True

    def label(self, register: str, key: str) -> str:
        return key

    def search(self, register: str, text: str, limit: int) -> list[tuple[str, str]]:
        return []

    def fields(self, register: str, key: str) -> dict[str, Any]:
        return {}
