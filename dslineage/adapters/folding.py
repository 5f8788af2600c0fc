"""Text without what looks alike: white space, case, Unicode form, and wrong decodings."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from dslineage.adapters.native import fold

_WIDE_SPACE = ("\x85".encode(), "\u2028".encode(), "\u2029".encode())

_FEW = 64
"""Bytes beyond ASCII of a text, up to which it pays to remember what folding makes of them."""
_CASED = re.compile(rb"[\xc3-\xd6\xe1\xea\xef]|\xe2[\x84-\x86\xb0-\xb5]|\xf0[\x90-\x9e]")
"""How each character begins, in UTF-8, that has case and is left by NFKC."""

_MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹Œ\u017d‘’“”•–—˜™š›œ\u017e\u0178]")
"""A UTF-8 lead byte and a continuation byte, read as Latin-1 or Windows-1252."""
_LEAD = b"\xc3"
"""The first byte, in UTF-8, of each character that such a pair begins with."""


def folded(text: str) -> bytes:
    """The text in NFKC, case folded, without white space, as UTF-8.

    White space is U+0009 to U+000D, U+001C to U+0020, U+0085, U+2028, U+2029, and what NFKC
    makes of it, such as no-break and ideographic spaces.
    """
    quick, foreign = fold(encoded(text))
    return quick if _told_by(foreign).stays else _folded(text)


def folded_twice(data: bytes) -> tuple[bytes, bytes]:
    """A text, given as by `encoded`, folded, and folded after repair; the latter empty if sound."""
    quick, foreign = fold(data)
    told = _told_by(foreign)
    if told.stays and told.sound:
        return quick, b""
    text = data.decode("utf-8", "surrogatepass")
    right = None if told.sound else repaired(text)
    return quick if told.stays else _folded(text), b"" if right is None else folded(right)


def encoded(text: str) -> bytes:
    """A text as UTF-8, in which lone surrogates stay what they are."""
    return text.encode("utf-8", "surrogatepass")


class _Told(NamedTuple):
    """What the characters beyond ASCII, by themselves, tell about a text.

    `stays` where folding leaves them as they are, `sound` where none can be wrongly decoded.
    """

    stays: bool
    sound: bool


def _told_by(foreign: bytes) -> _Told:
    return _look(foreign) if len(foreign) <= _FEW else _Told(stays=False, sound=False)


def _folded(text: str) -> bytes:
    normal = unicodedata.normalize("NFKC", text)
    data = encoded(normal)
    if _may_have_case(data):
        data = encoded(unicodedata.normalize("NFKC", normal.casefold()))
    for space in _WIDE_SPACE:
        data = data.replace(space, b"")
    return fold(data)[0]


@lru_cache(maxsize=4096)
def _look(foreign: bytes) -> _Told:
    """Look at the characters beyond ASCII of a text, given without the ASCII between them.

    Neighbours in the text are neighbours here, and where folding leaves all of these none combines
    with what stands before it. Most texts have few, and the same: quotation marks, dashes.
    """
    text = foreign.decode("utf-8", "surrogatepass")
    stays = (
        unicodedata.is_normalized("NFKC", text)
        and text.casefold() == text
        and not any(map(unicodedata.combining, text))
        and not any(space.decode() in text for space in _WIDE_SPACE)
    )
    return _Told(stays, sound=_MOJIBAKE.search(text) is None)


def _may_have_case(data: bytes) -> bool:
    """Whether characters beyond ASCII, of a text in NFKC, may change when they are case folded.

    Most texts have few of them, quotation marks and dashes, and folding the whole costs more.
    """
    _, foreign = fold(data)
    return len(foreign) * 8 > len(data) or _CASED.search(foreign) is not None


def repaired(text: str) -> str | None:
    """The text with wrong decodings undone, line by line; None where nothing had to be.

    Where no pair of characters looks like UTF-8 read as Latin-1, ftfy is not even imported.
    """
    if text.isascii() or _LEAD not in text.encode("utf-8", "surrogatepass"):
        return None
    if not _MOJIBAKE.search(text):
        return None
    import ftfy

    lines = text.split("\n")
    fixed = [ftfy.fix_encoding(line) if _MOJIBAKE.search(line) else line for line in lines]
    return None if fixed == lines else "\n".join(fixed)
