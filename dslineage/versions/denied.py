"""Whether examples were forgotten: the deny list of a work tree, with its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dslineage.errors import IntegrityError
from dslineage.records.forgotten import (
    CONVERSATION,
    EXAMPLE,
    FORGOTTEN,
    Forgotten,
    keyed_conversation,
    keyed_example,
    keyed_hash,
)
from dslineage.store.framed import FETCH
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from dslineage.store.store import Store


@dataclass(frozen=True, slots=True)
class DenyList:
    """What was forgotten: a list, and the key with which its hashes are made."""

    key: bytes
    forgotten: Forgotten

    @classmethod
    def joined(cls, forgotten: Forgotten, store: Store) -> DenyList:
        """A list with its key.

        Raises:
            IntegrityError: the key is not here, or damaged.
        """
        return cls(read_key(store, forgotten), forgotten)

    def denies(self, example: bytes, conversation: bytes) -> bool:
        """Whether an example was forgotten, by its digest and that of its conversation."""
        hashes = self.forgotten.hashes
        return (
            keyed_example(self.key, example) in hashes
            or keyed_conversation(self.key, conversation) in hashes
        )

    def examples(self, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which example digests, of shape (n, 32), are on the list."""
        return self._listed(digests, EXAMPLE)

    def conversations(self, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which conversation digests, of shape (n, 32), are on the list."""
        return self._listed(digests, CONVERSATION)

    def _listed(self, digests: NDArray[np.uint8], kind: bytes) -> NDArray[np.bool_]:
        hashes = self.forgotten.hashes
        keyed = map(keyed_hash(self.key, kind), map(bytes, digests))
        return np.fromiter((one in hashes for one in keyed), bool, len(digests))


def read_forgotten(root: Path) -> Forgotten | None:
    """The deny list of a work tree, or None where nothing was forgotten.

    Raises:
        IntegrityError: it is damaged, or a link.
    """
    refuse_links(root, FORGOTTEN)
    try:
        data = (root / FORGOTTEN).read_bytes()
    except FileNotFoundError:
        return None
    return Forgotten.from_bytes(data)


def deny_list(root: Path, store: Store) -> DenyList | None:
    """The deny list of a work tree with its key, or None where nothing was forgotten.

    Raises:
        IntegrityError: the list or the key is damaged, or the key is not here.
    """
    forgotten = read_forgotten(root)
    return None if forgotten is None else DenyList.joined(forgotten, store)


def key_name(root: Path) -> tuple[str, ...]:
    """The name of the object that is the key of a work tree's deny list; none without a list."""
    forgotten = read_forgotten(root)
    return () if forgotten is None else (f"keys/{forgotten.key.hex}",)


def read_key(store: Store, forgotten: Forgotten) -> bytes:
    """The key of a deny list.

    Raises:
        IntegrityError: it is not here, or damaged.
    """
    key = store.key(forgotten.key)
    if key is None:
        raise IntegrityError(
            f"the key of {FORGOTTEN} is not here, and nobody can say which examples were forgotten",
            kind="missing-key",
            hint=FETCH,
        )
    return key
