"""What versions need on a remote, where that may have other packs than there are here.

Packs can be written anew here, and layouts over those: the same files in another encoding. What a
remote has of a version in the encoding of before is as good, and is not sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.remotes.checking import file_digest
from dslineage.remotes.claims import Need
from dslineage.remotes.copies import Copy, Holding
from dslineage.remotes.fetching import Wanted, layouts_of
from dslineage.remotes.remote import Remote, taken
from dslineage.store.closure import Closure
from dslineage.store.layout import Layout

if TYPE_CHECKING:
    from dslineage.store.store import Store


class Planned(NamedTuple):
    """What a version needs there, and which of the objects here would have to be sent for that.

    `names` is empty, too, where the remote has all of it in another encoding. `whole` says whether
    the version is whole here.
    """

    need: Need
    names: frozenset[str]
    whole: bool


@dataclass(frozen=True)
class Encodings:
    """Says what versions need on a remote.

    Args:
        closure: what is here.
        remote: the remote.
        holding: what it holds and can be relied on.
    """

    closure: Closure
    remote: Remote
    holding: Holding

    def of_versions(self, versions: Sequence[Wanted]) -> list[Planned]:
        """What versions need there.

        Where all the packs of one go there for the sake of others, it goes in the encoding of here.

        Raises:
            IntegrityError: a layout or a pack is damaged here.
        """
        planned = [self._planned(version, frozenset()) for version in versions]
        sent = frozenset().union(*(one.names for one in planned))
        return [
            one if one.names.issuperset(layouts_of(version)) else self._planned(version, sent)
            for version, one in zip(versions, planned, strict=True)
        ]

    def _planned(self, version: Wanted, sent: frozenset[str]) -> Planned:
        """What a version needs there, where some objects are sent anyway."""
        names = objects_here(self.closure, version)
        keys = {key_of(self.closure.store, name): name for name in names}
        absent = {name for key, name in keys.items() if key not in self.holding.keys}
        other = None
        if any(map(_of_pack, absent - sent)) and not absent.isdisjoint(layouts_of(version)):
            other = self._there(version, names)
        if other is None:
            return Planned(
                Need(version.title, frozenset(keys)), frozenset(names), whole=bool(names)
            )
        aside = {name for name in names if _of_pack(name) or name.startswith("layouts/")}
        kept = {key for key, name in keys.items() if name not in aside} | other
        return Planned(Need(version.title, frozenset(kept)), frozenset(names - aside), whole=True)

    def _there(self, version: Wanted, names: set[str]) -> set[str] | None:
        """What a version needs as the remote has it, or None where that has it not whole.

        Views and measures of the kinds that are here have to be there, too.
        """
        beside = {
            (name.partition("/")[0], name.partition(".")[2])
            for name in names
            if name.startswith(("views/", "measures/"))
        }
        needed: set[str] = set()
        for name in layouts_of(version):
            for copy, layout in self._layouts(name):
                keys = {copy.key, *_packs_of(layout.packs, beside)}
                if layout.storage != "blob" and keys <= self.holding.keys:
                    needed |= keys
                    break
            else:
                return None
        return needed

    def _layouts(self, name: str) -> Iterator[tuple[Copy, Layout]]:
        """The layouts of a file that the remote has, as far as they are whole."""
        for copy in self.holding.whole.get(name, ()):
            data = taken(self.remote, copy.path, copy.size)
            if Digest.of(data) == copy.digest:
                with suppress(IntegrityError):
                    yield copy, Layout.decode(data, name)


def objects_here(closure: Closure, version: Wanted) -> set[str]:
    """The objects that a version needs; none where it is not whole here.

    Raises:
        IntegrityError: a layout or a pack is damaged.
    """
    try:
        names = closure.of_version(version.record, version.step)
    except IntegrityError as error:
        if error.kind != "missing-object":
            raise
        return set()
    return names if names <= closure.inventory.objects.keys() else set()


def keys_here(closure: Closure, version: Wanted) -> frozenset[str]:
    """The keys of the copies that a version needs where its encoding is that of here."""
    return frozenset(key_of(closure.store, name) for name in objects_here(closure, version))


def key_of(store: Store, name: str) -> str:
    """The key of the copy that would be sent of an object."""
    if not name.startswith("layouts/"):
        return name
    path = store.root / name
    return Copy(name, path.stat().st_size, file_digest(path)).key


def _packs_of(packs: Sequence[Digest], beside: set[tuple[str, str]]) -> Iterator[str]:
    for pack in packs:
        yield f"packs/{pack.hex}.rows"
        yield f"packs/{pack.hex}.zst"
        yield from (f"{folder}/{pack.hex}.{suffix}" for folder, suffix in beside)


def _of_pack(name: str) -> bool:
    return name.startswith(("packs/", "views/", "measures/"))
