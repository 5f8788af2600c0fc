"""Views: what depends on the adapter, per pack: the facets of its rows as columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest

if TYPE_CHECKING:
    from numpy.typing import NDArray

VIEW_VERSION = 1


def view_id(adapter_id: str, key: str | None) -> str:
    """The 16 hex digits that name the views of one adapter with one key field."""
    identity = {"view": VIEW_VERSION, "adapter": adapter_id, "key": key}
    return Digest.of(canonical_bytes(identity)).hex[:16]


def view_path(folder: Path, pack: Digest, view: str) -> Path:
    """Where the view of a pack is."""
    return folder / f"{pack.hex}.{view}"


def facet_columns(
    facets: Sequence[tuple[bytes, ...]], names: Sequence[str]
) -> dict[str, NDArray[Any]]:
    """Columns from facets: `conversation` as (n, 32) bytes, each other facet as n uint64."""
    columns: dict[str, NDArray[Any]] = {}
    for index, name in enumerate(names):
        joined = b"".join([facet[index] for facet in facets])
        if name == "conversation":
            columns[name] = np.frombuffer(joined, dtype="u1").reshape(-1, 32)
        else:
            columns[name] = np.frombuffer(joined, dtype="<u8")
    return columns
