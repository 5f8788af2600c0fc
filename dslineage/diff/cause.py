"""What moved a metric, as results show it: examples, and the texts in them that did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dslineage.diff.result import RowChange


@dataclass(frozen=True, slots=True)
class Highlight:
    """A text of an example, and the characters in it that caused the value."""

    side: Literal["before", "after"]
    path: str
    text: str
    spans: tuple[tuple[int, int], ...]

    def to_dict(self) -> dict[str, Any]:
        """The highlight as a JSON object."""
        spans = [
            {"start": start, "stop": stop, "text": self.text[start:stop]}
            for start, stop in self.spans
        ]
        return {"side": self.side, "path": self.path, "spans": spans}


@dataclass(frozen=True, slots=True)
class Influence:
    """A changed example and what it contributes to a metric's delta.

    Attributes:
        row: the change.
        influence: its part of the delta, in the metric's unit.
        before: the metric's value before; None where it does not apply or there was no example.
        after: the value after.
        highlights: the texts that caused the values, where the metric names them.
        reason: why it counts in a metric of the whole set.
        others: digests of examples that this one counts together with there, in hex.
    """

    row: RowChange
    influence: float
    before: Any = None
    after: Any = None
    highlights: tuple[Highlight, ...] = ()
    reason: str = ""
    others: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The influence as a JSON object."""
        document: dict[str, Any] = {"influence": self.influence}
        if self.reason:
            document |= {"reason": self.reason, "others": list(self.others)}
        else:
            document["value"] = {"before": self.before, "after": self.after}
            document["highlights"] = [one.to_dict() for one in self.highlights]
        return document | self.row.to_dict()


@dataclass(frozen=True, slots=True)
class Why:
    """The examples that moved a metric most, of `count` that moved it."""

    metric: str
    count: int
    examples: tuple[Influence, ...]

    def to_dict(self) -> dict[str, Any]:
        """The answer as a JSON object."""
        return {
            "metric": self.metric,
            "count": self.count,
            "examples": [one.to_dict() for one in self.examples],
        }
