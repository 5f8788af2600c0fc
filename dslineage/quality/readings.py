"""Examples that were read, made only where a metric looks at one by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from dslineage.adapters.plainchat import PlainChat
from dslineage.quality.example import Example

if TYPE_CHECKING:
    from dslineage.adapters.reading import Reading


class Readings(Sequence[Example]):
    """Examples by their fields and what they say."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], readings: Sequence[Reading]) -> None:
        self.rows = rows
        self.readings = readings
        self._made: dict[int, Example] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Example: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Example]: ...
    def __getitem__(self, place: int | slice) -> Example | Sequence[Example]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if place not in self._made:
            reading = self.readings[place]
            said = reading.conversation if isinstance(reading, PlainChat) else reading
            self._made[place] = Example(self.rows[place], said)
        return self._made[place]
