"""Texts as cells of a spreadsheet, and back.

A cell that a spreadsheet would run as a formula gets a `'` in front. Line ends are LF in a cell.
What no spreadsheet holds (too long a text, control characters, mixed line ends, `_x0041_`, which
Excel reads as `A`) is shown in part and is read-only.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

LIMIT = 32_767
"""What one cell of Excel holds, in UTF-16 code units."""

_FORMULA = re.compile(r"'*\s*[=+\-@\t\r＝＋－＠]")
_NOT_HELD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_EXCERPT = 500


class Cell(NamedTuple):
    """What is written for a text; `held` says that the text can be edited there."""

    text: str
    held: bool = True

    @property
    def mark(self) -> str:
        """Eight hex digits of the SHA-256 of what is written, behind `!` if it is read-only."""
        digits = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return digits if self.held else f"!{digits}"


def cell_of(text: str) -> Cell:
    """A text as a cell."""
    lines = text.replace("\r\n", "\n")
    reason = ""
    if units(lines) >= LIMIT:
        reason = f"a cell holds {LIMIT:,}"
    elif _NOT_HELD.search(lines):
        reason = "a cell cannot hold some of them"
    elif "\r" in lines or ("\r\n" in text and not has_crlf(text)):
        reason = "a cell cannot hold its line ends"
    if not reason:
        return Cell(defused(lines))
    digest = hashlib.sha256(text.encode()).hexdigest()
    start = _NOT_HELD.sub("\ufffd", lines[:_EXCERPT].replace("\r", "\n"))
    head = f"[read-only: {len(text):,} characters, {reason}; sha256:{digest}]"
    return Cell(f"{head}\n{start}{'…' if len(lines) > _EXCERPT else ''}", held=False)


def text_of(cell: str, before: str) -> str:
    """The text that an edited cell means, with line ends as `before`, the text it replaces, has."""
    text = armed(cell).replace("\r\n", "\n")
    return text.replace("\n", "\r\n") if has_crlf(before) else text


def defused(text: str) -> str:
    """The text with a `'` in front if a spreadsheet would run it; `armed` undoes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def armed(cell: str) -> str:
    """The text that `defused` made a cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def has_crlf(text: str) -> bool:
    """Whether the lines of a text end with CR LF, every one of them."""
    return "\r\n" in text and "\n" not in text.replace("\r\n", "")


def units(text: str) -> int:
    """How long a text is in UTF-16 code units, as Excel counts."""
    return len(text) + sum(char > "\uffff" for char in text)
