"""Replacing objects on a remote by what they are here after something was forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from dslineage.remotes.checking import check_sent, file_digest
from dslineage.remotes.copies import Copy, Holding
from dslineage.remotes.parallel import Pulse, answered, each, explained

if TYPE_CHECKING:
    from dslineage.remotes.remote import Remote
    from dslineage.store.store import Store


class Replaced(NamedTuple):
    """The objects of a remote that are others now, those that are gone, and packs only it has."""

    objects: tuple[str, ...]
    deleted: tuple[str, ...]
    strangers: tuple[str, ...]


def replace_there(
    store: Store,
    remote: Remote,
    touched: Collection[str],
    gone: Collection[str],
    *,
    again: str,
    act: bool,
) -> Replaced:
    """Let a remote have objects as they are here, and no other copies of them.

    New copies are all there before an old one is deleted, so whoever fetches meanwhile finds one
    or the other, both whole.

    Args:
        store: the objects.
        remote: where copies of them may be.
        touched: the names of those of which something was forgotten; what is not here is passed
            over, and what the remote has not is not sent.
        gone: the names of those that are no more.
        again: the command that goes on after a failure.
        act: whether to do it, or only to say of what there are copies.

    Raises:
        IntegrityError: an object is damaged here; it was not sent.
        RemoteError: the remote refuses or goes away; what was done is done.
    """
    with explained(remote.name, lambda: "objects may be there that were forgotten here", again):
        holding = answered(partial(Holding.of, remote))
        old = [*chain.from_iterable(holding.whole.values()), *holding.cut]
        here = {
            name: _as_here(store, name)
            for name in {copy.name for copy in old}.intersection(touched)
            if (store.root / name).exists()
        }
        stale = [
            copy
            for copy in old
            if copy.name in gone or (_differs(copy, here) if act else copy.name in touched)
        ]
        names = {copy.name for copy in stale}
        if act:
            _send(store, remote, [here[name] for name in sorted(names.intersection(here))])
            _delete(remote, sorted(stale, key=_last_needed))
    return Replaced(
        tuple(sorted(names.difference(gone))),
        tuple(sorted(names.intersection(gone))),
        tuple(sorted(_strangers(store, holding))),
    )


def _differs(copy: Copy, here: Mapping[str, Copy]) -> bool:
    """Whether a copy has other bytes than the object has here."""
    mine = here.get(copy.name)
    return mine is not None and (copy.size, copy.digest) != (mine.size, mine.digest)


def _as_here(store: Store, name: str) -> Copy:
    path = store.root / name
    return Copy(name, path.stat().st_size, file_digest(path))


def _send(store: Store, remote: Remote, copies: Sequence[Copy]) -> None:
    pulse = Pulse(sum(copy.size for copy in copies))

    def send(copy: Copy) -> None:
        check_sent(copy.name, store.root / copy.name)
        remote.put(store.root / copy.name, copy.path, pulse.beat)

    each(copies, send, jobs=remote.jobs, pulse=pulse, tick=lambda: None)


def _delete(remote: Remote, copies: Sequence[Copy]) -> None:
    for copy in copies:
        answered(partial(remote.delete, copy.path))


def _last_needed(copy: Copy) -> tuple[int, str]:
    """Layouts and columns go before the texts and blobs that they need."""
    folder = copy.name.partition("/")[0]
    late = folder == "blobs" or copy.name.endswith(".zst")
    return (2 if late else 0 if folder == "layouts" else 1, copy.path)


def _strangers(store: Store, holding: Holding) -> list[str]:
    """The packs of which the remote has rows, and this repository none."""
    return [
        name
        for name in holding.whole
        if name.endswith(".rows") and not (store.root / name).exists()
    ]
