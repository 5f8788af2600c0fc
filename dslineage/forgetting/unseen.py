"""What only a remote has of examples that are forgotten comes here, and goes as all else does.

Packs from before those here were written anew, or that a clone never fetched, stay on a remote.
Whether they have denied rows takes their columns and views; only packs that have any come whole.
So do texts and blobs that a clone left out of what it fetched.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dslineage.ids import Digest
from dslineage.remotes.copies import Holding
from dslineage.remotes.parallel import STALL_SECONDS, answered
from dslineage.remotes.receiving import Receiving
from dslineage.store.inventory import Inventory
from dslineage.store.staging import staging
from dslineage.versions.kept import DeniedRows

if TYPE_CHECKING:
    from dslineage.remotes.remote import Remote
    from dslineage.store.layout import Layout
    from dslineage.store.store import Store
    from dslineage.versions.denied import DenyList

_BETWEEN = b" \t\r\n,[]"
"""What stands between records where nothing was put aside."""


def bring_denied(store: Store, remote: Remote, deny: DenyList) -> frozenset[str]:
    """Bring here what only a remote has, and that has something of what is denied.

    Returns:
        The names of the columns that were looked into, `packs/<64 hex>.rows`: those of packs that
        are not here, as far as the remote has them whole.

    Raises:
        RemoteError: the remote refuses or goes away.
        IntegrityError: a pack or a view here is damaged.
        ResourceError: there is no room.
    """
    holding = answered(partial(Holding.of, remote))
    unseen = sorted(name for name in holding.whole if not (store.root / name).exists())
    columns = [name for name in unseen if name.endswith(".rows")]
    layouts = [name for name in unseen if name.startswith("layouts/")]
    packs = {_pack(name) for name in columns}
    views = [name for name in unseen if name.startswith("views/") and _pack(name) in packs]
    if not unseen:
        return frozenset()
    with staging(store) as looked:
        _get(looked, remote, holding, [*columns, *layouts], views)
        wanted = set(_wanted(looked, unseen, _denied(store, looked, deny)))
        seen = frozenset(columns).intersection(Inventory.of(looked).objects)
    first = {name for name in wanted if name.endswith(".rows")}
    _get(store, remote, holding, sorted(first), sorted(wanted - first))
    return seen


def _get(store: Store, remote: Remote, holding: Holding, *turns: Sequence[str]) -> None:
    """Get objects, those of a turn at once: columns come before what is checked by them."""
    with staging(store) as staged:
        receiving = Receiving(store, staged, remote, None, STALL_SECONDS)
        receiving.holding = holding
        for names in turns:
            receiving.get(names)


def _denied(store: Store, looked: Store, deny: DenyList) -> DeniedRows:
    """The denied rows of a store and of what was looked into over it, each by its own views."""
    found = [DeniedRows.of(one, deny) for one in (store, looked)]
    rows = {
        pack: np.unique(np.concatenate([one.rows[pack] for one in found if pack in one.rows]))
        for pack in {*found[0].rows, *found[1].rows}
    }
    objects = {name: entry for one in found for name, entry in one.inventory.objects.items()}
    return DeniedRows(looked, Inventory(objects, {}), rows)


def _wanted(looked: Store, unseen: Sequence[str], denied: DeniedRows) -> Iterator[str]:
    """Which of the objects that are not here have something of what is denied.

    A blob that goes takes the text of all packs with it that were made of it, so these come, too.
    """
    going = {_source(looked, pack) for pack in denied.rows} - {""}
    for name in denied.inventory.layouts:
        if len(denied.in_layout(looked.layout(name))):
            going.add(name.partition(".")[0])
    sources = {pack: _source(looked, pack) for pack in looked.pack_names()}
    packs = {pack for pack, source in sources.items() if pack in denied.rows or source in going}
    hexes, blobs = {pack.hex for pack in packs}, {sources[pack] for pack in packs}
    for name in unseen:
        folder, _, file = name.partition("/")
        if folder == "layouts":
            wanted = looked.has_layout(file) and _is_of(looked.layout(file), packs)
        else:
            wanted = file in blobs if folder == "blobs" else _pack(name) in hexes
        if wanted:
            yield name


def _source(store: Store, pack: Digest) -> str:
    """The hash of the blob that the text of a pack is in; empty where it is in none."""
    source = store.pack(pack).source
    return "" if source is None or "path" in source else str(source["sha256"])


def _is_of(layout: Layout, packs: Container[Digest]) -> bool:
    """Whether a layout is over some packs, or has bytes of its own."""
    own = any(text.strip(_BETWEEN) for text in layout.gaps.texts)
    return own or any(pack in packs for pack in layout.packs)


def _pack(name: str) -> str:
    return name.partition("/")[2].partition(".")[0]
