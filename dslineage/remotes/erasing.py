"""Replacing objects on a remote by what they are here after something was forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from dslineage.errors import DslineageError, RemoteError
from dslineage.remotes.checking import check_sent, file_digest
from dslineage.remotes.copies import FOLDERS, Copy, Holding
from dslineage.remotes.parallel import Pulse, answered, each, explained

if TYPE_CHECKING:
    from dslineage.remotes.remote import Remote
    from dslineage.store.store import Store


@dataclass(frozen=True, slots=True)
class RemoteErased:
    """What becomes of objects on a remote, by their names, each sorted.

    `replaced` have the bytes that they have here, `deleted` are gone. Of those `left`, copies that
    may have what was forgotten are still there, for the reason `why`; with that and without any,
    nobody could look. `unsearched` counts packs that only the remote has, and that nobody looked
    into. `old` are the addresses of versions that a bucket keeps of files that are no more, and
    that may have it, too; `unasked` says why nobody knows of such.
    """

    name: str
    url: str
    replaced: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    why: str = ""
    unsearched: int = 0
    old: tuple[str, ...] = ()
    unasked: str = ""

    @property
    def remains(self) -> bool:
        """Whether it has bytes of an example, or nobody knows."""
        return bool(self.why or self.old or self.unsearched)

    def to_dict(self) -> dict[str, Any]:
        """The remote as a JSON object."""
        return {
            "name": self.name,
            "url": self.url,
            "replaced": list(self.replaced),
            "deleted": list(self.deleted),
            "left": list(self.left),
            "why": self.why or None,
            "unsearched": self.unsearched,
            "old": list(self.old),
            "unasked": self.unasked or None,
        }


class Going(NamedTuple):
    """Objects of which something was forgotten, by their names.

    `touched` were written anew or are to be; `gone` are no more; `away` are texts and blobs that
    may have something of it, and are not here to be written anew.
    """

    touched: Set[str]
    gone: Set[str]
    away: Set[str] = frozenset()


def replace_there(
    store: Store, remote: Remote, going: Going, looked: Set[str], *, again: str, act: bool
) -> RemoteErased:
    """Let a remote have objects as they are here, and no other copies of them.

    New copies are all there before an old one is deleted, so whoever fetches meanwhile finds one
    or the other, both whole. Where the remote refuses or goes away, or an object is damaged here,
    what was done is done, and the rest is told. While there are packs that nobody could look into,
    no blob goes: the text of a pack may be in it.

    Args:
        store: the objects.
        remote: where copies of them may be.
        going: what to do. Of those touched, what is not here is passed over, and what the remote
            has not is sent only if it is a text that its columns need.
        looked: the names of columns that are not here, and that have nothing of it.
        again: the command that goes on after a failure.
        act: whether to do it, or only to say of what there are copies.
    """
    stale: list[_File] = []
    left: list[_File] = []
    old: tuple[str, ...] = ()
    why = unasked = ""
    unsearched = 0
    waiting: Set[str] = frozenset()
    try:
        with explained(remote.name, lambda: _so_far(stale, left), again):
            holding = answered(partial(Holding.of, remote))
            unsearched = _unsearched(store, holding, looked)
            if act and unsearched:
                going = Going(going.touched, frozenset(), going.away | going.gone)
            waiting = going.away & holding.whole.keys()
            is_stale = _Stale(store, going, act=act)
            stale = list(_stale(holding, is_stale))
            if act:
                left = list(stale)
                names = _names(left)
                for copies in _sent(
                    is_stale, names.union(_beneath(store, names, holding)), holding
                ):
                    _send(store, remote, copies)
                while left:
                    answered(partial(remote.delete, left[0].path))
                    del left[0]
        try:
            old = answered(partial(_old, remote, is_stale))
        except RemoteError as error:
            unasked = error.message
    except DslineageError as error:
        why = error.message
    if waiting and not why:
        cause = (
            "packs there could not be looked into"
            if unsearched
            else "they could not be fetched to be written anew"
        )
        why = f"{remote.name}: {_may(waiting)}, and stay, since {cause}"
    done = _names(stale).difference(_names(left))
    replaced = done.intersection(going.touched).difference(going.gone)
    return RemoteErased(
        name=remote.name,
        url=remote.url,
        replaced=tuple(sorted(replaced)),
        deleted=tuple(sorted(done - replaced)),
        left=tuple(sorted(_names(left) | waiting)),
        why=why,
        unsearched=unsearched,
        old=old,
        unasked=unasked,
    )


class _File(NamedTuple):
    """A file on a remote, and the object that it is of; what is being written is of none."""

    name: str
    path: str


class _Stale:
    """Whether a copy may have something that was forgotten: it has other bytes than here."""

    def __init__(self, store: Store, going: Going, *, act: bool) -> None:
        self._store = store
        self._touched = going.touched
        self._gone = going.gone
        self._act = act
        self._here: dict[str, Copy | None] = {}

    def __call__(self, copy: Copy) -> bool:
        if copy.name in self._gone or not self._act:
            return copy.name in self._gone or copy.name in self._touched
        mine = self._as_here(copy.name) if copy.name in self._touched else None
        return mine is not None and (copy.size, copy.digest) != (mine.size, mine.digest)

    def temporary(self, path: str) -> bool:
        """Whether a file that is being written, or was when somebody was killed, may have it."""
        folder, _, name = path.partition("/")
        starts = {one[: len(folder) + 65] for one in chain(self._touched, self._gone)}
        return f"{folder}/{name[1:65]}" in starts

    def here(self, names: Iterable[str]) -> list[Copy]:
        """Some objects, as they are here; sorted."""
        found = map(self._as_here, sorted(names))
        return [copy for copy in found if copy is not None]

    def _as_here(self, name: str) -> Copy | None:
        if name not in self._here:
            path = self._store.root / name
            there = name not in self._gone and path.exists()
            self._here[name] = Copy(name, path.stat().st_size, file_digest(path)) if there else None
        return self._here[name]


def _stale(holding: Holding, is_stale: _Stale) -> Iterator[_File]:
    """The files of a remote that may have what was forgotten, in the order in which they go."""
    for path in filter(is_stale.temporary, sorted(holding.temporary)):
        yield _File(path, path)
    for copy in sorted(filter(is_stale, [*holding.copies, *holding.cut]), key=_last_needed):
        yield _File(copy.name, copy.path)


def _names(files: Iterable[_File]) -> set[str]:
    return {file.name for file in files}


def _so_far(stale: Sequence[_File], left: Sequence[_File]) -> str:
    """How far it came, for whoever reads that it failed."""
    if not stale:
        return "objects may be there that were forgotten here"
    return _may(_names(left))


def _may(names: Set[str]) -> str:
    several = "s" * (len(names) > 1)
    return f"{len(names):,} object{several} there may have what was forgotten here"


def _sent(is_stale: _Stale, names: Set[str], holding: Holding) -> Iterator[list[Copy]]:
    """The objects that are sent, in turns, so that columns never say what no text says there.

    Texts come first that were in a blob before; those with blanks in them come last, since the
    columns that came with the text before know nothing of blanks.
    """
    texts = {f"{name.removesuffix('.rows')}.zst" for name in names if name.endswith(".rows")}
    known = texts.intersection(holding.whole)
    for turn in (texts - known, names - texts, known):
        yield is_stale.here(turn)


def _beneath(store: Store, names: Set[str], holding: Holding) -> Iterator[str]:
    """What layouts that are sent are over, and the remote has not: another clone's were there."""
    for name in names:
        folder, _, file = name.partition("/")
        if folder == "layouts" and store.has_layout(file):
            for pack in store.layout(file).packs:
                objects = (f"packs/{pack.hex}.{kind}" for kind in ("rows", "zst"))
                yield from (one for one in objects if one not in holding.whole)


def _send(store: Store, remote: Remote, copies: Sequence[Copy]) -> None:
    pulse = Pulse(sum(copy.size for copy in copies))

    def send(copy: Copy) -> None:
        check_sent(copy.name, store.root / copy.name)
        remote.put(store.root / copy.name, copy.path, pulse.beat)

    each(copies, send, jobs=remote.jobs, pulse=pulse, tick=lambda: None)


def _last_needed(copy: Copy) -> tuple[int, str]:
    """Layouts and columns go before the texts and blobs that they need."""
    folder = copy.name.partition("/")[0]
    late = folder == "blobs" or copy.name.endswith(".zst")
    return (2 if late else 0 if folder == "layouts" else 1, copy.path)


def _unsearched(store: Store, holding: Holding, looked: Set[str]) -> int:
    """How many packs there are whose rows only the remote has, and that nobody looked into."""
    rows = {name for name in holding.whole if name.endswith(".rows")}
    return sum(not (store.root / name).exists() for name in rows - looked)


def _old(remote: Remote, is_stale: _Stale) -> tuple[str, ...]:
    """The addresses of old versions that may have what was forgotten, sorted."""
    found = []
    for folder in FOLDERS:
        for version in remote.old_versions(folder):
            copy = Copy.parse(folder, version.name)
            if copy is not None and is_stale(copy):
                found.append(version.url)
    return tuple(sorted(found))
