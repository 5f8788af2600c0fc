"""Texts casefolded, all at once: what words are found in, and what texts are compared by."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PADDING = bytes(8)
_SPACE = 0x20
_FOLD = bytes(
    _SPACE if byte < 0x80 and chr(byte).isspace() else byte for byte in bytes(range(256)).lower()
)
_SPACES = tuple(filter(str.isspace, map(chr, range(0x80, 0x10000))))


class Folded(NamedTuple):
    """Texts casefolded, in UTF-8, white space of ASCII as plain spaces.

    Text i is `data[offsets[i]:offsets[i + 1] - 1]`; before each is a space, behind the last one,
    too, and then the padding. `wide` are the numbers of the texts that are not ASCII.
    """

    data: bytes
    offsets: NDArray[np.int64]
    wide: Sequence[int]

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Folded:
        """Some texts; None counts as an empty one."""
        folded, wide = [], []
        for number, text in enumerate(texts):
            if text and not text.isascii():
                wide.append(number)
                text = text.casefold()  # noqa: PLW2901
            folded.append(text.encode("utf-8", "surrogatepass") if text else b"")
        data = b" ".join((b"", *folded, PADDING)).translate(_FOLD)
        return cls(data, np.cumsum([1, *[len(text) + 1 for text in folded]]), wide)

    def normalised(self) -> list[bytes]:
        """Each text in NFC, each run of white space one space, none at the ends."""
        data, offsets, wide = self
        found = [data[start : stop - 1] for start, stop in pairwise(offsets.tolist())]
        for number in wide:
            found[number] = _composed(found[number])
        space = np.frombuffer(data, np.uint8) == _SPACE
        double = 1 + np.flatnonzero(space[1:] & space[:-1])
        for number in np.unique(np.searchsorted(offsets, double, "right") - 1).tolist():
            found[number] = b" ".join(found[number].split())
        return found


def _composed(data: bytes) -> bytes:
    """A text in NFC, runs of white space beyond ASCII collapsed with the spaces around them."""
    text = unicodedata.normalize("NFC", data.decode("utf-8", "surrogatepass"))
    if any(space in text for space in _SPACES):
        text = " ".join(text.split())
    return text.encode("utf-8", "surrogatepass")
