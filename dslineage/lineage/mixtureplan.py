"""How many examples of each data set a mixture has: whole numbers, from weights, caps, repeats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from dslineage.errors import UsageError

if TYPE_CHECKING:
    from dslineage.records import Component


@dataclass(frozen=True, slots=True)
class Plan:
    """How many examples are drawn of each component, in the order of the file.

    `offered` is how many a component can give: what the cap leaves, times the repeats. An example
    that is drawn twice counts twice.
    """

    offered: tuple[int, ...]
    drawn: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many examples the whole mixture has."""
        return sum(self.drawn)

    def share(self, place: int) -> float:
        """What share of the whole a component has."""
        return self.drawn[place] / self.total if self.total else 0.0


def offered(component: Component) -> int:
    """How many examples a component can give."""
    pool = component.examples if component.cap is None else min(component.examples, component.cap)
    return math.floor(pool * _as_written(component.repeats))


def plan(components: Sequence[Component], examples: int | None = None) -> Plan:
    """How many examples of each component there are.

    With weights, the largest whole of which each component can give its share; without, all that
    is offered. Shares are rounded to whole examples by the largest remainder.

    Args:
        components: the data sets; all have a weight, or none has.
        examples: how large the whole is, instead.

    Raises:
        UsageError: a component cannot give its share of that many.
    """
    can = tuple(map(offered, components))
    if any(component.weight is None for component in components):
        if examples is None:
            return Plan(can, can)
        parts = [Fraction(one) for one in can]
    else:
        parts = [_as_written(component.weight or 0) for component in components]
    whole = sum(parts)
    if not whole:
        return Plan(can, (0,) * len(can))
    shares = [part / whole for part in parts]
    # Below it, no share is more than its component can give, and so neither when it is rounded.
    most = math.floor(min(give / share for share, give in zip(shares, can, strict=True) if share))
    if examples is None and not most:
        raise UsageError(
            "a data set of the mixture has no example to give its share",
            kind="mixture-exhausted",
            hint="leave it out, or raise its cap or repeats",
        )
    if examples is not None and examples > most:
        raise UsageError(
            f"the mixture has at most {most:,} examples, not {examples:,}: after that, a data set "
            "has no more to give its share",
            kind="mixture-exhausted",
            hint=f"ask for {most} or fewer, or raise cap or repeats of the smallest",
        )
    return Plan(can, _rounded(shares, most if examples is None else examples))


def _rounded(shares: Sequence[Fraction], whole: int) -> tuple[int, ...]:
    """Shares of a whole number as whole numbers that add up to it."""
    exact = [share * whole for share in shares]
    counts = [math.floor(one) for one in exact]
    by_rest = sorted(range(len(exact)), key=lambda place: (counts[place] - exact[place], place))
    for place in by_rest[: whole - sum(counts)]:
        counts[place] += 1
    return tuple(counts)


def _as_written(number: float) -> Fraction:
    """A number as a person wrote it: 0.1 is a tenth, and not the double that is nearest to it."""
    return Fraction(str(number))
