"""A word-level change as spans: `[-gone-]` in red, `{+come+}` in green, far context elided."""

from __future__ import annotations

from collections.abc import Iterator

from dslineage.diff.words import WordChange, word_changes
from dslineage_cli.page import Span, dim, green, red

_CONTEXT = 48
_LONGEST_RUN = 240


def spans(before: str, after: str) -> list[Span]:
    """The change as spans, which read as well without colour."""
    shown: list[Span] = []
    found = word_changes(before, after)
    changes = _joined(found)
    for place, (old, new) in enumerate(changes):
        if old == new:
            shown.extend(_context(old, first=place == 0, last=place == len(changes) - 1))
            continue
        if old:
            shown.append(red(f"[-{_middle_out(old)}-]"))
        if new:
            shown.append(green(f"{{+{_middle_out(new)}+}}"))
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


def _middle_out(text: str) -> str:
    """A long run without its middle."""
    if len(text) <= _LONGEST_RUN:
        return text
    return f"{text[: _LONGEST_RUN * 2 // 3]} … {text[-_LONGEST_RUN // 3 :]}"
