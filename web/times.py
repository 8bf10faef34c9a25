"""Times as people read them: in the office's zone, short, and relative to the injected clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext, ngettext

from web.context import clock

OFFICE = ZoneInfo("Asia/Shanghai")
SOON = timedelta(hours=4)


def local(value: datetime) -> datetime:
    """Return the time in the office's zone; a time without a zone is taken for UTC."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(OFFICE)


def short_time(value: datetime | date | None) -> str:
    """Write `03-03 10:00` within the present year, `2024-03-03 10:00` otherwise, a date without a time as a date."""
    if value is None:
        return ""
    if not isinstance(value, datetime):
        return value.isoformat()
    there = local(value)
    return f"{there:%m-%d %H:%M}" if there.year == local(clock().now()).year else f"{there:%Y-%m-%d %H:%M}"


def full_time(value: datetime | None) -> str:
    """Write `2025-03-03 10:00:00`."""
    return f"{local(value):%Y-%m-%d %H:%M:%S}" if value else ""


def machine_time(value: datetime) -> str:
    """Write the time for a `<time datetime>` attribute."""
    return local(value).isoformat(timespec="seconds")


def relative(value: datetime) -> str:
    """Say how far off a due time is: `in 2 h`, `overdue 10 min`."""
    left = value - clock().now()
    span = spoken(abs(left))
    return gettext("in %(span)s", span=span) if left >= timedelta(0) else gettext("overdue %(span)s", span=span)


def ago(value: datetime) -> str:
    """Say how long ago something was: `2 h ago`."""
    return gettext("%(span)s ago", span=spoken(abs(clock().now() - value)))


def spoken(span: timedelta) -> str:
    """Write a duration in its largest one or two units: `45 s`, `10 min`, `2 h 5 min`, `3 days`."""
    seconds = int(span.total_seconds())
    minutes, hours = seconds // 60, seconds // 3600
    if minutes < 1:
        return gettext("%(count)s s", count=seconds)
    if hours < 1:
        return gettext("%(count)s min", count=minutes)
    if hours < 10 and minutes % 60:
        return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes % 60)
    if hours < 48:
        return gettext("%(count)s h", count=hours)
    return ngettext("%(num)s day", "%(num)s days", hours // 24)


def urgency(value: datetime | None) -> str:
    """Say whether a due time is `late`, `soon` or neither (an empty word)."""
    if value is None:
        return ""
    left = value - clock().now()
    if left < timedelta(0):
        return "late"
    return "soon" if left <= SOON else ""


def register_filters(app: Flask) -> None:
    """Give the filters to the templates."""
    for filter_ in (short_time, full_time, machine_time, relative, ago, spoken, urgency):
        app.add_template_filter(filter_)
