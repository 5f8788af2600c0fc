"""Arrays that grow on disk, so that memory does not grow with the data."""

from __future__ import annotations

import tempfile
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


class Spool:
    """An array of rows appended to a nameless temporary file, and mapped once it is whole."""

    def __init__(self, folder: Path, dtype: DTypeLike, width: int = 0) -> None:
        self._handle = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `array`
        weakref.finalize(self, self._handle.close)
        self._dtype = np.dtype(dtype)
        self._shape = (-1, width) if width else (-1,)

    def append(self, rows: NDArray[Any] | bytes) -> None:
        """Add rows at the end."""
        data = rows if isinstance(rows, bytes) else np.ascontiguousarray(rows, self._dtype).data
        if len(data):
            self._handle.write(data)

    @cached_property
    def array(self) -> NDArray[Any]:
        """All rows; none can be added from now on."""
        with self._handle:
            if not self._handle.tell():
                return np.zeros((0, *self._shape[1:]), self._dtype)
            self._handle.flush()
            mapped = np.memmap(self._handle, dtype=self._dtype, mode="r")
        return mapped.view(np.ndarray).reshape(self._shape)
