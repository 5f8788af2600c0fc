"""A snapshot as it is compared: some fields left out, renamed or read as text, one adapter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.adapters.base import Adapter, Conversation, Facets
from dslineage.adapters.facets import Faceter
from dslineage.canonical.fast import write_values
from dslineage.canonical.jcs import canonical_bytes
from dslineage.canonical.strict import JsonError, parse_json
from dslineage.versions.snapshot import FacetTable, Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Projection:
    """What to do to an example before it is compared.

    `dropped` fields are left out; `renamed` maps a field's name to the one it is compared under,
    which the few examples that have both keep;
    of `as_text` fields, named as compared, the text form counts (see `text_form`).
    """

    dropped: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    as_text: frozenset[str] = frozenset()

    @property
    def is_identity(self) -> bool:
        """Whether every example is compared as it is."""
        return not (self.dropped or self.renamed or self.as_text)

    def apply(self, example: Mapping[str, Any]) -> dict[str, Any]:
        """The example as it is compared."""
        kept = {
            name if (common := self.renamed.get(name, name)) in example else common: value
            for name, value in example.items()
            if name not in self.dropped
        }
        for name in self.as_text & kept.keys():
            kept[name] = text_form(kept[name])
        return kept


def text_form(value: Any) -> str:
    """One text for a value of whatever type: `3` for 3, `"3"` and `3.0`, JSON for the others."""
    if not isinstance(value, str):
        return canonical_bytes(value).decode()
    try:
        meant = parse_json(value.encode())
    except (JsonError, UnicodeEncodeError):
        return value
    return meant if isinstance(meant, str) else canonical_bytes(meant).decode()


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A snapshot under a projection, an adapter and a key.

    Args:
        snapshot: what is looked at.
        projection: how each example is changed before it is compared.
        adapter: makes the conversations; must fit the projected examples.
        key: the key field, named as compared.
        by_conversation: whether two examples are equal when their conversations and the fields
            that the adapters do not consume are, whatever fields the conversations are made of.
    """

    snapshot: Snapshot
    projection: Projection
    adapter: Adapter
    key: str | None
    by_conversation: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the snapshot's own digests and facets are the view's."""
        return (
            self.projection.is_identity
            and not self.by_conversation
            and self.key == self.snapshot.key
            and self.adapter == self.snapshot.adapter
        )

    def read(self, rows: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
        """The projected examples of some rows."""
        examples = self.snapshot.read(rows)
        return examples if self.projection.is_identity else map(self.projection.apply, examples)

    def conversations(self, rows: NDArray[np.int64]) -> Iterator[Conversation]:
        """The conversations of some rows."""
        return map(self.adapter.conversation, self.read(rows))

    def digests(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Digests of what is compared, shape (n, 32)."""
        if self.projection.is_identity and not self.by_conversation:
            return self.snapshot.digests(rows)
        known = ~self.snapshot.forgotten(rows)
        found = np.empty((len(rows), 32), np.uint8)
        found[~known] = self.snapshot.digests(rows[~known])
        batches = self._batches(rows[known])
        digests = b"".join(digest for batch in batches for digest in self._digests(batch))
        found[known] = np.frombuffer(digests, np.uint8).reshape(-1, 32)
        return found

    def facets(self, rows: NDArray[np.int64]) -> FacetTable:
        """Facets of what is compared; zeros where that was forgotten."""
        if self.is_plain:
            return self.snapshot.facets(rows)
        faceter = Faceter(self.adapter, self.key)
        known = ~self.snapshot.forgotten(rows)
        tables = [
            _table([*map(faceter.facets, batch, self._digests(batch))])
            for batch in self._batches(rows[known])
        ]
        return _spread(_concatenate(tables or [_table([])]), known)

    def _batches(self, rows: NDArray[np.int64]) -> Iterator[list[dict[str, Any]]]:
        examples = self.read(rows)
        while batch := list(islice(examples, _BATCH)):
            yield batch

    def _digests(self, examples: list[dict[str, Any]]) -> list[bytes]:
        written = write_values([self._compared(example) for example in examples])
        return [hashlib.sha256(text).digest() for text in written]

    def _compared(self, example: dict[str, Any]) -> Any:
        if not self.by_conversation:
            return example
        consumed = self.adapter.consumed
        other = {name: value for name, value in example.items() if name not in consumed}
        return [self.adapter.conversation(example), other]


def _concatenate(tables: list[FacetTable]) -> FacetTable:
    """Several tables as one."""
    return FacetTable(
        np.concatenate([table.conversation for table in tables]),
        {
            name: np.concatenate([table[name] for table in tables])
            for name in Facets._fields
            if name != "conversation"
        },
    )


def _spread(table: FacetTable, where: NDArray[np.bool_]) -> FacetTable:
    """A table with its rows in some places, and zeros in the others."""
    if where.all():
        return table

    def spread(column: NDArray[Any]) -> NDArray[Any]:
        out = np.zeros((len(where), *column.shape[1:]), column.dtype)
        out[where] = column
        return out

    columns = {name: spread(column) for name, column in table.columns.items()}
    return FacetTable(spread(table.conversation), columns)


def take(table: FacetTable, rows: NDArray[np.int64]) -> FacetTable:
    """Some rows of a table."""
    return FacetTable(
        table.conversation[rows], {name: column[rows] for name, column in table.columns.items()}
    )


def _table(facets: list[Facets]) -> FacetTable:
    columns = {
        name: b"".join([facet[place] for facet in facets])
        for place, name in enumerate(Facets._fields)
    }
    conversation = np.frombuffer(columns.pop("conversation"), np.uint8).reshape(-1, 32)
    return FacetTable(
        conversation, {name: np.frombuffer(data, "<u8") for name, data in columns.items()}
    )
