"""XML → boxed expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.dmn.boxed import (
    Boxed,
    Conditional,
    ContextBox,
    Filter,
    FunctionBox,
    Invocation,
    Iteration,
    ListBox,
    Literal,
    RowBox,
    Tabular,
    Typed,
    Unreadable,
)
from engine.dmn.document import child, children, is_dmn, name_of, text_of
from engine.dmn.policy import Policy
from engine.dmn.typing import ANY
from engine.texts import Text

if TYPE_CHECKING:
    from engine.dmn.reading import Reader

_DEEPEST = 60  # levels of XML; a box takes two or three, and five Python frames
_SPLIT = Text("Make a business knowledge model or a decision of the inner part.")
_FIX = Text("Correct it in the DMN editor.")


def expression_in(element: Any) -> Any:
    """Return the expression that stands in an element, or None."""
    return None if element is None else next(expressions_in(element), None)


def expressions_in(element: Any) -> Iterator[Any]:
    """Yield the expressions that stand in an element."""
    return (e for e in element if isinstance(e.tag, str) and is_dmn(e, kind_of_box(e)) and kind_of_box(e) in _READERS)


def kind_of_box(element: Any) -> str:
    """Return the element's name without its namespace."""
    return str(etree.QName(element).localname)


def read_box(reader: Reader, element: Any, variable: str) -> Boxed | None:
    """Read an expression of any kind; with findings, if it can't be used, None, or null by the standard.

    `variable` names the only output of a table.
    """
    box = _box(reader, element, variable)
    return Unreadable() if box is None and reader.policy is Policy.STANDARD else box


def _box(reader: Reader, element: Any, variable: str) -> Boxed | None:
    if sum(1 for _ in element.iterancestors()) > _DEEPEST:
        reader.report.error("nested-too-deep", element, Text("the boxes are nested too deeply"), _SPLIT)
        return None
    box = _READERS[kind_of_box(element)](reader, element, variable)
    if box is None or isinstance(box, FunctionBox):
        return box
    kind = reader.types.data_type(element, reader.report)
    return box if kind.is_any else Typed(box, kind)


def read_function(reader: Reader, element: Any) -> FunctionBox | None:
    """Read a function definition; None with findings."""
    kind = element.get("kind") or "FEEL"
    if kind != "FEEL":
        reader.report.error(
            "function-kind", element,
            Text("the function is defined in {kind}; decisions run FEEL only", kind=kind),
            Text("Write its body in FEEL."),
        )  # fmt: skip
        return None
    types = [(name_of(p), reader.types.data_type(p, reader.report))
             for p in children(element, "formalParameter")]  # fmt: skip
    body = _part(reader, element, "", Text("the function has no body"))
    return None if body is None else FunctionBox(tuple(types), body, reader.types.result_of(element, reader.report))


def _part(reader: Reader, holder: Any, variable: str, missing: Text) -> Boxed | None:
    """Read the expression in an element; a finding if there is none."""
    element = expression_in(holder)
    if element is None:
        reader.report.error("expression-missing", holder, missing, _FIX)
        return None
    return read_box(reader, element, variable)


def _literal(reader: Reader, element: Any, _: str) -> Boxed | None:
    if child(element, "importedValues") is not None:
        reader.report.error(
            "imported-values", element, Text("values imported from another file are not run"),
            Text("Write the expression into the box."),
        )  # fmt: skip
        return None
    expression = reader.expression(element, text_of(element), Text("the expression"))
    return None if expression is None else Literal(expression)


def _tabular(reader: Reader, element: Any, variable: str) -> Boxed | None:
    table = reader.table(element, variable or "result")
    return None if table is None else Tabular(table)


def _context(reader: Reader, element: Any, _: str) -> Boxed | None:
    entries: list[tuple[str | None, Boxed]] = []
    for entry in children(element, "contextEntry"):
        declared = child(entry, "variable")
        name = None if declared is None else name_of(declared)
        box = _part(reader, entry, name or "", Text("the entry {name} is empty", name=name or ""))
        if box is None:
            return None
        kind = reader.types.data_type(declared, reader.report)
        narrowed = box if kind.is_any or isinstance(box, FunctionBox) else Typed(box, kind)
        entries.append((name, narrowed))
    return ContextBox(tuple(entries))


def _list(reader: Reader, element: Any, _: str) -> Boxed | None:
    boxes = [read_box(reader, item, "") for item in expressions_in(element)]
    return None if None in boxes else ListBox(tuple(box for box in boxes if box is not None))


def _relation(reader: Reader, element: Any, _: str) -> Boxed | None:
    columns = list(children(element, "column"))
    rows: list[Boxed] = []
    for row in children(element, "row"):
        cells = [read_box(reader, cell, "") for cell in expressions_in(row)]
        if len(cells) != len(columns) or None in cells:
            if len(cells) != len(columns):
                reader.report.error(
                    "relation-shape", row, Text("a row has another number of cells than the relation has columns"), _FIX
                )
            return None
        kinds = [reader.types.data_type(column, reader.report) for column in columns]
        typed = [Typed(cell, kind) if kind != ANY else cell for cell, kind in zip(cells, kinds, strict=True) if cell]
        rows.append(RowBox(tuple((name_of(c), cell) for c, cell in zip(columns, typed, strict=True))))
    return ListBox(tuple(rows))


def _function(reader: Reader, element: Any, _: str) -> Boxed | None:
    return read_function(reader, element)


def _invocation(reader: Reader, element: Any, _: str) -> Boxed | None:
    called = expression_in(element)
    function = None
    if called is not None and is_dmn(called, "literalExpression"):
        function = reader.expression(called, text_of(called), Text("the called function"))
    else:
        reader.report.error("expression-missing", element, Text("the invocation says not what it calls"), _FIX)
    bindings: list[tuple[str, Boxed]] = []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        name = name_of(parameter)
        box = _part(reader, binding, "", Text("the binding of {name} is empty", name=name))
        if box is None:
            return None
        bindings.append((name, box))
    return None if function is None else Invocation(function, tuple(bindings))


def _parts(reader: Reader, element: Any, *names: str) -> list[Boxed] | None:
    boxes = [
        _part(reader, element if child(element, name) is None else child(element, name), "",
              Text("the part {name} is empty", name=name))
        for name in names
    ]  # fmt: skip
    return None if None in boxes else [box for box in boxes if box is not None]


def _conditional(reader: Reader, element: Any, _: str) -> Boxed | None:
    parts = _parts(reader, element, "if", "then", "else")
    return None if parts is None else Conditional(*parts)


def _filter(reader: Reader, element: Any, _: str) -> Boxed | None:
    parts = _parts(reader, element, "in", "match")
    return None if parts is None else Filter(*parts)


def _iteration(reader: Reader, element: Any, _: str) -> Boxed | None:
    kind = kind_of_box(element)
    parts = _parts(reader, element, "in", "return" if kind == "for" else "satisfies")
    return None if parts is None else Iteration(kind, name_of(element, "iteratorVariable"), *parts)


_READERS: dict[str, Callable[[Reader, Any, str], Boxed | None]] = {
    "literalExpression": _literal,
    "decisionTable": _tabular,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "invocation": _invocation,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iteration,
    "some": _iteration,
    "every": _iteration,
}
