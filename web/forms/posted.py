"""What a browser posted → raw values for the form, whatever else was in the post."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.datastructures import MultiDict

from engine import ROW_LIMIT, Field, FieldType, Form

REFRESH = "_refresh"  # a condition's answer changed: show the form again
ADD = "_add"  # `_add=actions`: one more row
DROP = "_drop"  # `_drop=actions:2`: without that row
MORE = "_more"  # `_more=inform`: take over what was picked and offer another
SHOWN = "_shown"  # the keys of the fields that the browser was shown
ROWS = "-rows"  # `actions-rows=2`: rows shown, blank ones included
LISTED = (FieldType.MULTI, FieldType.REFS)


Posted = MultiDict[str, str]


def is_refresh(posted: Posted) -> bool:
    """Tell whether the person asked to see the form again (a condition, a row, one more pick) instead of submitting."""
    return any(name in posted for name in (REFRESH, ADD, DROP, MORE))


def read_posted(form: Form, posted: Posted) -> dict[str, Any]:
    """Return the raw values of the form's fields: text as typed, lists of texts, rows as dicts.

    A field that was shown and came back without a value (an unticked checkbox) is empty; one that the browser never
    saw is left out, and the engine takes it as it opened. Rows are added and dropped as the buttons say. Other names
    in the post are not looked at.
    """
    shown = shown_keys(posted)
    values: dict[str, Any] = {}
    for field in form.fields:
        if field.type is FieldType.TABLE:
            rows = _rows(field, posted, complete=shown is not None)
            if rows is not None or (shown is not None and field.key in shown):
                values[field.key] = _changed(field, rows or [], posted)
        elif field.key in posted:
            values[field.key] = _value(field, field.key, posted)
        elif shown is not None and field.key in shown:
            values[field.key] = _empty(field)
    return values


def shown_keys(posted: Posted) -> frozenset[str] | None:
    """Return which fields the browser was shown; None where the client doesn't say (no browser of ours)."""
    return frozenset(posted.get(SHOWN, "").split(",")) if SHOWN in posted else None


def _value(field: Field, name: str, posted: Posted) -> Any:
    if field.type in LISTED:
        return [entry for entry in posted.getlist(name) if entry.strip()]
    return posted.get(name, "")


def _empty(field: Field) -> Any:
    return [] if field.type in LISTED else ""


def _rows(field: Field, posted: Posted, *, complete: bool) -> list[dict[str, Any]] | None:
    """Read the rows that were posted, in order, one more than allowed at most; `complete`: absent cells are empty."""
    indices = _indices(field, posted)
    if indices is None:
        return None
    rows = []
    for index in indices[: ROW_LIMIT + 1]:
        row: dict[str, Any] = {}
        for column in field.columns:
            name = f"{field.key}-{index}-{column.key}"
            if name in posted:
                row[column.key] = _value(column, name, posted)
            elif complete:
                row[column.key] = _empty(column)
        rows.append(row)
    return rows


def _indices(field: Field, posted: Posted) -> list[int] | None:
    wanted = re.compile(rf"{re.escape(field.key)}-([0-9]{{1,4}})-", re.ASCII)
    found = {int(match[1]) for name in posted if (match := wanted.match(name))}
    count = posted.get(field.key + ROWS, "")
    if re.fullmatch(r"[0-9]{1,4}", count, re.ASCII):
        found |= set(range(min(int(count), ROW_LIMIT)))
    elif not found:
        return None
    return sorted(found)


def _changed(field: Field, rows: list[dict[str, Any]], posted: Posted) -> list[dict[str, Any]]:
    key, _, index = posted.get(DROP, "").partition(":")
    if key == field.key and re.fullmatch(r"[0-9]{1,4}", index, re.ASCII) and int(index) < len(rows):
        rows = rows[: int(index)] + rows[int(index) + 1 :]
    if posted.get(ADD, "") == field.key and len(rows) < min(field.limits.max_rows, ROW_LIMIT):
        rows = [*rows, {}]
    return rows
