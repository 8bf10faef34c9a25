"""The engine's public names that registers use; one place until `engine` exports them."""

from engine.errors import (
    BpmnError,
    Conflict,
    InvalidForm,
    NotFound,
    SchemaMismatch,
    SetupError,
)
from engine.texts import Text

__all__ = ["BpmnError", "Conflict", "InvalidForm", "NotFound", "SchemaMismatch", "SetupError", "Text"]
