"""Who says which text of an example: there are few line-ups of speakers in a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.plainchat import PlainChat
    from dslineage.quality.example import Example, Part


@dataclass(frozen=True)
class Lineups:
    """The line-ups of some examples; `codes` says which each has.

    Of each line-up, `known` has the parts of one example.
    """

    known: Sequence[Sequence[Part]]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, examples: Sequence[Example], chats: Sequence[PlainChat | None]) -> Lineups:
        """The line-ups of some examples; of those that are plain chats as such."""
        numbers: dict[tuple[object, ...], int] = {}
        codes = [
            numbers.setdefault(
                _voices(examples[place]) if chat is None else (chat.system != "", *chat.roles),
                len(numbers),
            )
            for place, chat in enumerate(chats)
        ]
        firsts = dict(zip(reversed(codes), range(len(codes) - 1, -1, -1), strict=True))
        known = [examples[firsts[code]].parts for code in range(len(numbers))]
        return cls(known, np.array(codes, np.int64))

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """Example i has the parts `bounds[i]` to `bounds[i + 1]`."""
        counts = self._sizes[self.codes]
        return np.concatenate(([0], np.cumsum(counts)))

    def marks(self, holds: Callable[[Part], bool]) -> NDArray[np.bool_]:
        """For which of all parts something holds, whatever their texts."""
        return np.array([holds(part) for part in chain(*self.known)], bool)[self._places]

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return np.array([len(parts) for parts in self.known], np.int64)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """Of each part, its place in all line-ups behind one another."""
        begins = np.cumsum(self._sizes) - self._sizes
        shifts = begins[self.codes] - self.bounds[:-1]
        return np.arange(self.bounds[-1]) + np.repeat(shifts, np.diff(self.bounds))


def _voices(example: Example) -> tuple[object, ...]:
    return tuple([(part.role, part.target) for part in example.parts])
