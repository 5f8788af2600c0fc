"""Views: what depends on the adapter, per pack: the facets of its rows as columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest

if TYPE_CHECKING:
    from numpy.typing import NDArray

VIEW_VERSION = 2
"""Raised whenever a facet of the same conversation would be another one."""


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
    record = [(name, "u1", 32) if name == "conversation" else (name, "<u8") for name in names]
    rows = np.frombuffer(b"".join(chain.from_iterable(facets)), dtype=record)
    return {name: np.ascontiguousarray(rows[name]) for name in names}
