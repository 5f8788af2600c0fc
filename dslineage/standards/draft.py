"""A draft for a person to finish: boxes with what records say, and what would fill empty ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from dslineage.lineage.gaps import NodeGap
from dslineage.lineage.node import Node
from dslineage.records import Evidence

State = Literal["recorded", "not applicable", "empty"]

NO_ADVICE = (
    "This is a draft, not legal advice, and not finished. It holds only what records say.",
    "Somebody has to read it, check it and complete it before it is published.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that records say; about which node, and how that is known."""

    text: str
    about: Node
    evidence: Evidence

    def to_dict(self) -> dict[str, Any]:
        """The answer as a JSON object."""
        return {
            "text": self.text,
            "ref": self.about.ref,
            "id": self.about.id,
            "evidence": str(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Box:
    """One question of a form.

    Without answers it is `empty`, and `fill` says what would fill it; unless `absent` says why
    there is nothing to answer. `unsure` says why the answers may not be all.
    """

    number: str
    question: str
    answers: tuple[Answer, ...] = ()
    fill: str = ""
    absent: str = ""
    unsure: str = ""

    @property
    def state(self) -> State:
        """Whether records answer it."""
        return "recorded" if self.answers else "not applicable" if self.absent else "empty"

    def to_dict(self) -> dict[str, Any]:
        """The box as a JSON object."""
        return {
            "number": self.number,
            "question": self.question,
            "state": self.state,
            "answers": [answer.to_dict() for answer in self.answers],
            "filled_by": self.fill,
            "not_applicable_because": self.absent if self.state == "not applicable" else "",
            "may_not_be_all_because": self.unsure,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a form."""

    title: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form about a node, as far as records fill it."""

    title: str
    law: str
    of: Node
    parts: tuple[Part, ...]
    gaps: tuple[NodeGap, ...]
    table: bool = False

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes of all parts."""
        return tuple(box for part in self.parts for box in part.boxes)

    def to_dict(self) -> dict[str, Any]:
        """The draft as a JSON object."""
        return {
            "title": self.title,
            "law": self.law,
            "notice": list(NO_ADVICE),
            "parts": [
                {"title": part.title, "boxes": [box.to_dict() for box in part.boxes]}
                for part in self.parts
            ],
            "empty": [box.number for box in self.boxes if box.state == "empty"],
        }


def joined(*parts: str | None) -> str:
    """Some facts as one line; those that are not known are left out."""
    return "; ".join(part for part in parts if part)


def once(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Answers without repetitions, in their order."""
    return tuple(dict.fromkeys(answers))
