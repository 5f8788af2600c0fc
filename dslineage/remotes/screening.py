"""Leaving out of packs that came, and were checked, the rows that were forgotten here."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.store.columns import read_columns
from dslineage.store.erasing import blank_text, mark_rows
from dslineage.store.pack import Pack

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.denied import DenyList


def screen(name: str, path: Path, store: Store, denied: DenyList | None) -> None:
    """Write an object anew, if there is something in it that was forgotten.

    Args:
        name: the object's name.
        path: where it is, under its final file name.
        store: has the views of its pack, if it is columns, or the columns, if it is a text.
        denied: what was forgotten; without it, what columns say that are here.
    """
    if name.endswith(".rows") and denied is not None:
        pack = _pack(path, path.parent)
        gone = denied.examples(pack.file["digest"])
        for view in store.views_folder.glob(f"{pack.name.hex}.*"):
            with suppress(IntegrityError):  # what cannot be read is told by whoever verifies
                gone |= denied.conversations(read_columns(view)["conversation"])
        mark_rows(pack, np.flatnonzero(gone), durable=True)
    if name.endswith(".zst"):
        blank_text(_pack(path, store.packs_folder), durable=True)


def _pack(path: Path, columns: Path) -> Pack:
    """The pack of a file in one folder, and columns in that or another."""
    name = Digest(bytes.fromhex(path.stem))
    return Pack(name, path.parent, read_columns(columns / f"{name.hex}.rows"))
