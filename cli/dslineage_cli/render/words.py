"""A word-level change as spans: `[-gone-]` in red, `{+come+}` in green, far context elided."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from dslineage_cli.page import Span, dim, green, red

_CONTEXT = 48
_LONGEST_RUN = 240
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """A stretch of a word-level diff: equal text has `before == after`."""

    before: str
    after: str


def pieces(before: str, after: str) -> Iterator[Piece]:
    """The two texts cut into stretches that are equal, gone, come or replaced."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield Piece("".join(old[a:b]), "".join(new[c:d]))


def spans(before: str, after: str) -> list[Span]:
    """The change as spans, which read as well without colour."""
    shown: list[Span] = []
    cut = list(pieces(before, after))
    for place, (old, new) in enumerate(cut):
        if old == new:
            shown.extend(_context(old, first=place == 0, last=place == len(cut) - 1))
            continue
        if old:
            shown.append(red(f"[-{_middle_out(old, _LONGEST_RUN)}-]"))
        if new:
            shown.append(green(f"{{+{_middle_out(new, _LONGEST_RUN)}+}}"))
    return shown


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


def _middle_out(text: str, longest: int) -> str:
    """A long text without its middle."""
    if len(text) <= longest:
        return text
    return f"{text[: longest * 2 // 3]} … {text[-longest // 3 :]}"
