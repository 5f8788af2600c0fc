"""What comes out of parsing records: values with their canonical bytes, or faults."""

from __future__ import annotations

from typing import Any, NamedTuple


class Row(NamedTuple):
    """One record, parsed.

    `value` has no null object members at any depth; `canonical` is its canonical form. `plain` is
    true only where orjson, with sorted keys, writes the canonical form of every part of it.
    """

    value: dict[str, Any]
    canonical: bytes
    plain: bool = False

    @property
    def shape(self) -> tuple[Any, ...]:
        """The names of its members, and behind them their types, in the order of the record."""
        return (*self.value, *map(type, self.value.values()))


class RowFault(NamedTuple):
    """Why a record is no example. `offset` counts bytes from the start of the record."""

    code: str
    message: str
    offset: int
    path: str = ""
