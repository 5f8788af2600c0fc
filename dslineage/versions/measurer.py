"""What measures examples while they are added; it is given to the ingest, which knows no metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.adapters.reading import Reading


class Measured(NamedTuple):
    """Columns of values, one value for each row, and the names behind codes in them."""

    columns: Mapping[str, NDArray[Any]]
    names: Mapping[str, str]


class Measurer(Protocol):
    """A pure function on parsed rows; it can be pickled."""

    def name(self, adapter: Adapter) -> str:
        """Names what is measured: 16 hex digits for the adapter, a dot, and 16 for the columns."""

    def __call__(self, rows: Sequence[Mapping[str, Any]], readings: Sequence[Reading]) -> Measured:
        """The columns for some rows and what they say, in their order; always the same columns."""
