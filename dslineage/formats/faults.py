"""Faults of whole files, as the error that ends the reading of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dslineage.errors import BadDataError, Fault
from dslineage.formats.lines import Place, locate

if TYPE_CHECKING:
    from pathlib import Path


class Finding(NamedTuple):
    """Why a file as a whole cannot be read as what it claims to be; `hint` is the next step."""

    code: str
    message: str
    hint: str = ""


def bad_file(
    path: Path,
    code: str,
    message: str,
    hint: str = "",
    *,
    plain: Path | None = None,
    offset: int = 0,
) -> BadDataError:
    """The error for a file as a whole, with its one fault.

    Args:
        path: the file as the user knows it.
        code: the stable name of the fault.
        message: what is wrong.
        hint: the next step.
        plain: where the decoded bytes of a text file are; where there are none, the place is 1:1.
        offset: where in the decoded bytes the fault stands.
    """
    place = locate(plain, [offset])[0] if plain else Place(1, 1)
    fault = Fault(code, message, str(path), place.line, place.column, offset)
    return BadDataError(str(fault), (fault,), kind=code, hint=hint)
