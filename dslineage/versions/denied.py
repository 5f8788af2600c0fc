"""Whether examples were forgotten: the deny list of a work tree, with its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError
from dslineage.records.forgotten import FORGOTTEN, DenyList, Forgotten
from dslineage.store.framed import FETCH
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from pathlib import Path

    from dslineage.store.store import Store

__all__ = ["DenyList", "deny_list", "key_name", "read_forgotten", "read_key", "with_key"]


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
    return None if forgotten is None else with_key(forgotten, store)


def with_key(forgotten: Forgotten, store: Store) -> DenyList:
    """A deny list with its key.

    Raises:
        IntegrityError: the key is not here, or damaged.
    """
    return DenyList(read_key(store, forgotten), forgotten)


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
