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
    called = f" {unit}" if unit in ("words", "chars", "tokens") else ""
    if value == int(value):
        return f"{int(value):,}{called.removesuffix('s') if value == 1 else called}"
    digits = 4 if abs(value) < 0.01 else 3 if abs(value) < 10 else 1
    return f"{value:,.{digits}f}{called}"


def number_text(value: float) -> str:
    """A number with four digits that count."""
    rounded = float(f"{value:.4g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 else f"{rounded:.4g}"


def share_text(value: float) -> str:
    """A share as percent that is never rounded to nothing or to all."""
    percent = 100 * value
    if 0 < percent < 0.01:
        return "<0.01%"
    if 99.99 < percent < 100:
        return ">99.99%"
    return f"{percent:.2f}%"
