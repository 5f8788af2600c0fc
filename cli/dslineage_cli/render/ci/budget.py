"""What of a comment fits, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")
MOST = 65_535
"""Bytes of a comment: GitHub takes no more than 65,536 characters."""

_GAP = len("\n\n")


class Block(NamedTuple):
    """A part of a comment: its text, how soon it has to go (0: never), and what it is called."""

    text: str
    rank: int
    name: str = ""


def fitted(blocks: Sequence[Block], room: int) -> tuple[list[Block], list[Block]]:
    """The blocks that fit into so many bytes, and those that do not, both in their order.

    Those of a lower rank are taken first.
    """
    order = sorted(range(len(blocks)), key=lambda place: (blocks[place].rank, place))
    kept: set[int] = set()
    for place in order:
        size = len(blocks[place].text.encode()) + _GAP
        if size <= room or not blocks[place].rank:
            kept.add(place)
            room -= size
    sides = [place for place in range(len(blocks)) if place in kept]
    return [blocks[i] for i in sides], [b for i, b in enumerate(blocks) if i not in kept]


def listed(found: Sequence[T], line: Callable[[T], str], room: int, noun: str) -> str:
    """As many lines as fit into so many bytes, and how many more there would be."""
    shown: list[str] = []
    for one in found:
        text = line(one)
        room -= len(text.encode()) + 1
        if room < 0:
            break
        shown.append(text)
    rest = len(found) - len(shown)
    return "\n".join([*shown, *([f"- and {rest:,} more {noun}"] if rest else [])])
