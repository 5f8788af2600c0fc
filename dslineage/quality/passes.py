"""Passes over the texts of stored rows, spread over the cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from dslineage.ids import Digest
from dslineage.quality.chunk import Chunk
from dslineage.store.store import Store
from dslineage.versions.executor import Executor, local_executor
from dslineage.versions.reading import RowReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.adapters.base import Adapter
    from dslineage.store.pack import Pack

R = TypeVar("R")
_TASK_BYTES = 1 << 20
_TASK_ROWS = 2048


@dataclass(frozen=True, slots=True)
class TextTask:
    """Some rows of one pack, ascending, and what to compute of their examples."""

    roots: tuple[Path, ...]
    pack: Digest
    rows: NDArray[np.int64]
    adapter: Adapter
    compute: Callable[[Chunk], Any]


def over_texts(
    store: Store,
    pack: Pack,
    rows: NDArray[np.int64],
    adapter: Adapter,
    compute: Callable[[Chunk], R],
    executor: Executor | None = None,
) -> Iterator[R]:
    """What a pure function makes of each chunk of some rows of a pack, in their order.

    Args:
        store: where the pack is.
        pack: the pack.
        rows: numbers of rows in the pack, ascending.
        adapter: makes examples of them.
        compute: can be pickled.
        executor: where chunks are worked on; None means processes made for this pass.
    """
    store.expect(store.base(pack.name) + rows)
    lengths = pack.file.take(["length"], rows)["length"].astype(np.int64)
    roots = (store.root,) if store.beneath is None else (store.root, store.beneath.root)
    tasks = (
        TextTask(roots, pack.name, rows[begin:end], adapter, compute)
        for begin, end in _cuts(lengths)
    )
    own = nullcontext(executor) if executor else local_executor(None, work_bytes=lengths.sum())
    with own as chosen:
        yield from chosen.map(compute_chunk, tasks)
    _reader.cache_clear()


def compute_chunk(task: TextTask) -> Any:
    """Read the rows of a task and compute what is asked."""
    store, reader = _reader(task.roots)
    parsed = reader.parsed(store.base(task.pack) + task.rows)
    return task.compute(Chunk.of([row.value for row in parsed], task.adapter))


@lru_cache(maxsize=1)
def _reader(roots: tuple[Path, ...]) -> tuple[Store, RowReader]:
    beneath = Store(roots[1]) if len(roots) > 1 else None
    store = Store(roots[0], beneath=beneath)
    return store, RowReader(store)


def _cuts(lengths: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    places = np.cumsum(lengths)
    first = 0
    while first < len(lengths):
        done = places[first - 1] if first else 0
        last = int(np.searchsorted(places, done + _TASK_BYTES))
        last = min(max(last, first + 1), first + _TASK_ROWS, len(lengths))
        yield first, last
        first = last
