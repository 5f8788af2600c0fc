"""What a record says of the media that the examples of a version refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.ids import Digest
from dslineage.members import count, digest, member


@dataclass(frozen=True, slots=True)
class ListedMedia:
    """The media list of a version, and what is in it.

    `read` counts the media whose content is known, `unread` the others by reason. `folder` is
    where media were looked for, relative to the pointer's folder; None: beside each data file.
    """

    list: Digest
    read: int
    unread: Mapping[str, int]
    folder: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        body = {"list": str(self.list), "read": self.read, "unread": dict(self.unread)}
        return body if self.folder is None else body | {"folder": self.folder}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> ListedMedia:
        """Read an entry; a KeyError, TypeError or ValueError where it is none."""
        unread = member(entry, "unread", dict)
        return cls(
            digest(entry, "list"),
            count(entry, "read"),
            {reason: count(unread, reason) for reason in unread},
            member(entry, "folder", str) if "folder" in entry else None,
        )
