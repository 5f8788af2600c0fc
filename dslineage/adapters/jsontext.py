"""JSON that stands inside a string, as tool arguments and tool definitions often do."""

from __future__ import annotations

from typing import Any

from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import RowFault

_ENDS = {"{": "}", "[": "]"}


def parsed(value: Any) -> Any:
    """The object or array that a string holds as strict JSON, without null members.

    Anything else comes back as it is: text that is not JSON, a bare number in a string, a value
    that is no string.
    """
    if type(value) is not str:
        return value
    text = value.strip(" \t\r\n")
    if text[-1:] != _ENDS.get(text[:1], ""):
        return value
    # As a member of an object, arrays take the same fast and checked path as records. Ending in a
    # bracket, the text cannot smuggle in a second member that is null and so left out.
    try:
        row = parse_rows([b'{"":%b}' % text.encode()])[0]
    except UnicodeEncodeError:
        return value
    if isinstance(row, RowFault) or list(row.value) != [""]:
        return value
    return row.value[""]
