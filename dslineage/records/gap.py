"""A gap: something that a record says it does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.members import matching, member

_KIND = re.compile(r"[a-z][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """What is not known, as a stable kind and a sentence.

    Kinds in use: `base-model` (on what data the base model was trained), `unknown-data` (data of
    a run that is no recorded version), `unrecorded-step` (how a version was made), `preparation`
    (what the trainer did to the rows), `consumption` (how much of the data was used), `code`
    (which code ran), `licence`, `sampling`, `unread-files`, `media` (what rows refer to was not
    hashed), `capture` (taking notes failed), `unrecorded-run` (the run that was resumed), `outcome`
    (how a run ended), `interrupted` (whether it did all that it was to do), `forgotten` (examples
    on a deny list were used all the same, or may have been).
    """

    kind: str
    message: str

    def to_dict(self) -> dict[str, Any]:
        """The gap as a JSON object."""
        return {"kind": self.kind, "message": self.message}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Gap:
        """Read a gap."""
        return cls(matching(entry, "kind", _KIND), member(entry, "message", str))


def gaps_of(document: Mapping[str, Any]) -> tuple[Gap, ...]:
    """The gaps of a document, none where it names none."""
    return tuple(Gap.from_dict(entry) for entry in document.get("gaps", []))
