"""Compile a model as the interpreter will, so that nothing is published that can't be loaded."""

from __future__ import annotations

from engine.definitions import ProcessModel
from engine.findings import Finding, Severity
from engine.intake.notes import Notes
from engine.interpreter.compiler import compile_model
from engine.texts import Text


def dry_run(model: ProcessModel, notes: Notes) -> None:
    """Note it when the core can't load the model: then a rule is missing here, and nobody's case should find out."""
    try:
        compile_model(model)
    except Exception as error:  # whatever third-party code raises must become a finding here
        message = f"{type(error).__name__}: {error}"
        notes.findings.append(
            Finding(
                "core-refuses",
                Severity.ERROR,
                notes.resource,
                model.key,
                model.name,
                0,
                Text("The process can't be loaded: {message}", message=message[:300]),
                Text("This is a gap in the checks, not your mistake: send the file to those who run this software."),
            )
        )
