"""The canonical serialiser: a JSON value as the bytes that its digest is taken of.

RFC 8785 with the rules of `docs/format.md`, section Canonical form: null members are left out,
and integers keep all their digits.
"""

from __future__ import annotations

import json
import math
from typing import Any

from dslineage.errors import UsageError
from dslineage.ids import Digest

_quote = json.JSONEncoder(ensure_ascii=False).encode


def canonical_bytes(value: Any) -> bytes:
    """The canonical form of a value made of dict, list, tuple, str, int, float, bool and None.

    Raises:
        UsageError: the value is not JSON: another type, a key that is no string, a float that is
            not finite, half a surrogate pair, an integer of more than 4,300 digits, or a nesting
            too deep for Python's stack (a cycle, mostly).
    """
    out: list[str] = []
    try:
        _write(value, out)
        return "".join(out).encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"no JSON text has half a surrogate pair: {error.object!a:.80}") from error
    except RecursionError as error:
        raise UsageError("the value is nested too deeply, or contains itself") from error


def digest_of(value: Any) -> Digest:
    """SHA-256 of the canonical form."""
    return Digest.of(canonical_bytes(value))


def without_nulls(value: Any) -> Any:
    """A copy of the value without null members of objects, at every depth."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def number_text(number: float) -> str:
    """A finite double as ECMAScript writes it (ECMA-262, Number::toString)."""
    if not math.isfinite(number):
        raise UsageError(f"JSON has no number for {number}")
    if number == 0:
        return "0"
    text = float.__repr__(number)
    if "e" not in text:
        return text.removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    digits = mantissa.removeprefix("-").replace(".", "")
    return ("-" if number < 0 else "") + _lay_out(digits, int(exponent) + 1)


def _lay_out(digits: str, point: int) -> str:
    """Write 0.DIGITS × 10^point."""
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{point - 1:+d}"


def _write(value: Any, out: list[str]) -> None:
    match value:
        case str():
            out.append(_quote(value))
        case None:
            out.append("null")
        case bool():
            out.append("true" if value else "false")
        case int():
            out.append(_integer_text(value))
        case float():
            out.append(number_text(value))
        case dict():
            _write_object(value, out)
        case list() | tuple():
            _write_array(value, out)
        case _:
            raise UsageError(f"no JSON value: {type(value).__name__} {value!r:.80}")


def _write_array(items: list[Any] | tuple[Any, ...], out: list[str]) -> None:
    separator = "["
    for item in items:
        out.append(separator)
        _write(item, out)
        separator = ","
    out.append("]" if items else "[]")


def _write_object(members: dict[Any, Any], out: list[str]) -> None:
    separator = "{"
    for key in _sorted_keys(members):
        out += (separator, _quote(key), ":")
        _write(members[key], out)
        separator = ","
    out.append("{}" if separator == "{" else "}")


def _sorted_keys(members: dict[Any, Any]) -> list[str]:
    """The keys of members that are not null, in the order of their UTF-16 code units."""
    keys = [key for key, value in members.items() if value is not None]
    for key in keys:
        if not isinstance(key, str):
            raise UsageError(f"a JSON key is a string, not {type(key).__name__} {key!r:.80}")
    if "".join(keys).isascii():
        return sorted(keys)
    return sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass"))


def _integer_text(number: int) -> str:
    try:
        return int.__repr__(number)
    except ValueError as error:
        raise UsageError("an integer of more than 4,300 digits is no JSON number here") from error
