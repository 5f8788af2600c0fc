"""Numbers as people read them."""

from __future__ import annotations


def counted(count: int, noun: str, nouns: str = "") -> str:
    """A number of things, as `1 example` and `1,204 examples`."""
    return f"{count:,} {noun if count == 1 else nouns or f'{noun}s'}"


def epochs(number: float) -> str:
    """A number of passes over the data, as `1 epoch` and `2.5 epochs`."""
    return f"{number:g} {'epoch' if number == 1 else 'epochs'}"


def percent(part: int, whole: int) -> str:
    """A share that is never rounded to nothing or to all; empty where there is no whole."""
    if not whole:
        return ""
    share = 100 * part / whole
    if 0 < share < 0.1:
        return "<0.1%"
    if 99.9 < share < 100:
        return ">99.9%"
    return f"{share:.1f}%"


def sized(size: int) -> str:
    """A number of bytes in three digits, as `512 B`, `4.17 MB` and `21.3 GB`; 1 kB is 1,000 B."""
    if size < 1000:
        return f"{size} B"
    value, units = size / 1000, ["kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g} {units[0]}" if value < 999.5 else f"{value:,.0f} {units[0]}"
