"""A snapshot: one state of a data set, stored or not, as the diff and the exporter see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.ids import Digest
    from dslineage.store.media import MediaList


@dataclass(frozen=True, slots=True)
class FieldStats:
    """How one top-level field is filled: examples per JSON type, nulls counted as absent."""

    types: Mapping[str, int]

    @property
    def present(self) -> int:
        """In how many examples the field has a value."""
        return sum(self.types.values())


@dataclass(frozen=True, slots=True)
class FacetTable:
    """The facets of some rows as columns; see `dslineage.adapters.base.Facets`.

    `conversation` has shape (n, 32) and dtype uint8; every other facet is a uint64 array of n.
    """

    conversation: NDArray[np.uint8]
    columns: Mapping[str, NDArray[np.uint64]]

    def __getitem__(self, name: str) -> NDArray[np.uint64]:
        return self.columns[name]


class Snapshot(Protocol):
    """One state of a data set.

    A row number names a distinct stored row inside the snapshot's `space`; two examples with
    equal raw bytes share it. Numbers of two snapshots can be compared only where their spaces
    are the same object.
    """

    @property
    def label(self) -> str:
        """The version, or what else it is called."""

    @property
    def dataset(self) -> str:
        """The name of the data set."""

    @property
    def adapter(self) -> Adapter:
        """Makes the conversations."""

    @property
    def key(self) -> str | None:
        """The key field, if there is one."""

    @property
    def examples(self) -> int:
        """How many examples there are."""

    @property
    def unique(self) -> int:
        """How many different examples there are."""

    @property
    def quarantined(self) -> int:
        """How many spans are no examples."""

    @property
    def content_hash(self) -> Digest:
        """The Merkle root over the multiset of example digests."""

    @property
    def training_hash(self) -> Digest:
        """The Merkle root over conversation digests, those of media that were read in them."""

    @property
    def order_hash(self) -> Digest:
        """The hash of the example digests in file order."""

    @property
    def fields(self) -> Mapping[str, FieldStats]:
        """How each top-level field is filled."""

    @property
    def space(self) -> object:
        """The identity of the row numbering."""

    @property
    def space_size(self) -> int:
        """Row numbers are below this."""

    @property
    def media(self) -> MediaList:
        """The media that examples refer to by name; empty where nothing is known of them."""

    def rows(self) -> NDArray[np.int64]:
        """The row number of each example, in file order."""

    def digests(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Example digests of the given row numbers, shape (n, 32)."""

    def facets(self, rows: NDArray[np.int64]) -> FacetTable:
        """Facets of the given row numbers under the snapshot's adapter and key."""

    def forgotten(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of which rows nobody knows any more what they said, but their digests."""

    def text_bytes(self, rows: NDArray[np.int64]) -> int:
        """How many bytes the texts of the given row numbers have, as they stood in their files."""

    def read(self, rows: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
        """The examples with the given row numbers, in the order asked, without null members.

        Raises:
            IntegrityError: one was forgotten.
        """

    def shapes(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], Sequence[Mapping[str, str]]]:
        """Which top-level fields of which JSON type: an index for each row, and what it means."""
