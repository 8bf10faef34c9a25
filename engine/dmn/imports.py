"""Files that a file imports: found by their namespace among the files at hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine.dmn.document import Report, children, read
from engine.dmn.model import DecisionModel
from engine.texts import Text

Imports = dict[str, tuple[DecisionModel, Any]]  # the import's name → the model and its XML


def read_imports(
    root: Any, report: Report, files: Mapping[str, bytes], functions: Collection[str], *, parse: Callable[..., Any]
) -> Imports:
    """Read what the file imports; a finding for what isn't at hand."""
    found: Imports = {}
    for element in children(root, "import"):
        if "DMN" not in (element.get("importType") or "DMN"):
            continue  # a schema or a predictive model: what names it can't be read, and is reported there
        namespace, name = element.get("namespace") or "", element.get("name") or ""
        file = _file_of(namespace, files)
        if file is None:
            report.error(
                "import-missing", element,
                Text("the imported model “{name}” ({namespace}) is not among the files published together",
                     name=name, namespace=namespace),
                Text("Publish the imported file in the same bundle."),
            )  # fmt: skip
            continue
        others = {other: content for other, content in files.items() if other != file}
        model, _ = parse(file, files[file], functions=functions, imports=others)
        if model is not None:
            found[name] = (model, read(files[file], Report(file)))
    return found


def _file_of(namespace: str, files: Mapping[str, bytes]) -> str | None:
    """Return the file whose model has this namespace."""
    for name, content in sorted(files.items()):
        root = read(content, Report(name)) if namespace.encode() in content else None
        if root is not None and root.get("namespace") == namespace:
            return name
    return None
