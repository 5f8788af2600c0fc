"""Sorting digests: the first eight bytes of hashes, which are spread evenly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TOP = np.uint64(48)


def order_of(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The places of keys in ascending order, equal ones as they stand: a stable `np.argsort`.

    Numbers of 16 bits are sorted by counting. By their first 16 bits, evenly spread keys come so
    close to their places that the rest takes a third of the time; any others come out the same.
    """
    nearly = np.argsort((keys >> _TOP).astype(np.uint16), kind="stable")
    return nearly.take(np.argsort(keys.take(nearly), kind="stable"))
