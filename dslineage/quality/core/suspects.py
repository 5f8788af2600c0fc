"""Which texts of a chunk may hold personal data or secrets: necessary conditions, on all bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.screen import Marks, Octets, Places, Screen

_LONG_WORD = re.compile(rb"[A-Za-z0-9_-]{20}")


_DIGIT, _POINT, _SPACE, _IN_PHONE = (
    np.isin(np.arange(256), list(members))
    for members in (b"0123456789", b"-.", b" ", b"0123456789 ().-")
)


class Numbers(NamedTuple):
    """The texts with numbers that may be somebody's, each once.

    `grouped` have one of `000-0000`, `0000 0000`, `00000000`, where a full stop may stand for the
    hyphen. Each North American phone number, card and account number holds one, of groups too:
    4-4-4-4 and 4-6-5 digits have the first or the last of them. `called` have a `+` and
    eight bytes of which phone numbers are made; `dotted` three full stops within nine bytes,
    each between digits.
    """

    grouped: NDArray[np.int64]
    called: NDArray[np.int64]
    dotted: NDArray[np.int64]

    @classmethod
    def of(cls, screen: Screen) -> Numbers:
        """The numbers of some texts."""
        places = screen.where(_number_signs)
        plus = screen.octets[places] == ord("+")
        dot = screen.octets.take(places + 1, mode="clip") == ord(".")
        return cls(
            screen.texts_at(_grouped(screen.octets, places[~plus & ~dot])),
            screen.texts_at(_called(screen.octets, places[plus])),
            screen.texts_at(_dotted(places[dot])),
        )


def with_long_word(screen: Screen) -> NDArray[np.int64]:
    """The texts with 20 letters, digits, `_` or `-` in a row."""
    found = [
        place
        for place in screen.where(_sixteen_dense, 4).tolist()
        if _LONG_WORD.search(screen.data, max(0, place - 3), place + 20)
    ]
    return screen.texts_at(np.array(found, np.int64))


def _number_signs(octets: Octets) -> Marks:
    """Marks each plus, the first of four digits, a digit before a full stop and a digit."""
    digit = octets - np.uint8(ord("0")) < 10
    pair = digit[:-1] & digit[1:]
    marks: Marks = octets == ord("+")
    marks[:-3] |= pair[:-2] & pair[2:]
    marks[:-2] |= digit[:-2] & (octets[1:-1] == ord(".")) & digit[2:]
    return marks


def _grouped(octets: Octets, fours: Places) -> Places:
    """The four digits that end one of the shapes of `Numbers.grouped`."""

    def is_in(members: Marks, places: Places) -> Marks:
        return members[octets.take(places, mode="clip")]

    point = is_in(_POINT, fours - 1)
    behind = fours - (point | is_in(_SPACE, fours - 1))
    kept = point | is_in(_DIGIT, behind - 4)
    for distance in (1, 2, 3):
        kept &= is_in(_DIGIT, behind - distance)
    return fours[kept]


def _called(octets: Octets, pluses: Places) -> Places:
    """The pluses that have eight bytes of phone numbers behind them."""
    for distance in range(1, 9):
        pluses = pluses[_IN_PHONE[octets.take(pluses + distance, mode="clip")]]
    return pluses


def _dotted(stops: Places) -> Places:
    """The first of any three full stops within nine bytes."""
    return stops[:-2][stops[2:] - stops[:-2] <= 8]


def _sixteen_dense(octets: Octets) -> Marks:
    """Marks aligned groups of four of sixteen bytes that come behind the comma in ASCII.

    Twenty letters, digits, `_` or `-` cover such sixteen bytes, wherever they begin.
    """
    dense: Marks = octets[: len(octets) & ~3].view(np.int8) > ord(",")
    four: Marks = dense.view("<u4") == 0x01010101
    eight: Marks = four[:-1] & four[1:]
    sixteen: Marks = eight[:-2] & eight[2:]
    return sixteen
