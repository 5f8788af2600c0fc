"""Writing new rows as packs with their views, from the results of the second pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.adapters.base import Facets
from dslineage.store.columns import write_columns
from dslineage.store.pack import PackPlan, pack_name, text_places, write_rows, write_text
from dslineage.store.view import view_path
from dslineage.versions.digesting import Digested, ShapeTable
from dslineage.versions.faulty import FaultySet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.ids import Digest
    from dslineage.store.seekable import Frames
    from dslineage.store.store import Store
    from dslineage.versions.measurer import Measured


class FaultyRows(Exception):  # noqa: N818 - an interruption of the work, not an error for users
    """Some rows are no examples: of a pack, by their number among the new rows."""

    def __init__(self, faulty: FaultySet) -> None:
        super().__init__(f"{len(faulty)} faulty rows")
        self.faulty = faulty


@dataclass(frozen=True, slots=True)
class PackWriter:
    """Writes packs of new rows into a store.

    `source` is None where the rows' text goes into the pack; otherwise it names the file in
    which `places` count. `view` is the id of the views that are written beside, and `measures`
    that of the measures, if there are any.
    """

    store: Store
    context: bytes
    view: str
    source: Mapping[str, Any] | None
    measures: str | None = None

    def write(
        self,
        plan: PackPlan,
        results: Iterator[Digested],
        ids: NDArray[np.uint8],
        lengths: NDArray[np.int64],
        places: NDArray[np.int64] | None,
    ) -> NDArray[np.int64]:
        """Write one pack; the row numbers of its rows.

        Args:
            plan: which new rows are meant.
            results: what the second pass gave for them, in order.
            ids: row ids of all new rows.
            lengths: their lengths in bytes.
            places: where they are in `source`.

        Raises:
            FaultyRows: some rows are no examples; no pack was written.
        """
        rows = slice(plan.first, plan.stop)
        name = pack_name(ids[rows])
        folder = self.store.packs_folder
        collected: list[Digested] = []
        if self.source is None:
            path = folder / f"{name.hex}.zst"
            write_text(path, self._frames(plan, results, collected), durable=self.store.durable)
        else:
            collected.extend(self._checked(plan, results))
        table = ShapeTable()
        shapes = np.concatenate([table.translate(one.shape, one.shapes) for one in collected])
        columns = {
            "row_id": np.asarray(ids[rows]),
            "digest": np.concatenate([one.digests for one in collected]),
            "length": lengths[rows].astype("<u4"),
            "shape": shapes,
            "place": (text_places(lengths[rows]) if places is None else places[rows].astype("<u8")),
        }
        facets = {
            facet: np.concatenate([one.facets[facet] for one in collected])
            for facet in Facets._fields
        }
        write_columns(
            view_path(self.store.views_folder, name, self.view),
            facets,
            {"view": self.view},
            interleaved=True,
            durable=self.store.durable,
        )
        self._write_measures(name, [one.measures for one in collected if one.measures])
        write_rows(
            folder,
            name,
            context=self.context,
            columns=columns,
            shapes=table.shapes,
            source=None if self.source is None else dict(self.source),
            durable=self.store.durable,
        )
        return self.store.written(name) + np.arange(plan.stop - plan.first, dtype=np.int64)

    def _write_measures(self, pack: Digest, measured: Sequence[Measured]) -> None:
        if self.measures is None:
            return
        columns = {
            column: np.concatenate([one.columns[column] for one in measured])
            for column in measured[0].columns
        }
        names = {code: name for one in measured for code, name in one.names.items()}
        self.store.put_measures(pack, self.measures, columns, names)

    def _frames(
        self, plan: PackPlan, results: Iterator[Digested], collected: list[Digested]
    ) -> Iterator[Frames]:
        for result in self._checked(plan, results):
            if result.frames is not None:
                yield result.frames
            collected.append(result._replace(frames=None))

    def _checked(self, plan: PackPlan, results: Iterator[Digested]) -> Iterator[Digested]:
        place = plan.first
        faulty = FaultySet()
        for result in results:
            faulty.join(result.faulty, place)
            place += len(result.digests) + len(result.faulty)
            if not faulty:
                yield result
        if faulty:
            raise FaultyRows(faulty)


def first_occurrences(
    ids: NDArray[np.uint8], prefixes: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each distinct id first stands, in order, and which of those each id is equal to."""
    ordered = np.sort(prefixes)
    if (ordered[1:] != ordered[:-1]).all():  # a plain sort is far quicker than finding the order
        return np.arange(len(ids)), np.arange(len(ids))
    order = np.argsort(prefixes, kind="stable")
    fresh = _fresh(ids, prefixes, order)
    if fresh is None:
        words = np.ascontiguousarray(ids).view(">u8")
        order = np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
        fresh = np.append(True, (ids[order[1:]] != ids[order[:-1]]).any(axis=1))
    firsts = order[fresh]
    rank = np.empty(len(firsts), dtype=np.int64)
    rank[np.argsort(firsts)] = np.arange(len(firsts))
    group = np.empty(len(ids), dtype=np.int64)
    group[order] = rank[np.cumsum(fresh) - 1]
    return np.sort(firsts), group


def _fresh(
    ids: NDArray[np.uint8], prefixes: NDArray[np.uint64], order: NDArray[np.int64]
) -> NDArray[np.bool_] | None:
    """Where a new id begins in the order of prefixes; None where two ids share a prefix."""
    fresh = np.append(True, prefixes[order[1:]] != prefixes[order[:-1]])
    repeated = np.flatnonzero(~fresh)
    if len(repeated) and (ids[order[repeated]] != ids[order[repeated - 1]]).any():
        return None
    return fresh


def concatenated(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The arrays behind one another; an empty one of row numbers where there are none."""
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int64)
