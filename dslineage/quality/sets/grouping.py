"""Places with equal keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def repeated(keys: NDArray[Any]) -> NDArray[np.int64]:
    """The places of keys that are there twice or more, ascending."""
    order = np.argsort(keys)
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    found = np.append(same, False) | np.append(False, same) if len(keys) else same
    return np.sort(order[found])


def members(keys: NDArray[Any]) -> list[tuple[int, ...]]:
    """The places of each key that is there twice or more, the largest group first, then by key."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(keys) else order
    sizes = np.diff(np.append(starts, len(keys)))
    many = np.flatnonzero(sizes > 1)
    many = many[np.argsort(-sizes[many], kind="stable")]
    return [tuple(order[starts[one] : starts[one] + sizes[one]].tolist()) for one in many]
