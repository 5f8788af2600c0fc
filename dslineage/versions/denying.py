"""Whether anything is still kept here of what was forgotten, said in a sentence, and quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from dslineage.errors import IntegrityError, ResourceError
from dslineage.ids import Digest
from dslineage.members import mapping
from dslineage.store.files import write_file
from dslineage.versions.denied import DenyList, all_denied, deny_list
from dslineage.versions.kept import DeniedRows, are_rows

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
        denied = cached_rows(store, deny)
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
    kept = cached_rows(store, deny).kept() if deny else ()
    if kept:
        raise IntegrityError(f"{_still(kept)}; nothing was sent", kind="kept", hint=APPLY)


def _still(kept: Sequence[Digest]) -> str:
    packs = "1 pack" if len(kept) == 1 else f"{len(kept):,} packs"
    return f"examples that were forgotten are still kept here, in {packs}"


def cached_rows(store: Store, deny: DenyList) -> DeniedRows:
    """The rows of a store that are denied; a pack that was looked through once is not again."""
    path = store.root / "cache" / "denied.json"
    denied = DeniedRows.of(store, deny)
    stamp = Digest.of(deny.forgotten.to_bytes()).hex
    known = _read(path, stamp)
    found = {}
    for name in store.pack_names():
        beside = list(denied.inventory.beside.get(name.hex, ()))
        rows = _rows(known.get(name.hex), beside)
        if not are_rows(rows, store.pack(name).rows if rows else 0):
            rows = denied.of_pack(store.pack(name)).tolist()
        found[name.hex] = [beside, rows]
    if found != known:
        _write(path, {"list": stamp, "packs": found})
    return denied.knowing(
        {
            Digest(bytes.fromhex(name)): np.array(rows, np.int64)
            for name, (_, rows) in found.items()
            if rows
        }
    )


def _read(path: Path, stamp: str) -> Mapping[str, Any]:
    try:
        document = orjson.loads(path.read_bytes())
        if document["list"] == stamp:
            return mapping(document, "packs")
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        pass
    return {}


def _rows(entry: Any, beside: Sequence[str]) -> Any:
    """The rows of a pack as they were kept; None where that was with other files beside it."""
    match entry:
        case [known, rows] if known == beside:
            return rows
    return None


def _write(path: Path, document: Mapping[str, Any]) -> None:
    try:
        write_file(path, orjson.dumps(document), durable=False)
    except ResourceError:
        return
