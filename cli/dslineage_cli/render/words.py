"""A word-level change as spans: `[-gone-]` in red, `{+come+}` in green, far context elided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from dslineage.diff.words import WordChange, word_changes
from dslineage_cli.page import Span, columns, cut, dim, green, red
from dslineage_cli.sanitise import visible

_CONTEXT = 48
_LONGEST_RUN = 240


class Piece(NamedTuple):
    """A stretch of a word-level change as it is shown; `far` stands for equal text left out."""

    what: Literal["equal", "gone", "come", "far"]
    text: str


_MARKS: Mapping[str, tuple[str, Callable[[str], Span], str]] = {
    "equal": ("", Span, ""),
    "gone": ("[-", red, "-]"),
    "come": ("{+", green, "+}"),
    "far": ("", dim, ""),
}
COARSE = "too much changed to compare it word by word"


def spans(before: str, after: str, room: int) -> list[Span]:
    """The change as spans, which read as well without colour.

    A run takes at most a third of the `room`, so that what went and what came are both seen.
    """
    shown, coarse = pieces(before, after, min(_LONGEST_RUN, room // 3))
    spans = []
    for what, text in shown:
        start, tone, stop = _MARKS[what]
        spans.append(tone(f"{start}{text}{stop}"))
    return [*spans, dim(f" ({COARSE})")] if coarse else spans


def pieces(before: str, after: str, longest: int) -> tuple[list[Piece], bool]:
    """The change piece by piece, runs at most `longest` wide.

    Also, whether it was too much to be compared word by word.
    """
    shown: list[Piece] = []
    found = word_changes(before, after)
    changes = _joined(found)
    for place, (old, new) in enumerate(changes):
        if old == new:
            shown.extend(_context(old, first=place == 0, last=place == len(changes) - 1))
            continue
        if old:
            shown.append(Piece("gone", _middle_out(old, longest)))
        if new:
            shown.append(Piece("come", _middle_out(new, longest)))
    return shown, any(change.coarse for change in found)


def _joined(changes: list[WordChange]) -> list[tuple[str, str]]:
    """The stretches, replaced words that only a space parts taken as one."""
    joined: list[tuple[str, str]] = []
    for _, before, after, _ in changes:
        last = joined[-1] if joined else ("", "")
        if len(joined) > 1 and _replaced(joined[-2]) and last == (" ", " ") and before != after:
            joined[-2:] = [(f"{joined[-2][0]} {before}", f"{joined[-2][1]} {after}")]
        else:
            joined.append((before, after))
    return joined


def _replaced(stretch: tuple[str, str]) -> bool:
    before, after = stretch
    return before != after


def _context(text: str, *, first: bool, last: bool) -> Iterator[Piece]:
    """Equal text: what stands next to a change is kept, cut between words."""
    if len(text) <= (1 if first or last else 2) * _CONTEXT:
        yield Piece("equal", text)
        return
    if not first:
        yield Piece("equal", text[:_CONTEXT].rsplit(" ", 1)[0])
    yield Piece("far", "… " if first else " …" if last else " … ")
    if not last:
        yield Piece("equal", text[-_CONTEXT:].split(" ", 1)[-1])


def _middle_out(text: str, width: int) -> str:
    """A run of at most so many columns: a longer one without its middle."""
    shown = visible(text)
    if columns(shown) <= width:
        return shown
    tail = cut(shown[::-1], width // 3)[::-1]
    return f"{cut(shown, width - width // 3)} … {tail}"
