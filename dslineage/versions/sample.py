"""A random sample of objects, and what it says of those that were not drawn."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from dslineage.errors import UsageError

CONFIDENCE = 0.95
_SIZE = re.compile(r"([0-9]{1,9})|([0-9]{1,3}(?:\.[0-9]{1,6})?)%")


@dataclass(frozen=True, slots=True)
class Sample:
    """How much to draw, as a number of objects or a share of all (above 0, at most 1)."""

    size: int | float
    seed: int

    @classmethod
    def parse(cls, text: str, seed: int) -> Self:
        """A sample of `200` objects or of `5%`.

        Raises:
            UsageError: it is neither, or nothing.
        """
        found = _SIZE.fullmatch(text.strip())
        size = found and (int(found[1]) if found[1] else float(found[2]) / 100)
        if not size or (isinstance(size, float) and size > 1):
            raise UsageError(f"{text!r} is no sample", kind="bad-sample", hint="--sample 5%")
        return cls(size, seed)

    def drawn(self, names: Iterable[str]) -> frozenset[str]:
        """The names that are drawn: the same of equal names, in whatever order they are listed."""
        known = sorted(names, key=self._rank)
        count = math.ceil(self.size * len(known)) if isinstance(self.size, float) else self.size
        return frozenset(known[:count])

    def _rank(self, name: str) -> bytes:
        return hashlib.sha256(f"{self.seed}\0{name}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Sampled:
    """How many objects were drawn of how many, and with which seed."""

    drawn: int
    total: int
    seed: int

    @property
    def noticeable(self) -> int:
        """The least number of damaged objects of which one is drawn with 95% probability.

        Without replacement, so the hypergeometric distribution gives it. 0 where there is nothing.
        """
        if not self.drawn:
            return 0
        return next(
            damaged
            for damaged in range(1, self.total + 1)
            if self._missed(damaged) <= 1 - CONFIDENCE
        )

    def _missed(self, damaged: int) -> float:
        """The probability that none of so many damaged objects is drawn."""
        if damaged > self.total - self.drawn:
            return 0.0
        return math.comb(self.total - damaged, self.drawn) / math.comb(self.total, self.drawn)

    def to_dict(self) -> dict[str, Any]:
        """The sample as a JSON object."""
        return {
            "drawn": self.drawn,
            "total": self.total,
            "seed": self.seed,
            "confidence": CONFIDENCE,
            "noticeable": self.noticeable,
        }
