"""Texts in a diagram that are evaluated: FEEL, and ISO-8601 times written without FEEL around them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.cron import CronError, parse_cron
from engine.feel import Expression, FeelSyntaxError, compile_expression
from engine.intake.juel import JUEL, PLAIN, Untranslatable, has_juel, is_juel, language_of, translate
from engine.intake.notes import Notes, Place, near
from engine.texts import Text

MAX_LENGTH = 5_000
MAX_EXPRESSIONS = 3_000  # in one process
_DURATION = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<y>\d+(?:\.\d+)?)Y)?(?:(?P<mo>\d+(?:\.\d+)?)M)?(?:(?P<w>\d+(?:\.\d+)?)W)?(?:(?P<d>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<h>\d+(?:[.,]\d+)?)H)?(?:(?P<m>\d+(?:[.,]\d+)?)M)?(?:(?P<s>\d+(?:[.,]\d+)?)S)?)?"
)
_LIKE_DURATION = re.compile(r"[-+]?P(?=[A-Z]*\d)[\dA-Z.,/]+")  # `P1H`, `P1D/PT1H`: no variable is called so
_SMALL_DURATION = re.compile(r"[-+]?p(?=t?\d)(?:\d+[ymwd])*(?:t(?:\d+[hms])+)?")  # `pt5m`
_LIKE_REPEAT = re.compile(r"R-?\d*/\S*P\S*", re.IGNORECASE)  # `R-1/PT1H`; or a cycle where none can be
_REPEAT = re.compile(r"R(?P<times>\d*)/(?P<rest>.+)", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.,]+(?P<zone>Z|[+-]\d{2}:?\d{2}|@[\w/]+)?)?")
_ISO = re.compile(r"[-+]?P[\dA-Z.,]+|R\d*/.+|\d{4}-\d{2}-\d{2}(?:T.+)?")
_NAMED = "SUN MON TUE WED THU FRI SAT JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".replace(" ", "|")
_CRON_FIELD = rf"(?:[\d*?][\d*?,/\-#LW]*|L[\-\dW]*|W|(?:{_NAMED})[\-,#\dA-Z]*)"
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_CRON = re.compile(rf"(?:(?:CRON_TZ|TZ)=\S+ +)?{_CRON_FIELD}(?: +{_CRON_FIELD}){{4,6}}")


@dataclass(slots=True)
class Expressions:
    """Compiles the expressions of one process, notes what is wrong with them, and keeps what they use."""

    notes: Notes
    functions: Collection[str]
    compiled: list[Expression] = field(default_factory=list)
    exhausted: bool = False

    def read(
        self, text: str | None, place: Place, what: Text, *, line: int = 0, language: str | None = None
    ) -> Expression | None:
        """Compile FEEL, or what can be translated to it; None for no text, and for a wrong one, which is noted.

        `what` says whose text it is, `language` the one that the file gives it.
        """
        text = (text or "").strip()
        if text.startswith("="):
            text = text[1:].strip()
        if not text:
            return None
        if self._too_long(text, place, what, line) or self._too_many(place, line):
            return None
        expression = self._compile(text, language, place, what, line)
        if expression is None:
            return None
        for name in sorted(set(expression.calls) - set(self.functions)):
            self.notes.error(
                "function-unknown",
                place,
                Text("{what} calls “{name}”, which is no function and no decision.", what=what, name=name),
                near(name, list(self.functions)),
                line=line,
            )
        self.compiled.append(expression)
        return expression

    def time(self, text: str | None, place: Place, what: Text, *, line: int = 0) -> Expression | None:
        """Compile FEEL or an ISO-8601 duration or date-time."""
        text = (text or "").strip()
        if text.startswith(("P", "-P", "+P")) and (parts := _DURATION.fullmatch(text)):
            return self._duration(text, parts, place, what, line)
        if _LIKE_REPEAT.fullmatch(text):
            self._unreadable("timer-kind", text, place, what, _iso_advice(), line)
            return None
        if _LIKE_DURATION.fullmatch(text) or _SMALL_DURATION.fullmatch(text):
            self._unreadable("timer-unreadable", text, place, what, _iso_advice(), line)
            return None
        if (date := _DATE.fullmatch(text)) is not None:
            return self._date(text, date, place, what, line)
        return self.read(text, place, what, line=line)

    def cycle(self, text: str | None, place: Place, what: Text, *, line: int = 0, zone: str = "") -> Expression | None:
        """Compile `R3/PT10M` or a cron expression (kept as texts), an ISO duration (repeated for ever), or FEEL.

        `zone` is the time zone of a cron expression that names none.
        """
        text = (text or "").strip()
        if (repeat := _REPEAT.fullmatch(text)) is not None:
            return self._cycle(text, repeat, place, what, line)
        if _CRON.fullmatch(text):
            return self._cron(text, zone, place, what, line)
        return self.time(text, place, what, line=line)

    def is_foreign(self, language: str | None, place: Place, line: int, *, text: str = "") -> bool:
        """Note what is in a language that is not run here; a `text` that is ISO or JUEL is so whatever is said."""
        if not language or "feel" in language.lower() or _ISO.fullmatch(text) or is_juel(text):
            return False
        self.notes.error(
            "expression-language",
            place,
            Text("This is written in “{language}”; diagrams are written in FEEL.", language=language[:60]),
            Text("Rewrite it in FEEL and say language feel; for anything longer, write a handler."),
            line=line,
        )
        return True

    # --- other languages ----------------------------------------------------------------------------------------

    def _compile(self, text: str, language: str | None, place: Place, what: Text, line: int) -> Expression | None:
        if is_juel(text):
            return self._translate(text, JUEL, place, what, line)
        if language and "feel" not in language.lower():
            known = language_of(language)
            if known is None:
                self.is_foreign(language, place, line)
                return None
            return self._translate(text, known, place, what, line)
        try:
            return compile_expression(text, functions=self.functions)
        except FeelSyntaxError as error:
            if has_juel(text):
                return self._translate(text, JUEL, place, what, line)
            meant = self._meant(text, place, what, line)
            if meant is None:
                self._syntax(text, error, place, what, line)
            return meant

    def _translate(self, text: str, language: str, place: Place, what: Text, line: int) -> Expression | None:
        """Compile the FEEL that a text in another language means; note that it can't be known."""
        try:
            expression = self._translated(text, language)
        except Untranslatable as error:
            written = Text("{what} is written in {language}", what=what, language=language)
            reason = Text("{what}, and {reason}: {text}", what=written, reason=error.reason, text=text[:80])
            self.notes.error("expression-language", place, reason, _feel_advice(error.feel), line=line)
            return None
        reason = Text("{what} is written in {language}: {text}", what=what, language=language, text=text[:80])
        remedy = Text("It is read as FEEL: {feel}", feel=expression.text)
        self.notes.warning("expression-translated", place, reason, remedy, line=line)
        return expression

    def _meant(self, text: str, place: Place, what: Text, line: int) -> Expression | None:
        """Compile what a text that is no FEEL means in any other language; None if that isn't sure."""
        try:
            expression = self._translated(text, PLAIN)
        except Untranslatable:
            return None
        reason = Text("{what} is no FEEL, but can mean one thing only: {text}", what=what, text=text[:80])
        remedy = Text("It is read as FEEL: {feel}", feel=expression.text)
        self.notes.warning("expression-translated", place, reason, remedy, line=line)
        return expression

    def _translated(self, text: str, language: str) -> Expression:
        feel = translate(text, language)
        try:
            return compile_expression(feel, functions=self.functions)
        except FeelSyntaxError as error:
            raise Untranslatable(error.reason) from error

    # --- ISO-8601 -----------------------------------------------------------------------------------------------

    def _duration(self, text: str, parts: re.Match[str], place: Place, what: Text, line: int) -> Expression | None:
        amounts = {k: float((v or "0").replace(",", ".")) for k, v in parts.groupdict().items() if k != "sign"}
        if parts["sign"] == "-":
            self._unreadable("timer-negative", text, place, what, Text("Write how long to wait, without minus."), line)
            return None
        if text.endswith("T") or all(v is None for k, v in parts.groupdict().items() if k != "sign"):
            self._unreadable("timer-unreadable", text, place, what, _iso_advice(), line)
            return None
        months = amounts["y"] * 12 + amounts["mo"]
        seconds = ((amounts["w"] * 7 + amounts["d"]) * 24 + amounts["h"]) * 3600 + amounts["m"] * 60 + amounts["s"]
        if (months and seconds) or months % 1 or max(months, seconds) > 1e11:
            advice = Text("Use years and months alone (P1M), or weeks, days and times alone (P10D, PT4H).")
            self._unreadable("timer-unreadable", text, place, what, advice, line)
            return None
        literal = f"P{months:.0f}M" if months else f"PT{seconds:.6f}".rstrip("0").rstrip(".") + "S"
        return self.read(f'duration("{literal}")', place, what, line=line)

    def _date(self, text: str, date: re.Match[str], place: Place, what: Text, line: int) -> Expression | None:
        if not date["zone"]:
            advice = Text("Write the time and its zone, for example 2026-01-31T09:00:00+08:00.")
            self._unreadable("timer-zone", text, place, what, advice, line)
            return None
        try:
            datetime.fromisoformat(text.split("@")[0])
        except ValueError:
            self._unreadable("timer-unreadable", text, place, what, _iso_advice(), line)
            return None
        return self.read(f'date and time("{text}")', place, what, line=line)

    def _cron(self, text: str, zone: str, place: Place, what: Text, line: int) -> Expression | None:
        if zone and "TZ=" not in text:
            text = f"CRON_TZ={zone} {text}"
        if "TZ=" not in text:
            reason = Text("{what} names no time zone: its times are in UTC.", what=what)
            remedy = Text("Give the process the property time_zone, for example Asia/Shanghai.")
            self.notes.warning("timer-zone", place, reason, remedy, line=line)
        try:
            cron = parse_cron(text)
        except CronError as error:
            reason = Text("{what} is no cron expression: {text} — {reason}", what=what, text=text, reason=error.text)
            remedy = Text("Write seconds, minutes, hours, day, month, weekday: 0 0 9 ? * MON-FRI; or R/P1D.")
            self.notes.error("timer-cron", place, reason, remedy, line=line)
            return None
        if cron.after(_SOME_DAY) is None:
            self._unreadable("timer-never", text, place, what, Text("Its times never come: check the days."), line)
            return None
        if len(cron.seconds) > 1:
            self._flood(text, place, what, line)
        return self.read(f'"{text}"', place, what, line=line)

    def _cycle(self, text: str, repeat: re.Match[str], place: Place, what: Text, line: int) -> Expression | None:
        parts = repeat["rest"].split("/")
        interval = next((part for part in parts if part.startswith("P")), "")
        first = next((part for part in parts if part is not interval), None)  # the start, or after the interval the end
        duration = _DURATION.fullmatch(interval)
        if duration is None or len(parts) > 2:
            self._unreadable("timer-unreadable", text, place, what, _iso_advice(), line)
            return None
        if repeat["times"] and int(repeat["times"][:9]) == 0:
            self._unreadable("timer-never", text, place, what, Text("Write how often it repeats: R3/PT1H."), line)
            return None
        if self._duration(interval, duration, place, what, line) is None:
            return None
        self.compiled.pop()
        if first is not None:
            date = _DATE.fullmatch(first)
            if date is None:
                self._unreadable("timer-unreadable", text, place, what, _iso_advice(), line)
                return None
            if self._date(first, date, place, what, line) is None:
                return None
            self.compiled.pop()
        if _seconds(duration) == 0:
            self._unreadable("timer-never", text, place, what, Text("Write how long a round takes: R3/PT1H."), line)
            return None
        if _seconds(duration) < 60:
            self._flood(text, place, what, line)
        return self.read(f'"{text}"', place, what, line=line)

    def _flood(self, text: str, place: Place, what: Text, line: int) -> None:
        self.notes.warning(
            "timer-flood",
            place,
            Text("{what} fires more than once a minute: {text}", what=what, text=text),
            Text("A minute is the finest that people can follow; write R/PT1M or more."),
            line=line,
        )

    # --- findings -----------------------------------------------------------------------------------------------

    def _unreadable(self, rule: str, text: str, place: Place, what: Text, remedy: Text, line: int) -> None:
        self.notes.error(
            rule, place, Text("{what} can't be used: {text}", what=what, text=text[:80]), remedy, line=line
        )

    def _too_long(self, text: str, place: Place, what: Text, line: int) -> bool:
        if len(text) <= MAX_LENGTH:
            return False
        reason = Text("{what} is longer than {limit} characters.", what=what, limit=MAX_LENGTH)
        remedy = Text("Put the logic into a decision or a handler.")
        self.notes.error("expression-too-long", place, reason, remedy, line=line)
        return True

    def _too_many(self, place: Place, line: int) -> bool:
        if len(self.compiled) < MAX_EXPRESSIONS:
            return False
        if not self.exhausted:
            self.exhausted = True
            reason = Text("The process has more than {limit} expressions.", limit=MAX_EXPRESSIONS)
            self.notes.error("too-many-expressions", place, reason, Text("Split it into several processes."), line=line)
        return True

    def _syntax(self, text: str, error: FeelSyntaxError, place: Place, what: Text, line: int) -> None:
        reason = Text("{what} is no FEEL: {text} — {reason}", what=what, text=text[:80], reason=error.reason)
        self.notes.error("expression-syntax", place, reason, _advice(text), line=line)


def _advice(text: str) -> Text:
    if re.search(r"\b(import|lambda|exec|eval|open|def|class|print|os|sys)\b|__", text):
        return Text("Python is never run from a diagram: write a handler and call it from a service task.")
    try:
        translate(text, PLAIN)
    except Untranslatable as error:
        if 0 < len(error.feel) < 200:
            return Text("Write it in FEEL: {feel}", feel=error.feel)
    return Text('Write a FEEL expression, for example: priority = "P1" and count(items) > 0')


def _feel_advice(feel: str) -> Text:
    if feel and len(feel) < 200:
        return Text("Write it in FEEL: {feel}", feel=feel)
    return Text("Rewrite it in FEEL and say language feel; for anything longer, write a handler.")


def _iso_advice() -> Text:
    return Text("Write ISO-8601: PT4H (four hours), P1D (a day), R3/PT10M (three times), 2026-01-31T09:00:00+08:00.")


def _seconds(duration: re.Match[str]) -> float:
    unit = {"y": 31_536_000, "mo": 2_592_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
    return sum(float((duration[k] or "0").replace(",", ".")) * size for k, size in unit.items())
