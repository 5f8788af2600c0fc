"""Text for people, built of spans and made safe in one place: where it becomes a string.

A renderer never writes an escape code and never cleans data: it adds spans to a page, and the
page sanitises every one of them, then colours and wraps. So no renderer can forget to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from dslineage_cli.sanitise import visible

_LONGEST_WORD = 20


class Span(NamedTuple):
    """A run of text in one tone; `tone` is the parameter of an SGR escape, or empty."""

    text: str
    tone: str = ""


def bold(text: str) -> Span:
    """Text that leads the eye."""
    return Span(text, "1")


def dim(text: str) -> Span:
    """Text that can be skipped."""
    return Span(text, "2")


def red(text: str) -> Span:
    """What went away, or is wrong."""
    return Span(text, "31")


def green(text: str) -> Span:
    """What came, or is right."""
    return Span(text, "32")


def yellow(text: str) -> Span:
    """What changed, or needs a look."""
    return Span(text, "33")


def cyan(text: str) -> Span:
    """A command that can be pasted."""
    return Span(text, "36")


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    marks = sum(unicodedata.combining(char) != 0 for char in text)
    return len(text) + wide - marks


def padded(text: str, width: int) -> str:
    """The text, with spaces behind it up to `width` columns."""
    shown = visible(text)
    return shown + " " * (width - columns(shown))


def elide(text: str, width: int) -> str:
    """The text in at most `width` columns, where it is longer cut after a word if one is near."""
    shown = visible(text)
    if columns(shown) <= width:
        return shown
    kept = cut(shown, width - 1)
    word_end = kept.rfind(" ", -_LONGEST_WORD)
    return (kept if word_end < 0 else kept[:word_end]).rstrip() + "…"


def cut(text: str, width: int) -> str:
    """The longest beginning of the text that takes at most `width` columns."""
    used = 0
    for index, char in enumerate(text):
        used += columns(char)
        if used > width:
            return text[:index]
    return text


@dataclass
class Page:
    """Lines for people, to be shown with or without colour.

    `ascii` says that drawings have to do without other characters.
    """

    width: int = 100
    lines: list[tuple[Span, ...]] = field(default_factory=list)
    ascii: bool = False

    def add(self, *parts: str | Span, indent: int = 0) -> None:
        """Add one line, however wide; newlines in it are shown, not obeyed."""
        self.lines.append(_spans((" " * indent, *parts)))

    def wrap(
        self, *parts: str | Span, indent: int = 0, hanging: int | str = 0, most: int = 0
    ) -> None:
        """Add a paragraph, wrapped at the page's width.

        `hanging` indents the lines after the first further, or is what they begin with; `most`
        bounds the number of lines, the last one then ending in an ellipsis.
        """
        room = self.width - indent - (2 if most else 0)
        lead = hanging if isinstance(hanging, str) else " " * hanging
        lines = list(_wrapped(_spans(parts), room, lead))
        for number, line in enumerate(lines[: most or None], start=1):
            rest = (dim(" …"),) if number == most < len(lines) else ()
            self.lines.append(_spans((" " * indent, *line, *rest)))

    def next(self, command: str) -> None:
        """Add the command that comes next, in one piece, to be pasted."""
        self.add(dim("next: "), cyan(command))

    def blank(self) -> None:
        """Add an empty line, unless there is one already or the page is empty."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def extend(self, other: Page) -> None:
        """Add the lines of another page."""
        self.lines.extend(other.lines)

    def text(self, *, colour: bool = False) -> str:
        """The page as a string that ends in a newline, or an empty one."""
        return "".join(f"{_painted(line, colour=colour)}\n" for line in self.lines)


def _spans(parts: Iterable[str | Span]) -> tuple[Span, ...]:
    spans = (part if isinstance(part, Span) else Span(part) for part in parts)
    return tuple(span for span in spans if span.text)


def _painted(line: Iterable[Span], *, colour: bool) -> str:
    """One line as a string, with one escape for each run of a tone."""
    runs = []
    for tone, spans in groupby(line, key=lambda span: span.tone if colour else ""):
        shown = visible("".join(span.text for span in spans))
        runs.append(f"\x1b[{tone}m{shown}\x1b[0m" if tone else shown)
    return "".join(runs).rstrip(" ")


def _wrapped(spans: tuple[Span, ...], width: int, lead: str) -> Iterator[list[Span]]:
    """Break spans into lines at spaces; a word longer than a line is cut."""
    line: list[Span] = []
    used = 0
    for word in _words(spans, max(8, width - columns(lead))):
        size = columns(word.text.rstrip(" "))
        if line and used + size > width:
            yield _stripped(line)
            line, used = [dim(lead) if lead.strip() else Span(lead)], columns(lead)
        line.append(word)
        used += columns(word.text)
    if line:
        yield _stripped(line)


def _stripped(line: list[Span]) -> list[Span]:
    """The line without the space at which it was broken."""
    *rest, last = line
    return [*rest, last._replace(text=last.text.rstrip(" "))]


def _words(spans: tuple[Span, ...], longest: int) -> Iterator[Span]:
    """Cut spans after each space, and words that no line can hold where they must be cut."""
    for text, tone in spans:
        for word in re.findall(r"[^ ]* |[^ ]+", visible(text)):
            rest = word
            while columns(rest) > longest:
                head = cut(rest, longest) or rest[0]
                yield Span(head, tone)
                rest = rest[len(head) :]
            yield Span(rest, tone)
