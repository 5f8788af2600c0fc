"""What stands at each place of some examples, and the Arrow type that holds it by value.

A place is a path of member names, all items of an array being one place. `docs/arrow-law.md` says
when there is such a type.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

MAX_DEPTH = 32
MAX_MEMBERS = 1000
_EXACT_IN_DOUBLE = 2**53


class NoTypeError(ValueError):
    """No Arrow type holds what stands at a place; `path` is where, the message why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} {reason}")
        self.path = path


class Shape:
    """Everything seen at one place: kinds of values, the range of integers, what is inside."""

    __slots__ = ("high", "items", "kinds", "low", "members")

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.low = 0
        self.high = 0
        self.items: Shape | None = None
        self.members: dict[str, Shape] = {}

    def see(self, value: Any) -> None:
        """Take one more value into account; null is no kind.

        Raises:
            NoTypeError: the value is no JSON value.
        """
        match value:
            case None:
                return
            case str():
                self.kinds.add("text")
            case bool():
                self.kinds.add("true or false")
            case int():
                self.kinds.add("an integer")
                self.low, self.high = min(self.low, value), max(self.high, value)
            case float() if math.isfinite(value):
                self.kinds.add("a fraction")
            case list():
                self.kinds.add("a list")
                self.see_items(value)
            case dict():
                self.kinds.add("an object")
                self.see_members(value)
            case _:
                raise NoTypeError("$", f"holds {value!r:.80}, which is no JSON value")

    def see_items(self, values: Iterable[Any]) -> None:
        """Take the items of one array into account."""
        if self.items is None:
            self.items = Shape()
        for value in values:
            self.items.see(value)

    def see_members(self, members: dict[str, Any]) -> None:
        """Take the members of one object into account. Beyond the limit, names are not kept."""
        for name, value in members.items():
            shape = self.members.get(name)
            if shape is None and value is not None and len(self.members) <= MAX_MEMBERS:
                shape = self.members[name] = Shape()
            if shape is not None:
                shape.see(value)


def arrow_type(shape: Shape, path: str = "$", depth: int = 0) -> pa.DataType:
    """The type whose values are exactly those seen, by the forms of `docs/format.md`.

    Raises:
        NoTypeError: there is none.
    """
    import pyarrow as pa

    if depth > MAX_DEPTH:
        raise NoTypeError(path, f"is more than {MAX_DEPTH} levels deep")
    match sorted(shape.kinds):
        case [] | ["text"] | ["true or false"] as kinds:
            return pa.null() if not kinds else pa.string() if kinds == ["text"] else pa.bool_()
        case ["an integer"]:
            return _integer_type(shape, path)
        case ["a fraction"] | ["a fraction", "an integer"]:
            if max(-shape.low, shape.high) > _EXACT_IN_DOUBLE:
                raise NoTypeError(path, "holds fractions, and integers that no double can hold")
            return pa.float64()
        case ["a list"]:
            return pa.list_(arrow_type(shape.items or Shape(), f"{path}[]", depth + 1))
        case ["an object"]:
            return pa.struct(_fields(shape, path, depth))
        case kinds:
            raise NoTypeError(path, f"is now {', now '.join(kinds)}")


def _integer_type(shape: Shape, path: str) -> pa.DataType:
    import pyarrow as pa

    if shape.low >= -(2**63) and shape.high < 2**63:
        return pa.int64()
    if shape.low >= 0 and shape.high < 2**64:
        return pa.uint64()
    raise NoTypeError(path, "holds integers beyond 64 bits")


def _fields(shape: Shape, path: str, depth: int) -> list[pa.Field[Any]]:
    import pyarrow as pa

    if not shape.members:
        raise NoTypeError(path, "holds nothing but empty objects")
    if len(shape.members) > MAX_MEMBERS:
        raise NoTypeError(path, f"has more than {MAX_MEMBERS} different members")
    return [
        pa.field(name, arrow_type(inner, f"{path}.{name}", depth + 1))
        for name, inner in shape.members.items()
    ]
