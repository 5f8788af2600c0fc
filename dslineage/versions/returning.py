"""Forgotten examples that come back, in whatever file: they are found, and refused."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dslineage.adapters.registry import adapter_id
from dslineage.errors import BadDataError, Fault
from dslineage.store.view import view_id
from dslineage.versions.judged import Judgements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.records.forgotten import DenyList
    from dslineage.versions.datafile import DataFile
    from dslineage.versions.stored import StoredSnapshot

_SHOWN = 20


def refuse_forgotten(
    snapshot: StoredSnapshot, denied: DenyList, files: Sequence[DataFile], names: Sequence[str]
) -> None:
    """Refuse files that have forgotten examples in them.

    Args:
        snapshot: the files, as they were just stored.
        denied: what was forgotten.
        files: the same files, to say where in them an example stands.
        names: what they are called.

    Raises:
        BadDataError: they have.
    """
    faults: list[Fault] = []
    for number, found in enumerate(returned(snapshot, denied)):
        if len(found):
            rows = snapshot.store.rows_of(snapshot.layouts[number])[found]
            spans = files[number].spans(found)
            for digest, span in zip(map(bytes, snapshot.digests(rows)), spans, strict=True):
                what = f"example {digest.hex()[:12]}"
                faults.append(Fault("forgotten", what, names[number], *span))
    if faults:
        shown = "\n".join(f"  {fault}" for fault in faults[:_SHOWN])
        more = f"\n  … and {len(faults) - _SHOWN:,} more" if len(faults) > _SHOWN else ""
        several = len(faults) > 1
        raise BadDataError(
            f"{len(faults):,} example{'s' * several} that {'were' if several else 'was'} forgotten "
            f"came back; nothing was recorded\n{shown}{more}",
            tuple(faults),
            kind="forgotten",
            hint="take these records out of the file, and out of where they came from",
        )


def returned(snapshot: StoredSnapshot, denied: DenyList) -> list[NDArray[np.int64]]:
    """Which examples of each file of a state were forgotten, by their numbers in the file.

    The rows of a pack are judged once for a deny list; the cache remembers which they are.
    """
    store = snapshot.store
    view = view_id(adapter_id(snapshot.adapter), snapshot.key)
    judged = Judgements(store, denied)
    gone = np.zeros(store.size, dtype=bool)
    for name in sorted({pack for layout in snapshot.layouts for pack in layout.packs}):
        rows = store.base(name) + np.arange(store.pack(name).rows)
        digests = partial(snapshot.conversations, rows)
        gone[rows[judged.examples(name)]] = True
        gone[rows[judged.conversations(name, view, digests)]] = True
    judged.save()
    return [np.flatnonzero(gone[store.rows_of(layout)]) for layout in snapshot.layouts]
