"""Text without what looks alike: white space, case, Unicode form, and wrong decodings."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_LOWER = bytes(range(256)).lower()
_SPACE = b" \t\n\v\f\r\x1c\x1d\x1e\x1f"
_WIDE_SPACE = ("\x85".encode(), "\u2028".encode(), "\u2029".encode())

_ASCII = bytes(range(128))
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
    if text.isascii():
        return text.encode().translate(_LOWER, _SPACE)
    data = text.encode("utf-8", "surrogatepass")
    return _folded(text, data, _told_by(data.translate(None, _ASCII)))


def folded_twice(text: str) -> tuple[bytes, bytes]:
    """The folded text, and the folded text after repair; no bytes where nothing was repaired."""
    if text.isascii():
        return text.encode().translate(_LOWER, _SPACE), b""
    data = text.encode("utf-8", "surrogatepass")
    told = _told_by(data.translate(None, _ASCII))
    right = None if told.sound else repaired(text)
    return _folded(text, data, told), b"" if right is None else folded(right)


class _Told(NamedTuple):
    """What the characters beyond ASCII, by themselves, tell about a text.

    `stays` where folding leaves them as they are, `sound` where none can be wrongly decoded.
    """

    stays: bool
    sound: bool


def _told_by(foreign: bytes) -> _Told:
    return _look(foreign) if len(foreign) <= _FEW else _Told(stays=False, sound=False)


def _folded(text: str, data: bytes, told: _Told) -> bytes:
    """The folded text, of which the UTF-8 is known."""
    if told.stays:
        return data.translate(_LOWER, _SPACE)
    normal = unicodedata.normalize("NFKC", text)
    data = normal.encode("utf-8", "surrogatepass")
    if _may_have_case(data):
        data = unicodedata.normalize("NFKC", normal.casefold()).encode("utf-8", "surrogatepass")
    for space in _WIDE_SPACE:
        data = data.replace(space, b"")
    return data.translate(_LOWER, _SPACE)


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
    foreign = data.translate(None, _ASCII)
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
