"""Files that a file imports: found by their namespace among the files at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.dmn.document import Report, children, name_of, read
from engine.dmn.model import DecisionModel
from engine.dmn.typing import Types
from engine.texts import Text

_DEEPEST = 10  # files that import one another


class Content(NamedTuple):
    """What was read of a file: its model, types, XML, and every name that it or its imports declare."""

    model: DecisionModel
    types: Types
    root: Any
    names: frozenset[str]


class Imported(NamedTuple):
    """A file's content under the name that an import gives it; empty: its names are known as they are."""

    name: str
    content: Content


Imports = dict[str, Imported]  # by namespace


@dataclass(slots=True)
class Shelf:
    """The files at hand: each is read once, and none while it is being read."""

    files: Mapping[str, bytes]
    known: dict[str, Content | None] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def file_of(self, namespace: str) -> str | None:
        """Return the file whose model has this namespace."""
        for name, content in sorted(self.files.items()):
            root = read(content, Report(name)) if namespace.encode() in content else None
            if root is not None and root.get("namespace") == namespace:
                return name
        return None


def read_imports(
    root: Any, report: Report, shelf: Shelf, *, parse: Callable[[str, bytes, Shelf], Content | None]
) -> Imports:
    """Read what the file imports; a finding for what isn't at hand, or imports this file again."""
    found: Imports = {}
    for element in children(root, "import"):
        if "DMN" not in (element.get("importType") or "DMN").upper():
            continue  # a schema or a predictive model: what names it can't be read, and is reported there
        namespace, name = element.get("namespace") or "", name_of(element)
        file = shelf.file_of(namespace)
        if file is None:
            report.error(
                "import-missing", element,
                Text("the imported model “{name}” ({namespace}) is not among the files published together",
                     name=name, namespace=namespace),
                Text("Publish the imported file in the same bundle."),
            )  # fmt: skip
        elif file in shelf.open or len(shelf.open) > _DEEPEST:
            report.error(
                "import-circle", element,
                Text("the imported model “{name}” imports this one, or the files import each other too deeply",
                     name=name),
                Text("Put what both need into a file of its own."),
            )  # fmt: skip
        else:
            content = _read(file, shelf, parse)
            if content is not None:
                found[namespace] = Imported(name, content)
    return found


def _read(file: str, shelf: Shelf, parse: Callable[[str, bytes, Shelf], Content | None]) -> Content | None:
    if file not in shelf.known:
        shelf.open.append(file)
        shelf.known[file] = parse(file, shelf.files[file], shelf)
        shelf.open.pop()
    return shelf.known[file]
