"""What is done to every byte of a row, in Python, for where no compiler made `native.c` of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dslineage.adapters.stencils import Pressed, Stencil

COMPILED = 0
"""In `native.c` a number for the way in which it is called."""

_LOWER = bytes(range(256)).lower()
_SPACE = b" \t\n\v\f\r\x1c\x1d\x1e\x1f"
_ASCII = bytes(range(128))


def fold(data: bytes, /) -> tuple[bytes, bytes]:
    """ASCII in lower case and without white space, all else as it is; and all else by itself."""
    return data.translate(_LOWER, _SPACE), b"" if data.isascii() else data.translate(None, _ASCII)


def press(
    record: bytes, stencils: Mapping[bytes, Stencil | None], tag: bytes, /
) -> Pressed | bytes | None:
    """Write a record by the stencil of its skeleton.

    The skeleton comes back where it is not among the stencils. None where it has no stencil, or
    where the record has leaves that may be written otherwise; here that is so of every record,
    since Python would need for it as long as for reading.
    """
    return None
