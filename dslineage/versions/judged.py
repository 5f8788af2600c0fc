"""Which rows of packs are on a deny list, remembered from one command to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import orjson

from dslineage.errors import ResourceError
from dslineage.ids import Digest
from dslineage.members import mapping
from dslineage.store.files import write_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.records.forgotten import DenyList
    from dslineage.store.store import Store


class Judgements:
    """The rows of packs that are on a deny list, by the file whose digests say so.

    Of each file they are found once: of a pack's columns by the digests of examples, of a view by
    those of conversations.
    """

    def __init__(self, store: Store, deny: DenyList) -> None:
        self._store = store
        self._deny = deny
        self._path = (store.beneath or store).root / "cache" / "denied.json"
        self._list = Digest.of(deny.forgotten.to_bytes()).hex
        self._known = _read(self._path, self._list)
        self._new: dict[str, list[int]] = {}

    def examples(self, pack: Digest) -> NDArray[np.int64]:
        """The rows of a pack whose example digests are on the list, ascending."""
        judge = self._deny.examples
        return self._found(pack, pack.hex, lambda: judge(self._store.pack(pack).file["digest"]))

    def conversations(
        self, pack: Digest, view: str, digests: Callable[[], NDArray[np.uint8]]
    ) -> NDArray[np.int64]:
        """The rows of a pack whose conversations are, ascending.

        Args:
            pack: the pack.
            view: the id of the view that has them, 16 hex digits.
            digests: gives their digests.
        """
        name = f"{pack.hex}.{view}"
        return self._found(pack, name, lambda: self._deny.conversations(digests()))

    def save(self) -> None:
        """Keep what was found, where that is possible."""
        if self._new:
            document = {"list": self._list, "packs": {**self._known, **self._new}}
            with suppress(ResourceError):
                write_file(self._path, orjson.dumps(document), durable=False)

    def _found(
        self, pack: Digest, name: str, judge: Callable[[], NDArray[np.bool_]]
    ) -> NDArray[np.int64]:
        found = self._known.get(name)
        if not _are_rows(found, self._store.pack(pack).rows if found else 0):
            found = self._new[name] = np.flatnonzero(judge()).tolist()
        return np.array(found, np.int64)


def _are_rows(found: Any, count: int) -> TypeGuard[list[int]]:
    """Whether something that a cache has are rows of a pack of so many, ascending."""
    return (
        type(found) is list
        and all(type(row) is int and 0 <= row < count for row in found)
        and all(before < after for before, after in pairwise(found))
    )


def _read(path: Path, list_: str) -> Mapping[str, Any]:
    """What the cache knows for a deny list; one that cannot be read knows nothing."""
    try:
        document = orjson.loads(path.read_bytes())
        return mapping(document, "packs") if document["list"] == list_ else {}
    except (OSError, ValueError, LookupError, TypeError):
        return {}
