"""The record of a mixture: versions of data sets, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dslineage.ids import Digest
from dslineage.members import count, digest, instant, integer, known, member, number, optional, text
from dslineage.records.form import checked_name, ids
from dslineage.records.record import Record


@dataclass(frozen=True, slots=True)
class Component:
    """One data set of a mixture.

    `subject` is the id of the version. Of its examples at most `cap` are taken, each `repeats`
    times; `weight` is its share of what is drawn, relative to the other weights, where examples
    are drawn and not just put together.
    """

    subject: str
    examples: int
    weight: float | None = None
    cap: int | None = None
    repeats: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """The component as a JSON object."""
        return {
            "subject": self.subject,
            "examples": self.examples,
            **known(weight=self.weight, cap=self.cap),
            "repeats": self.repeats,
        }

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Component:
        """Read what `to_dict` gave."""
        return cls(
            ids([entry["subject"]], "dataset")[0],
            count(entry, "examples"),
            optional(entry, "weight", number),
            optional(entry, "cap", count),
            number(entry, "repeats"),
        )


@dataclass(frozen=True, slots=True)
class MixtureRecord(Record):
    """Which versions are mixed, and how. `file` and `sha256` name the file that a team reviews."""

    kind: ClassVar[str] = "mixture"
    schema: ClassVar[str] = "dslineage.mixture/1"

    name: str
    components: tuple[Component, ...]
    seed: int
    file: str
    sha256: Digest
    message: str
    author: str
    created_at: str
    tool: str

    @property
    def stem(self) -> str:
        """`NAME/NAME`."""
        return f"{self.name}/{self.name}"

    def _members(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "message": self.message,
            "components": [component.to_dict() for component in self.components],
            "seed": self.seed,
            "file": self.file,
            "sha256": str(self.sha256),
            "author": self.author,
            "created_at": self.created_at,
            "tool": self.tool,
        }

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        components = member(document, "components", list)
        if not components:
            raise ValueError("components is empty")
        return cls(
            name=checked_name(text(document, "name")),
            components=tuple(map(Component.from_dict, components)),
            seed=integer(document, "seed"),
            file=text(document, "file"),
            sha256=digest(document, "sha256"),
            message=text(document, "message"),
            author=text(document, "author"),
            created_at=instant(document, "created_at"),
            tool=text(document, "tool"),
        )
