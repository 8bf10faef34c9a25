"""The handlers of an installation as a document, written from their signatures."""

from __future__ import annotations

from engine import Handler, HandlerRegistry, Parameter

HEAD = """# Handlers

Written by `make docs` from the handlers' signatures: what a service task may name, what goes in and what comes out.
"""


def write_reference(registry: HandlerRegistry) -> str:
    """Write the reference as Markdown."""
    return HEAD + "".join(_section(registry[name]) for name in sorted(registry))


def _section(handler: Handler) -> str:
    kind = "external: a job" if handler.external else "transactional"
    parts = [f"\n## `{handler.name}`\n\n{handler.documentation}\n\n*{kind}*\n"]
    for title, parameters in (("Inputs", handler.inputs), ("Outputs", handler.outputs)):
        if parameters:
            parts.append(f"\n{title}:\n\n" + "".join(_line(p) for p in parameters))
    return "".join(parts)


def _line(parameter: Parameter) -> str:
    optional = "" if parameter.required else ", optional"
    return f"- `{parameter.name}`: {parameter.type}{optional}\n"
