"""The engine's way to the case's record: form values in, states entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from engine import Text
from registers.errors import RecordNotFound
from registers.unit_of_work import Registers


class _Element(Protocol):
    @property
    def id(self) -> str: ...


class CaseRecords:
    """Keeps the record of a case in step with its process. Part of one unit of work."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers

    def save(self, register: str, key: str | None, values: Mapping[str, Any], *, element: _Element) -> None:
        """Write form values to the record of the case; values that the register doesn't keep are left out.

        A start form has no record yet (`key` None): what it asked for goes to the handler that opens the record.

        Raises RecordNotFound, InvalidRecord.
        """
        if key is None:
            return
        number = self._number(register, key, element)
        kept = self._registers.definitions[register].values_of(element.id, values)
        with self._registers.at_element(element.id):
            self._registers.update(number, kept)

    def enter(self, register: str, key: str | None, state: str, *, element: _Element) -> None:
        """Move the record of the case to the state that the diagram names.

        Raises RecordNotFound, IllegalTransition.
        """
        number = self._number(register, key, element)
        with self._registers.at_element(element.id):
            self._registers.transition(number, state)

    def _number(self, register: str, key: str | None, element: _Element) -> str:
        if not key:
            raise RecordNotFound(
                Text(
                    "{element}: the case has no {register} record yet; number it before this element",
                    element=element.id,
                    register=register,
                )
            )
        found = self._registers.get(key)
        if found.register != register:
            raise RecordNotFound(Text("{number} is not in the register {register}", number=key, register=register))
        return key
