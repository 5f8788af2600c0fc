"""The copies of objects that a remote holds: how they are called, and which of them are whole.

An object's name does not say what its bytes are: another compressor writes the same pack in other
bytes. The name of a copy says it: size and SHA-256 of the bytes stand in it. So a listing alone
tells a copy that is whole from one that was cut off, whoever sent it, and copies that two clones
sent never take each other's place. The normative text is `docs/format.md`, section Remotes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from dslineage.errors import RemoteError
from dslineage.ids import Digest
from dslineage.remotes.remote import Remote

FORMAT = {"format": 1, "features": []}
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
    folder: re.compile(rf"({name})-([0-9]{{1,15}})-([0-9a-f]{{64}})")
    for folder, name in _HEX.items()
}


class Copy(NamedTuple):
    """An object as a remote keeps it: `packs/<64 hex>.rows`, and size and hash of the bytes."""

    name: str
    size: int
    digest: Digest

    @property
    def path(self) -> str:
        """Where it is on the remote."""
        return f"{self.name}-{self.size}-{self.digest.hex}"

    @classmethod
    def parse(cls, folder: str, name: str) -> Copy | None:
        """The copy with some file name, or None: only names of objects ever become paths."""
        found = _COPY[folder].fullmatch(name)
        if found is None:
            return None
        return cls(f"{folder}/{found[1]}", int(found[2]), Digest(bytes.fromhex(found[3])))


@dataclass(frozen=True)
class Holding:
    """What a remote holds: whole copies by the object's name, and those of another size."""

    whole: Mapping[str, tuple[Copy, ...]]
    cut: tuple[Copy, ...]

    @classmethod
    def of(cls, remote: Remote) -> Holding:
        """List a remote.

        Raises:
            RemoteError: it refuses or goes away, or a newer release laid it out.
        """
        check_format(remote)
        whole: dict[str, list[Copy]] = defaultdict(list)
        cut = []
        for folder in _COPY:
            for listed in sorted(remote.listing(folder)):
                copy = Copy.parse(folder, listed.name)
                if copy is not None and copy.size == listed.size:
                    whole[copy.name].append(copy)
                elif copy is not None:
                    cut.append(copy)
        return cls({name: tuple(copies) for name, copies in whole.items()}, tuple(cut))


def check_format(remote: Remote) -> bool:
    """Whether anything was ever sent to a remote.

    Raises:
        RemoteError: it has a format that this release does not know.
    """
    if not any(listed.name == "format" for listed in remote.listing("")):
        return False
    data = b""
    for piece in remote.get("format"):
        data += piece
        if len(data) > _LONGEST:
            break
    try:
        found = orjson.loads(data)
        version, features = int(found["format"]), list(found["features"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise RemoteError(
            f"{remote.url} holds something else under our name: its format cannot be read",
            kind="not-our-remote",
            hint="dslineage remote list",
        ) from error
    if {"format": version, "features": features} != FORMAT:
        raise RemoteError(
            f"the objects on {remote.url} have format {version} with features {features}; "
            "this release reads format 1",
            kind="newer-format",
            hint="pip install --upgrade dslineage",
        )
    return True
