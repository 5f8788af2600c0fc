"""Figures of metrics, with their units."""

from __future__ import annotations

ARROWS = {"higher": "↑", "lower": "↓", "neutral": "·"}
"""Which way is better."""


def figure_text(value: float | None, unit: str) -> str:
    """A figure as people read it: a share as percent, a rate in its unit, a mean with digits."""
    if value is None:
        return "n/a"
    if unit == "share":
        return share_text(value)
    if unit == "ppm":
        return f"{value * 1e6:,.1f} ppm"
    if unit == "count" and value == int(value):
        return f"{int(value):,}"
    digits = 3 if abs(value) < 10 else 1
    return f"{value:,.{digits}f}" + (f" {unit}" if unit in ("words", "chars", "tokens") else "")


def share_text(value: float) -> str:
    """A share as percent that is never rounded to nothing or to all."""
    percent = 100 * value
    if 0 < percent < 0.01:
        return "<0.01%"
    if 99.99 < percent < 100:
        return ">99.99%"
    return f"{percent:.2f}%"
