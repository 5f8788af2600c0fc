"""Whether anything is still kept here of what was forgotten, said in a sentence, and quickly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.versions.denied import DenyList, all_denied, deny_list
from dslineage.versions.kept import DeniedRows

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.git import Git

APPLY = "dslineage forget --delete"


def forgotten_notices(git: Git, store: Store, *, counted: bool = False) -> tuple[str, ...]:
    """How far what is denied in a work tree is still kept here; nothing, if nothing is denied.

    Writes nothing but the cache. With `counted`, it is told, too, how much is forgotten.
    """
    try:
        deny, unread = all_denied(git, store)
    except IntegrityError as error:
        return (f"{error.message}: {error.hint}" if error.hint else error.message,)
    return (*unread, *(_kept_notices(store, deny, counted=counted) if deny else ()))


def _kept_notices(store: Store, deny: DenyList, *, counted: bool) -> tuple[str, ...]:
    try:
        denied = DeniedRows.of(store, deny)
        kept = denied.kept()
    except IntegrityError as error:
        return (f"nobody knows whether what was forgotten is still kept here: {error.message}",)
    if kept:
        return (f"{_still(kept)}: {APPLY}",)
    gone = sum(map(len, denied.rows.values()))
    rows = "1 stored row was" if gone == 1 else f"{gone:,} stored rows were"
    what = f"{rows} forgotten: digests are kept, bytes are not"
    return (what,) if gone and counted else ()


def refuse_kept(git: Git, store: Store) -> None:
    """Refuse to give objects away while they have bytes of what was forgotten.

    Raises:
        IntegrityError: they have, or nobody can say: a pack is damaged, or the key not here.
    """
    deny = deny_list(git, store)
    kept = DeniedRows.of(store, deny).kept() if deny else ()
    if kept:
        raise IntegrityError(f"{_still(kept)}; nothing was sent", kind="kept", hint=APPLY)


def _still(kept: Sequence[Digest]) -> str:
    packs = "1 pack" if len(kept) == 1 else f"{len(kept):,} packs"
    return f"examples that were forgotten are still kept here, in {packs}"
