"""What a repository denies: its deny lists, with their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError
from dslineage.records.denylists import Denial, Listed, denial, others
from dslineage.records.forgotten import FORGOTTEN, DenyList, Forgotten
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dslineage.ids import Digest
    from dslineage.store.store import Store
    from dslineage.versions.git import Git

__all__ = [
    "DenyList",
    "all_denied",
    "deny_list",
    "key_names",
    "listed_elsewhere",
    "read_forgotten",
    "with_keys",
]


def read_forgotten(root: Path) -> Forgotten | None:
    """The deny list in a work tree, or None where it has none.

    Raises:
        IntegrityError: it is damaged, or a link.
    """
    refuse_links(root, FORGOTTEN)
    try:
        data = (root / FORGOTTEN).read_bytes()
    except FileNotFoundError:
        return None
    return Forgotten.from_bytes(data)


def deny_list(git: Git, store: Store) -> DenyList | None:
    """What is denied in a work tree, or None where nothing was forgotten; see `all_denied`."""
    return all_denied(git, store).deny


def all_denied(git: Git, store: Store) -> Denial:
    """What is denied in a work tree: by its list, and those of branches that HEAD does not contain.

    Raises:
        IntegrityError: the list of the work tree or a key is damaged, or its key is not here.
    """
    forgotten = read_forgotten(git.root)
    own = None if forgotten is None else with_keys(forgotten, store)
    return denial(own, listed_elsewhere(git), store.key)


def listed_elsewhere(git: Git, head: str | None = None) -> Iterator[Listed]:
    """The deny lists of other work trees, and of branches that a commit (HEAD) does not contain."""

    def ask(arguments: Sequence[str], stdin: bytes | None) -> bytes:
        return git.ask(arguments, stdin=stdin)

    return others(ask, git.common_dir, git.root, lambda: head or git.head())


def with_keys(forgotten: Forgotten, store: Store) -> DenyList:
    """A deny list with its keys.

    Raises:
        IntegrityError: one is not here, or damaged.
    """
    return DenyList({key: _read_key(store, key) for key in forgotten.hashes}, forgotten)


def key_names(git: Git) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the objects that are keys: of a work tree's list, and of others."""
    own = read_forgotten(git.root)
    mine = {} if own is None else own.hashes
    there = {key for one in listed_elsewhere(git) if one.forgotten for key in one.forgotten.hashes}
    return _named(mine), _named(there.difference(mine))


def _named(keys: Iterable[Digest]) -> tuple[str, ...]:
    return tuple(sorted(f"keys/{key.hex}" for key in keys))


def _read_key(store: Store, key: Digest) -> bytes:
    found = store.key(key)
    if found is None:
        raise IntegrityError(
            f"the key of {FORGOTTEN} is not here, and nobody can say which examples were forgotten",
            kind="missing-key",
            hint="dslineage fetch",
        )
    return found
