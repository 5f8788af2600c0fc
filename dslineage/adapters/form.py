"""Forms: what examples of a family look like, for detection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from dslineage.adapters.family import COLUMNS, MEDIA_COLUMNS, Family
from dslineage.adapters.jsontext import parsed
from dslineage.adapters.parts import MEDIA_KINDS


class Shape(NamedTuple):
    """What a column holds: a test of its value, and how that is said after the column's name."""

    holds: Callable[[Any], bool]
    says: str = ""


@dataclass(frozen=True)
class Form:
    """One way in which a family is written.

    `needs` are the roles whose columns must be there; `mark` is borne by at least one example,
    `marked` says what it is.
    """

    adapter: Family
    needs: Mapping[str, Shape]
    mark: Callable[[Family, Mapping[str, Any]], bool] | None = None
    marked: str = ""

    def fits(self, example: Mapping[str, Any]) -> bool:
        """Whether the example has every column that the form needs."""
        for role, shape in self.needs.items():
            column = getattr(self.adapter, role)
            if column not in example or not shape.holds(example[column]):
                return False
        return True

    def bears_mark(self, examples: Iterable[Mapping[str, Any]]) -> bool:
        """Whether some example bears the mark; without a mark, always."""
        mark = self.mark
        return mark is None or any(mark(self.adapter, example) for example in examples)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it needs."""
        return frozenset(getattr(self.adapter, role) for role in self.needs)

    @property
    def says(self) -> str:
        """What it needs, in words."""
        needs = (f"{getattr(self.adapter, role)}{s.says}" for role, s in self.needs.items())
        return ", ".join(needs) + (f" with {self.marked}" if self.marked else "")

    def mapped(self, columns: Mapping[str, str]) -> Form | None:
        """The form with other columns; None where it has no use for one of them."""
        optional = {role for role in COLUMNS if getattr(self.adapter, role)}
        if columns.keys() - self.needs.keys() - optional:
            return None
        return replace(self, adapter=self.adapter.with_columns(columns))


def _begins_with(member: str) -> Callable[[Any], bool]:
    """A test for messages, also as JSON in a string, of which the first has this member."""

    def holds(value: Any) -> bool:
        value = parsed(value)
        return type(value) is list and bool(value) and type(value[0]) is dict and member in value[0]

    return holds


def _is_flag(value: Any) -> bool:
    return value in (0, 1) or (type(value) is str and value.lower() in ("true", "false", "0", "1"))


TEXT = Shape(lambda value: type(value) is str)
SCALAR = Shape(lambda value: type(value) in (str, int, float, bool))
LIST = Shape(lambda value: type(value) is list, "[]")
OBJECT = Shape(lambda value: type(value) is dict, "{}")
BOOLEAN = Shape(lambda value: type(value) is bool, " (true or false)")
FLAG = Shape(_is_flag, " (true or false)")
ANY = Shape(lambda value: True)
ROLE_MESSAGES = Shape(_begins_with("role"), "[] with role and content")
FROM_MESSAGES = Shape(_begins_with("from"), "[] with from and value")
TURNS = Shape(
    lambda value: ROLE_MESSAGES.holds(value) or FROM_MESSAGES.holds(value), "[] with roles"
)
PROMPT = Shape(lambda value: type(value) is str or TURNS.holds(value))
ANSWER = Shape(
    lambda value: (
        PROMPT.holds(value) or (type(value) is dict and ("role" in value or "from" in value))
    )
)


def has_media(adapter: Family, example: Mapping[str, Any]) -> bool:
    """Whether the example has a column of media, or a message with a part that is one."""
    if any(example.get(getattr(adapter, role)) for role in MEDIA_COLUMNS):
        return True
    return any(
        type(part) is dict and part.get("type") in MEDIA_KINDS
        for turn in turns_of(adapter, example)
        for part in parts_of(adapter, turn)
    )


def turns_of(adapter: Family, example: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages of an example that are objects."""
    found = parsed(example.get(adapter.messages))
    return [turn for turn in found if type(turn) is dict] if type(found) is list else []


def parts_of(adapter: Family, turn: Mapping[str, Any]) -> list[Any]:
    """The parts of a message whose content is a list."""
    content = turn.get(adapter.content)
    return content if type(content) is list else []
