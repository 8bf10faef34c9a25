"""A filled-in form → what is drawn: which controls, in which state, with which words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from engine import Answer, Divider, Field, FieldType, Form, Node, Note, Option, References, Section, Sheet, Text
from web.forms.display import entry_text, input_text, input_type, read_text, reference_text
from web.forms.markdown import markdown
from web.forms.posted import ROWS
from web.forms.views import Block, Choice, Control, Datalist, Doubt, Problem, Row
from web.forms.words import Speaker

FEW = 50  # a register with at most so many entries is offered whole; a larger one is searched while typing
Errors = Mapping[str, Sequence[Text]]


@dataclass(slots=True)
class Presenter:
    """Draws one form once. `allowed(field, key)` applies the fields' filters to suggestions."""

    form: Form
    sheet: Sheet
    errors: Errors
    references: References
    speaker: Speaker
    timezone: tzinfo
    search_url: Callable[[str], str] | None
    allowed: Callable[[Field, str], bool]
    datalists: dict[tuple[str, str], Datalist] = field(default_factory=dict)

    def lines(self) -> tuple[tuple[Block, ...], ...]:
        """Return the visible blocks, those that share a row of the layout together."""
        return self._lines(self.form.nodes)

    def shown(self) -> list[str]:
        """Return the keys of the fields that can be answered now."""
        return [key for key, answer in self.sheet.answers.items() if not answer.hidden and not answer.readonly]

    def problems(self) -> list[Problem]:
        """Return the summary: every error in the form's order, then those that belong to no visible field."""
        at = {answer.path: answer for answer in self._places()}
        found = []
        for path in [*(p for p in at if p in self.errors), *(p for p in self.errors if p not in at)]:
            for text in self.errors[path]:
                said = self.speaker.problem(text)
                if path in at:
                    said = self.speaker.own("labelled", label=self._place_name(at[path]), problem=said)
                found.append(Problem(input_id(path) if path in at else "", said))
        return found

    def _places(self) -> Iterator[Answer]:
        for answer in self.sheet.answers.values():
            if not answer.hidden:
                yield answer
                for row in answer.rows:
                    yield from (cell for cell in row.values() if not cell.hidden)

    def _place_name(self, answer: Answer) -> str:
        label = self.speaker.form(answer.field.label)
        index = answer.path.split(".")[1:2]
        return self.speaker.own("cell", column=label, number=int(index[0]) + 1) if index else label

    def _lines(self, nodes: tuple[Node, ...]) -> tuple[tuple[Block, ...], ...]:
        lines: list[list[Block]] = []
        row = ""
        for node in nodes:
            block = self._block(node)
            if block is None:
                continue
            if not node.row or node.row != row:
                lines.append([])
            row = node.row
            lines[-1].append(block)
        return tuple(_shared(line) for line in lines)

    def _block(self, node: Node) -> Block | None:
        width = round(node.width * 12 / 16) if node.width else 0
        if isinstance(node, Field):
            answer = self.sheet.answers[node.key]
            return None if answer.hidden else Block("control", width, self._control(answer))
        if node.id in self.sheet.hidden:
            return None
        if isinstance(node, Note):
            return Block("note", width, note=markdown(self.speaker.form(node.text)))
        if isinstance(node, Divider):
            return Block(node.widget, width)
        assert isinstance(node, Section)
        return Block("section", width, label=self.speaker.form(node.label), lines=self._lines(node.nodes))

    def _control(self, answer: Answer, *, number: int | None = None) -> Control:
        """Draw one field; `number` is the row of a table that it stands in."""
        asked = answer.field
        label = self.speaker.form(asked.label)
        base = Control(
            kind="input",
            id=input_id(answer.path),
            name=answer.path.replace(".", "-"),
            label=label if number is None else self.speaker.own("cell", column=label, number=number),
            description="" if number is not None else self.speaker.form(asked.description),
            errors=tuple(self.speaker.problem(text) for text in self.errors.get(answer.path, ())),
            required=answer.required,
            bare=number is not None,
            trigger=asked.key in self.form.triggers,
        )
        if answer.readonly:
            return self._fixed(base, answer)
        match asked.type:
            case FieldType.AREA:
                return replace(base, kind="area", value=input_text(answer.raw, self.timezone))
            case FieldType.BOOL if asked.widget == "checkbox":
                return replace(base, kind="checkbox", choices=(Choice(base.id, "true", label, answer.value is True),))
            case FieldType.BOOL | FieldType.SELECT | FieldType.MULTI:
                return self._choice(base, answer)
            case FieldType.REF:
                return self._pick(base, answer)
            case FieldType.REFS:
                return self._picks(base, answer)
            case FieldType.TABLE:
                return self._table(base, answer)
        return self._input(base, answer)

    def _input(self, base: Control, answer: Answer) -> Control:
        timed = answer.field.type is FieldType.DT and answer.reading.problem is None
        text = input_text(answer.reading.value if timed else answer.raw, self.timezone)
        kind, mode = input_type(answer.field, text)
        return replace(base, value=text, input_type=kind, input_mode=mode)

    def _choice(self, base: Control, answer: Answer) -> Control:
        given = answer.raw if isinstance(answer.raw, list | tuple) else [answer.raw]
        chosen = {entry if isinstance(entry, str) else Option(entry, "").text for entry in given if entry is not None}
        options = [(option.text, self.speaker.form(option.label)) for option in answer.options]
        kind = {"radio": "radios", "checklist": "checks", "taglist": "checks"}.get(answer.field.widget, "select")
        if kind == "radios" and not answer.required:
            options.append(("", self.speaker.own("unanswered")))
        if kind == "radios" and not chosen & {value for value, _ in options}:
            chosen = set() if answer.required else {""}
        return replace(base, kind=kind, choices=_choices(base.id, options, chosen))

    def _pick(self, base: Control, answer: Answer) -> Control:
        shown, typed = answer.reading, input_text(answer.raw, self.timezone)
        if shown.candidates:
            return replace(base, kind="pick", doubts=(self._doubt(base.id, typed, shown.candidates),))
        if isinstance(shown.value, str) and answer.field.register:
            typed = reference_text(answer.field.register, shown.value, self.references)
        return self._offering(replace(base, kind="pick", value=typed), answer.field)

    def _picks(self, base: Control, answer: Answer) -> Control:
        register, kept, doubts, left = answer.field.register or "", dict[str, str](), [], []
        for index, (text, reading) in enumerate(answer.reading.entries):
            if isinstance(reading.value, str):
                kept[reading.value] = reference_text(register, reading.value, self.references)
            elif reading.candidates:
                doubts.append(self._doubt(f"{base.id}-doubt-{index}", text, reading.candidates))
            else:
                left.append(text)
        choices = tuple(Choice(f"{base.id}-{i}", key, text, True) for i, (key, text) in enumerate(kept.items()))
        drawn = replace(base, kind="picks", choices=choices, doubts=tuple(doubts), value="; ".join(left))
        return self._offering(drawn, answer.field)

    def _doubt(self, identifier: str, typed: str, candidates: Sequence[tuple[str, str]]) -> Doubt:
        options = [(key, entry_text(key, label)) for key, label in candidates]
        return Doubt(
            identifier, self.speaker.own("several", typed=typed), _choices(identifier, [(typed, ""), *options], {typed})
        )

    def _offering(self, base: Control, asked: Field) -> Control:
        """Add suggestions: the whole of a small register, or the address to search a large one."""
        register = asked.register or ""
        place = (register, asked.filter.text if asked.filter else "")
        if place not in self.datalists:
            found = list(self.references.search(register, "", FEW + 1))
            entries = () if len(found) > FEW else tuple(entry_text(k, v) for k, v in found if self.allowed(asked, k))
            self.datalists[place] = Datalist(
                f"list-{len(self.datalists)}-{'few' if len(found) <= FEW else 'many'}", entries
            )
        datalist = self.datalists[place]
        url = self.search_url(register) if self.search_url and datalist.id.endswith("many") else ""
        return replace(base, list_id=datalist.id, search_url=url)

    def _table(self, base: Control, answer: Answer) -> Control:
        rows = tuple(self._row(answer, index, cells) for index, cells in enumerate(answer.rows))
        headings = tuple((self.speaker.form(column.label), column.required) for column in answer.field.columns)
        more = len(rows) < answer.field.limits.max_rows
        return replace(
            base,
            kind="table",
            name=base.name + ROWS,
            value=answer.field.key,
            headings=headings,
            rows=rows,
            may_add=more,
        )

    def _row(self, table: Answer, index: int, cells: Mapping[str, Answer]) -> Row:
        drawn = tuple(None if cell.hidden else self._control(cell, number=index + 1) for cell in cells.values())
        return Row(index + 1, drawn, f"{table.field.key}:{index}", self.speaker.own("drop_row", number=index + 1))

    def _fixed(self, base: Control, answer: Answer) -> Control:
        """Draw what can't be changed here, for reading."""
        fixed = replace(base, kind="fixed", required=False, trigger=False)
        if answer.field.type is not FieldType.TABLE:
            value = answer.reading.value if answer.reading.problem is None else answer.raw
            return replace(fixed, value=self._said(answer.field, value))
        headings = tuple((self.speaker.form(column.label), False) for column in answer.field.columns)
        texts = tuple(tuple(self._said(cell.field, cell.value) for cell in row.values()) for row in answer.rows)
        return replace(fixed, kind="fixed_rows", headings=headings, texts=texts)

    def _said(self, asked: Field, value: object) -> str:
        return read_text(asked, value, references=self.references, speaker=self.speaker, timezone=self.timezone)


def input_id(path: str) -> str:
    """Return the id of a field's (first) input, e.g. `f-actions-0-owner`."""
    return "f-" + path.replace(".", "-")


def _choices(identifier: str, options: Sequence[tuple[str, str]], chosen: set[str]) -> tuple[Choice, ...]:
    """The first choice has the control's own id, so that a link to the control leads there."""
    return tuple(
        Choice(identifier if index == 0 else f"{identifier}-{index}", value, label, value in chosen)
        for index, (value, label) in enumerate(options)
    )


def _shared(line: list[Block]) -> tuple[Block, ...]:
    return (replace(line[0], width=line[0].width or 12),) if len(line) == 1 else tuple(line)
