"""Numbers as people read them."""

from __future__ import annotations


def counted(count: int, noun: str, nouns: str = "") -> str:
    """A number of things, as `1 example` and `1,204 examples`."""
    return f"{count:,} {noun if count == 1 else nouns or f'{noun}s'}"


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
