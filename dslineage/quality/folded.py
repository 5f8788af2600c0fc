"""Texts casefolded, all at once: what words are found in, and what texts are compared by."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.quality.screen import END, Screen

if TYPE_CHECKING:
    from numpy.typing import NDArray

PADDING = bytes(8)
_SPACE = 0x20
_ASCII = bytes(range(128))
_FEW = 64
"""Bytes beyond ASCII of a text, up to which it pays to remember what becomes of them."""
_FOLD = bytes(
    _SPACE if byte == END[0] or (byte < 0x80 and chr(byte).isspace()) else byte
    for byte in bytes(range(256)).lower()
)
_SPACES = tuple(filter(str.isspace, map(chr, range(0x80, 0x10000))))


class Folded(NamedTuple):
    """Texts casefolded, in UTF-8, white space of ASCII as plain spaces.

    Text i is `data[offsets[i]:offsets[i + 1] - 1]`; before each is a space, behind the last one,
    too, and then the padding. `odd` are the numbers of the texts with characters beyond ASCII that
    may change where texts are normalised.
    """

    data: bytes
    offsets: NDArray[np.int64]
    odd: Sequence[int]

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Folded:
        """Some texts; None counts as an empty one."""
        return cls.seen(Screen.of([text or "" for text in texts]))

    @classmethod
    def seen(cls, screen: Screen) -> Folded:
        """The texts of a screen."""
        data, stops = screen.data, screen.stops
        sizes = screen.sizes + 1
        odd, pieces, done = [], [b" "], 0
        for number in screen.wide.tolist():
            stop = int(stops[number])
            start = stop + 1 - int(sizes[number])
            text = data[start:stop]
            foreign = text.translate(None, _ASCII)
            if len(foreign) > _FEW or not _stays(foreign):
                odd.append(number)
                cased = text.decode("utf-8", "surrogatepass")
                folded = cased.casefold().encode("utf-8", "surrogatepass")
                sizes[number] = len(folded) + 1
                pieces += (data[done:start], folded)
                done = stop
        pieces += (data[done:], PADDING)
        return cls(b"".join(pieces).translate(_FOLD), np.cumsum(np.append(1, sizes)), odd)

    def normalised(self) -> list[bytes]:
        """Each text in NFC, each run of white space one space, none at the ends."""
        data, offsets, odd = self
        found = [data[start : stop - 1] for start, stop in pairwise(offsets.tolist())]
        for number in odd:
            found[number] = _composed(found[number])
        space = np.frombuffer(data, np.uint8) == _SPACE
        double = 1 + np.flatnonzero(space[1:] & space[:-1])
        for number in np.unique(np.searchsorted(offsets, double, "right") - 1).tolist():
            found[number] = b" ".join(found[number].split())
        return found


@lru_cache(maxsize=4096)
def _stays(foreign: bytes) -> bool:
    """Whether a text stays as it is but for its ASCII, given without that.

    Most have few characters beyond ASCII, and the same: quotation marks, dashes. Where none is
    white space, has case or combines, what stands between them makes no difference.
    """
    text = foreign.decode("utf-8", "surrogatepass")
    return (
        text.casefold() == text
        and unicodedata.is_normalized("NFC", text)
        and not any(unicodedata.combining(char) or char.isspace() for char in text)
    )


def _composed(data: bytes) -> bytes:
    """A text in NFC, runs of white space beyond ASCII collapsed with the spaces around them."""
    text = unicodedata.normalize("NFC", data.decode("utf-8", "surrogatepass"))
    if any(space in text for space in _SPACES):
        text = " ".join(text.split())
    return text.encode("utf-8", "surrogatepass")
