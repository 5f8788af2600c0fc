"""The copies of objects that a remote holds: how they are called, and which of them are whole.

An object's name does not say what its bytes are: another compressor writes the same pack in other
bytes. The name of a copy says it: size and SHA-256 of the bytes stand in it. So a listing alone
tells a copy that is whole from one that was cut off, whoever sent it, and copies that two clones
sent never take each other's place. A copy that is sent again, while one under its name may be
deleted, has a name of its own. The normative text is `docs/format.md`, section Remotes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from dslineage.errors import RemoteError
from dslineage.ids import Digest
from dslineage.remotes.remote import Remote, taken
from dslineage.store.marker import UPGRADE, Marker, Operation

FORMAT = b'{"format":1,"features":["claims"]}\n'
_KNOWN = frozenset({"claims"})
_LONGEST = 4096
_HEX = {
    "packs": r"[0-9a-f]{64}\.(?:rows|zst)",
    "views": r"[0-9a-f]{64}\.[0-9a-f]{16}",
    "measures": r"[0-9a-f]{64}\.[0-9a-f]{16}\.[0-9a-f]{16}",
    "layouts": r"[0-9a-f]{64}\.[0-9a-f]{16}",
    "blobs": r"[0-9a-f]{64}",
    "media": r"[0-9a-f]{64}",
    "links": r"[0-9a-f]{64}",
    "keys": r"[0-9a-f]{64}",
}
_COPY = {
    folder: re.compile(rf"({name})-([0-9]{{1,15}})-([0-9a-f]{{64}})(?:-([0-9a-f]{{16}}))?")
    for folder, name in _HEX.items()
}
FOLDERS = tuple(_COPY)
"""Where copies are, by the kind of object."""
TEMPORARY = re.compile(r"\..+\.[0-9a-f]{12}\.tmp")
"""What a copy is called while it is written, where the file system can rename."""


class Copy(NamedTuple):
    """An object as a remote keeps it: `packs/<64 hex>.rows`, and size and hash of the bytes.

    `again` tells a copy that was sent again from one of the same bytes; it is empty or 16 hex
    digits.
    """

    name: str
    size: int
    digest: Digest
    again: str = ""

    @property
    def path(self) -> str:
        """Where it is on the remote."""
        path = f"{self.name}-{self.size}-{self.digest.hex}"
        return f"{path}-{self.again}" if self.again else path

    @property
    def key(self) -> str:
        """What somebody needs who needs it.

        Any copy of an object will do, but of a layout only the one with these bytes: they say
        which packs it is over.
        """
        if self.name.startswith("layouts/"):
            return f"{self.name}-{self.size}-{self.digest.hex}"
        return self.name

    @classmethod
    def parse(cls, folder: str, name: str) -> Copy | None:
        """The copy with some file name, or None: only names of objects ever become paths."""
        found = _COPY[folder].fullmatch(name)
        if found is None:
            return None
        digest = Digest(bytes.fromhex(found[3]))
        return cls(f"{folder}/{found[1]}", int(found[2]), digest, found[4] or "")


@dataclass(frozen=True)
class Holding:
    """What a remote holds: whole copies by the object's name, and those of another size.

    `temporary` are files that are, or were, being written: the bytes of each, by its path.
    `strange` are the paths of others.
    """

    whole: Mapping[str, tuple[Copy, ...]]
    cut: tuple[Copy, ...]
    temporary: Mapping[str, int] = field(default_factory=dict)
    strange: tuple[str, ...] = ()

    @classmethod
    def of(cls, remote: Remote) -> Holding:
        """List a remote.

        Raises:
            RemoteError: it refuses or goes away, or a newer release laid it out.
        """
        check_format(remote)
        whole: dict[str, list[Copy]] = defaultdict(list)
        cut, temporary, strange = [], {}, []
        for folder in FOLDERS:
            for listed in sorted(remote.listing(folder)):
                copy = Copy.parse(folder, listed.name)
                if copy is not None and copy.size == listed.size:
                    whole[copy.name].append(copy)
                elif copy is not None:
                    cut.append(copy)
                elif TEMPORARY.fullmatch(listed.name):
                    temporary[f"{folder}/{listed.name}"] = listed.size
                else:
                    strange.append(f"{folder}/{listed.name}")
        copies = {name: tuple(some) for name, some in whole.items()}
        return cls(copies, tuple(cut), temporary, tuple(strange))

    @property
    def copies(self) -> list[Copy]:
        """Every whole copy."""
        return [copy for some in self.whole.values() for copy in some]

    @cached_property
    def keys(self) -> frozenset[str]:
        """What somebody can need that is there whole."""
        return frozenset(copy.key for copy in self.copies)

    def without(self, paths: Container[str]) -> Holding:
        """The same without some copies."""
        left = {
            name: tuple(copy for copy in some if copy.path not in paths)
            for name, some in self.whole.items()
        }
        whole = {name: some for name, some in left.items() if some}
        return replace(self, whole=whole)


def check_format(remote: Remote, operation: Operation = "read") -> bool:
    """Whether a remote has the format in which this release writes; False for an earlier one.

    Raises:
        RemoteError: to do that there takes a newer release.
    """
    if not any(listed.name == "format" for listed in remote.listing("")):
        return False
    try:
        marker = Marker.parse(taken(remote, "format", _LONGEST))
    except (LookupError, TypeError, ValueError) as error:
        raise RemoteError(
            f"{remote.url} holds something else under our name: its format cannot be read",
            kind="not-our-remote",
            hint="dslineage remote list",
        ) from error
    if why := marker.refusal(operation, remote.url, _KNOWN):
        raise RemoteError(why, kind="newer-format", hint=UPGRADE)
    return marker.features["read"] == _KNOWN
