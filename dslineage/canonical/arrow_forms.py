"""The JSON forms of Arrow values that hold no other values, a column at a time.

The forms are those of `docs/format.md`, section Arrow and Parquet.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

Array = Any  # a pyarrow array: the stubs do not say which class has which parts

_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400


def _plain(array: Array) -> list[Any]:
    values: list[Any] = array.to_pylist()
    return values


def _floats(array: Array) -> list[Any]:
    import pyarrow.compute as pc

    numbers: list[Any] = array.to_pylist()
    if pc.all(pc.is_finite(array)).as_py() is not False:
        return numbers
    return [x if x is None or math.isfinite(x) else _not_finite(x) for x in numbers]


def _not_finite(number: float) -> str:
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _decimals(array: Array) -> list[Any]:
    return _mapped(array.to_pylist(), _decimal)


def _decimal(number: Decimal) -> str:
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _binary(array: Array) -> list[Any]:
    return _mapped(array.to_pylist(), lambda data: base64.b64encode(data).decode())


def _timestamps(array: Array) -> list[Any]:
    per_second = _UNITS[array.type.unit]
    zone = "" if array.type.tz is None else "Z"

    def text(ticks: int) -> str:
        seconds, fraction = divmod(ticks, per_second)
        days, seconds = divmod(seconds, _DAY)
        return f"{_date(days)}T{_clock(seconds)}{_fraction(fraction, per_second)}{zone}"

    return _mapped(_ticks(array), text)


def _dates(array: Array) -> list[Any]:
    per_day = 1 if array.type.bit_width == 32 else _DAY * 1000
    return _mapped(_ticks(array), lambda ticks: _date(ticks // per_day))


def _times(array: Array) -> list[Any]:
    per_second = _UNITS[array.type.unit]

    def text(ticks: int) -> str:
        seconds, fraction = divmod(ticks, per_second)
        return f"{_clock(seconds)}{_fraction(fraction, per_second)}"

    return _mapped(_ticks(array), text)


def _durations(array: Array) -> list[Any]:
    per_second = _UNITS[array.type.unit]

    def text(ticks: int) -> str:
        seconds, fraction = divmod(abs(ticks), per_second)
        return f"{'-' if ticks < 0 else ''}PT{seconds}{_fraction(fraction, per_second)}S"

    return _mapped(_ticks(array), text)


def _intervals(array: Array) -> list[Any]:
    return _mapped(
        array.to_pylist(),
        lambda it: {"days": it.days, "months": it.months, "nanoseconds": it.nanoseconds},
    )


def _ticks(array: Array) -> list[Any]:
    import pyarrow as pa

    width = pa.int32() if array.type.bit_width == 32 else pa.int64()
    return _plain(array.view(width))


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    """The day that many days after 1970-01-01, in the proleptic Gregorian calendar.

    Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, civil_from_days.
    """
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year += 400 * era + (month <= 2)
    written = f"{year:04d}" if 0 <= year <= 9999 else f"{year:+07d}"
    return f"{written}-{month:02d}-{day:02d}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _fraction(ticks: int, per_second: int) -> str:
    return f".{ticks:0{len(str(per_second)) - 1}d}".rstrip("0") if ticks else ""


def _mapped(values: list[Any], form: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else form(value) for value in values]


SCALAR_FORMS: tuple[tuple[str, Callable[[Array], list[Any]]], ...] = (
    ("null", _plain),
    ("boolean", _plain),
    ("integer", _plain),
    ("floating", _floats),
    ("decimal", _decimals),
    ("binary", _binary),
    ("large_binary", _binary),
    ("binary_view", _binary),
    ("fixed_size_binary", _binary),
    ("timestamp", _timestamps),
    ("date", _dates),
    ("time", _times),
    ("duration", _durations),
    ("interval", _intervals),
)
"""What `pyarrow.types.is_…` says about a type, and the form of its values."""
