"""What a program has to know before it reads, writes or deletes objects: the file `format`.

A release that lays something out in a new way names it there, under the first thing that an older
one would do wrong: what changes the meaning of bytes under `features`, what is also to be written
under `write`, what is also to be kept from deletion under `delete`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

import orjson

from dslineage.members import member, texts

Operation = Literal["read", "write", "delete"]
VERSION = 1
UPGRADE = "pip install --upgrade dslineage"
_MEMBERS: Mapping[Operation, tuple[str, ...]] = {
    "read": ("features",),
    "write": ("features", "write"),
    "delete": ("features", "write", "delete"),
}


@dataclass(frozen=True, slots=True)
class Marker:
    """A format: its version, the features of each operation, and a release that knows them."""

    version: int
    features: Mapping[Operation, frozenset[str]]
    release: str

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a `format`; a LookupError, TypeError or ValueError where it is none."""
        found = orjson.loads(data)
        version = member(found, "format", int)
        release = member(found, "release", str) if "release" in found else ""
        if version != VERSION:
            return cls(version, {}, release)
        member(found, "features", list)
        features = {
            operation: frozenset(name for part in parts for name in texts(found, part))
            for operation, parts in _MEMBERS.items()
        }
        return cls(version, features, release)

    def refusal(self, operation: Operation, where: str, known: frozenset[str]) -> str:
        """Why a release that knows some features must not do something; an empty text if it may."""
        release = f"; dslineage {self.release} does" if self.release else ""
        if self.version != VERSION:
            return (
                f"the objects in {where} have format {self.version}, which this release does not "
                f"know{release}"
            )
        unknown = sorted(self.features[operation] - known)
        if not unknown:
            return ""
        return (
            f"to {operation} the objects in {where}, their format asks for {', '.join(unknown)}, "
            f"which this release does not know{release}"
        )
