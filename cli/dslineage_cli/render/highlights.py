"""What caused a value, with the text around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dslineage.diff.cause import Highlight


class Stretch(NamedTuple):
    """A stretch of a text, and whether it caused the value."""

    text: str
    caused: bool = False


def stretches(highlight: Highlight, context: int, most: int) -> Iterator[Stretch]:
    """What caused the value, at most so many places, and so much text around each.

    Where text was left out, between words, there is an ellipsis.
    """
    text, done = highlight.text, 0
    for start, stop in highlight.spans[:most]:
        before = text[done:start]
        if len(before) > (2 if done else 1) * context:
            head = f"{_head(before[:context])} " if done else ""
            before = f"{head}… {_tail(before[-context:])}"
        yield Stretch(before)
        yield Stretch(text[start:stop], caused=True)
        done = stop
    after = text[done:]
    yield Stretch(after if len(after) <= context else f"{_head(after[:context])} …")
    if len(highlight.spans) > most:
        yield Stretch(f" and {len(highlight.spans) - most:,} more")


def _head(text: str) -> str:
    """The text without the word that it breaks off in."""
    return text.rsplit(" ", 1)[0].rstrip()


def _tail(text: str) -> str:
    """The text without the rest of a word that it begins with."""
    return text.split(" ", 1)[-1].lstrip()
