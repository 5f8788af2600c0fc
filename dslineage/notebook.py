"""Small tables for notebooks: self-contained HTML, readable in light and dark."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

ADDED = "background:rgba(46,160,67,.18)"
REMOVED = "background:rgba(248,81,73,.18)"

_LINE = "border-bottom:1px solid rgba(128,128,128,.35)"
_CELL = f"text-align:left;vertical-align:top;padding:2px 10px 2px 0;{_LINE}"
_LONGEST = 600
_SHOWN = "\n\t"
_INVISIBLE = re.compile(r"[^ -~]")


class Cell(NamedTuple):
    """Text in one tone; `style` is CSS, never data."""

    text: str
    style: str = ""


def table(
    title: str,
    rows: Iterable[Sequence[str | Cell]],
    *,
    head: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """A titled table; every text in it is escaped, and what would be obeyed is shown."""
    heading = f"<tr>{''.join(_cell('th', name) for name in head)}</tr>" if head else ""
    body = "".join(f"<tr>{''.join(_cell('td', cell) for cell in row)}</tr>" for row in rows)
    below = "".join(f'<div style="opacity:.75">{escape(note)}</div>' for note in notes)
    return (
        f'<div style="font-size:90%"><div style="font-weight:600">{escape(title)}</div>'
        f'<table style="border-collapse:collapse;margin:4px 0">{heading}{body}</table>{below}</div>'
    )


def escape(text: str) -> str:
    """Text as HTML: markup is escaped, control and direction characters are spelt out."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return html.escape(_INVISIBLE.sub(lambda match: _spelt(match[0]), cut))


def _spelt(char: str) -> str:
    if char not in _SHOWN and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"\\u{ord(char):04x}"
    return char


def _cell(tag: str, cell: str | Cell) -> str:
    text, style = cell if isinstance(cell, Cell) else Cell(cell)
    css = ";".join(filter(None, (_CELL, "white-space:pre-wrap", style)))
    return f'<{tag} style="{css}">{escape(text)}</{tag}>'
