"""Shares of a change that cannot be written as a sum over examples (Shapley, 1953)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations

from dslineage.quality.attribution import Split

_PLAYERS = Split._fields


def shapley(figure: Callable[[frozenset[str]], float | None]) -> Split | None:
    """What each of the three kinds of change contributes, on average over the orders to apply them.

    Args:
        figure: the figure of the older side after some of the changes `added`, `removed` and
            `edited`; it is asked for each of the eight sets of them once.

    Returns:
        parts that add up to the whole change; None where some set of changes has no figure.
    """
    sets = [frozenset(some) for size in range(4) for some in combinations(_PLAYERS, size)]
    figures = {some: figure(some) for some in sets}
    known = {some: Fraction(value) for some, value in figures.items() if value is not None}
    if len(known) < len(figures):
        return None
    return Split(*(_share(player, known) for player in _PLAYERS))


def _share(player: str, figures: dict[frozenset[str], Fraction]) -> float:
    """The mean of what a player adds to a set of others, over the six orders of the three."""
    orders = {0: 2, 1: 1, 2: 2}
    others = [some for some in figures if player not in some]
    added = (orders[len(some)] * (figures[some | {player}] - figures[some]) for some in others)
    return float(sum(added, Fraction(0)) / 6)
