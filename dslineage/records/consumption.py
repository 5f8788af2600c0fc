"""What a trainer made of its data: rows before and after preparation, and how many were used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from dslineage.members import choice, count, known, number, optional, text

Mode = Literal["exact", "upper-bound", "unknown"]
_MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows before and after the trainer's own preparation, and what it did to them.

    `masked` counts rows dropped since no token of theirs bears loss, `truncated` those cut at
    `max_length` tokens; `sequences` is what was made of the rows by packing. None: not seen.
    """

    rows: int
    kept: int | None = None
    masked: int | None = None
    truncated: int | None = None
    sequences: int | None = None
    tokens: int | None = None
    max_length: int | None = None
    packing: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The preparation as a JSON object; a number that was not seen is not there."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Prepared:
        """Read what `to_dict` gave."""
        names = ("kept", "masked", "truncated", "sequences", "tokens", "max_length")
        return cls(
            count(entry, "rows"),
            packing=optional(entry, "packing", text),
            **{name: optional(entry, name, count) for name in names},
        )


@dataclass(frozen=True, slots=True)
class Consumed:
    """How much of its training data a model had seen.

    `exact`: every row, at least once; `upper-bound`: of these rows, not all for certain;
    `unknown`: nothing was recorded. `epochs` and `steps` are the trainer's own figures.
    """

    mode: Mode
    epochs: float | None = None
    steps: int | None = None
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The consumption as a JSON object."""
        return {"mode": self.mode, **known(epochs=self.epochs, steps=self.steps, why=self.why)}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Consumed:
        """Read what `to_dict` gave."""
        return cls(
            choice(entry, "mode", _MODES),
            optional(entry, "epochs", number),
            optional(entry, "steps", count),
            optional(entry, "why", text) or "",
        )
