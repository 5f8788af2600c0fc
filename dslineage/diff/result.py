"""The result of a diff: one object, which every renderer and every program reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from dslineage.diff.cause import Why
    from dslineage.quality.movement import Movement

RULES = ("unkeyed", "key", "parent", "prompt", "opening", "response", "similar")
"""How two examples were found to be one edited example, most certain first."""

KINDS = (
    "prompt", "response", "system", "turns", "tools", "chosen", "rejected", "swapped", "label",
    "mask", "media", "metadata", "field", "formatting", "encoding",
)  # fmt: skip
"""What an edit changed; a pair may have several. The last two say how."""

Change = Literal["added", "removed", "edited"]


@dataclass(frozen=True, slots=True)
class SideInfo:
    """One side of a diff."""

    version: str
    content_hash: str
    training_hash: str
    examples: int
    quarantined: int
    adapter: str
    key: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The side as a JSON object."""
        return {
            "version": self.version,
            "content_hash": self.content_hash,
            "training_hash": self.training_hash,
            "examples": self.examples,
            "quarantined": self.quarantined,
            "adapter": self.adapter,
            "key": self.key,
        }


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A change of (nearly) all examples at once. `to` is a new name or type."""

    op: Literal["added", "removed", "renamed", "retyped"]
    field: str
    examples: int
    to: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The change as a JSON object."""
        base = {"op": self.op, "field": self.field, "examples": self.examples}
        return base | ({"to": self.to} if self.to else {})


@dataclass(frozen=True, slots=True)
class RowChange:
    """One example that was added, removed or edited.

    `before` and `after` are the examples themselves (absent where added or removed, or where the
    example was forgotten); digests are hex. `position` is the place in the file, from 0, on each
    side. `confidence` is 1.0 for rules that rest on equality and the similarity for `similar`.
    """

    change: Change
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    before_digest: str
    after_digest: str
    before_position: int | None
    after_position: int | None
    kinds: tuple[str, ...] = ()
    rule: str = ""
    confidence: float = 1.0

    @property
    def forgotten(self) -> bool:
        """Whether nobody knows any more what the example said."""
        return self.before is None and self.after is None

    def to_dict(self) -> dict[str, Any]:
        """The change as a JSON object."""
        sides = {
            side: {
                "digest": digest,
                "position": position,
                **({"forgotten": True} if value is None else {"example": value}),
            }
            for side, digest, position, value in (
                ("before", self.before_digest, self.before_position, self.before),
                ("after", self.after_digest, self.after_position, self.after),
            )
            if position is not None
        }
        head: dict[str, Any] = {"change": self.change}
        if self.change == "edited":
            head |= {"kinds": list(self.kinds), "rule": self.rule, "confidence": self.confidence}
        return head | sides


@dataclass(frozen=True, slots=True)
class MediaChange:
    """An example that is unchanged but for what is in files to which it refers.

    `media` maps the name of each of them to its SHA-256 before and after, in hex. Positions and
    digest are as in `RowChange`.
    """

    digest: str
    before_position: int
    after_position: int
    media: Mapping[str, tuple[str, str]]

    def to_dict(self) -> dict[str, Any]:
        """The change as a JSON object."""
        return {
            "digest": self.digest,
            "before_position": self.before_position,
            "after_position": self.after_position,
            "media": [
                {"name": name, "before": before, "after": after}
                for name, (before, after) in self.media.items()
            ],
        }


@dataclass(frozen=True, slots=True)
class DiffResult:
    """What changed between two snapshots.

    Counts hold, duplicates included: `unchanged + edited + removed == from_.examples` and
    `unchanged + edited + added == to.examples`. `edits` counts pairs by kind, `pairing` by rule.
    `media_changed` counts unchanged examples that show other media under the same names.
    `rows` and `media_rows` are there only where they were asked for; `notices` are sentences for
    people about what was capped, decided or not comparable. `metrics` has what moved more than
    chance first, and `why` the examples that moved a metric most: of the one that was asked about,
    or one example of each of the first that moved. `asked` are the metrics that were named.
    """

    dataset: str
    from_: SideInfo
    to: SideInfo
    identical: bool
    reordered: bool
    bytes_only: int
    unchanged: int
    edited: int
    removed: int
    added: int
    edits: Mapping[str, int]
    pairing: Mapping[str, int]
    related: int
    schema_changes: tuple[SchemaChange, ...] = ()
    notices: tuple[str, ...] = ()
    rows: tuple[RowChange, ...] | None = None
    samples: tuple[RowChange, ...] = field(default=())
    media_changed: int = 0
    media_rows: tuple[MediaChange, ...] | None = None
    metrics: tuple[Movement, ...] = ()
    why: tuple[Why, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether there is any change of an example, or of media to which it refers."""
        return not self.identical or self.media_changed > 0

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON document `dslineage.diff/1`."""
        document: dict[str, Any] = {
            "schema": "dslineage.diff/1",
            "dataset": self.dataset,
            "from": self.from_.to_dict(),
            "to": self.to.to_dict(),
            "identical": self.identical,
            "reordered": self.reordered,
            "bytes_only": self.bytes_only,
            "examples": {
                "from": self.from_.examples,
                "to": self.to.examples,
                "unchanged": self.unchanged,
                "edited": self.edited,
                "removed": self.removed,
                "added": self.added,
            },
            "edits": {kind: self.edits[kind] for kind in KINDS if self.edits.get(kind)},
            "pairing": {rule: self.pairing[rule] for rule in RULES if self.pairing.get(rule)},
            "related": self.related,
            "media_changed": self.media_changed,
            "schema_changes": [change.to_dict() for change in self.schema_changes],
            "metrics": [movement.to_dict() for movement in self.metrics],
            "notices": list(self.notices),
        }
        if self.why:
            document["why"] = [one.to_dict() for one in self.why]
        if self.rows is not None:
            document["rows"] = [row.to_dict() for row in self.rows]
        if self.media_rows is not None:
            document["media_rows"] = [row.to_dict() for row in self.media_rows]
        return document

    def to_arrow(self) -> pa.Table:
        """The changes as a table, one row each, examples as JSON text; the diff needs `rows`."""
        from dslineage.diff.tables import change_table

        return change_table(self)

    def to_pandas(self) -> pd.DataFrame:
        """The changes as a data frame, one row each, examples as dicts; the diff needs `rows`."""
        from dslineage.diff.tables import change_frame

        return change_frame(self)

    def _repr_html_(self) -> str:
        from dslineage.diff.html import diff_html

        return diff_html(self)
