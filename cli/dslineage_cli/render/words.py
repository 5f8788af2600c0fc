"""A word-level change as spans: `[-gone-]` in red, `{+come+}` in green, far context elided."""

from __future__ import annotations

from collections.abc import Iterator

from dslineage.diff.words import WordChange, word_changes
from dslineage_cli.page import Span, columns, cut, dim, green, red
from dslineage_cli.sanitise import visible

_CONTEXT = 48
_LONGEST_RUN = 240


def spans(before: str, after: str, room: int) -> list[Span]:
    """The change as spans, which read as well without colour.

    A run takes at most a third of the `room`, so that what went and what came are both seen.
    """
    longest = min(_LONGEST_RUN, room // 3)
    shown: list[Span] = []
    found = word_changes(before, after)
    changes = _joined(found)
    for place, (old, new) in enumerate(changes):
        if old == new:
            shown.extend(_context(old, first=place == 0, last=place == len(changes) - 1))
            continue
        if old:
            shown.append(red(f"[-{_middle_out(old, longest)}-]"))
        if new:
            shown.append(green(f"{{+{_middle_out(new, longest)}+}}"))
    if any(change.coarse for change in found):
        shown.append(dim(" (too much changed to compare it word by word)"))
    return shown


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


def _context(text: str, *, first: bool, last: bool) -> Iterator[Span]:
    """Equal text: what stands next to a change is kept, cut between words."""
    if len(text) <= (1 if first or last else 2) * _CONTEXT:
        yield Span(text)
        return
    if not first:
        yield Span(text[:_CONTEXT].rsplit(" ", 1)[0])
    yield dim("… " if first else " …" if last else " … ")
    if not last:
        yield Span(text[-_CONTEXT:].split(" ", 1)[-1])


def _middle_out(text: str, width: int) -> str:
    """A run of at most so many columns: a longer one without its middle."""
    shown = visible(text)
    if columns(shown) <= width:
        return shown
    tail = cut(shown[::-1], width // 3)[::-1]
    return f"{cut(shown, width - width // 3)} … {tail}"
