"""How strongly something is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from dslineage.members import choice


class Evidence(StrEnum):
    """The grounds of an answer, from the weakest to the strongest.

    A record keeps one of the first three. `verified` holds only for the moment of an answer that
    hashed the bytes again; `signed` needs a signature over the record.
    """

    DECLARED = "declared"
    RECORDED = "recorded"
    CAPTURED = "captured"
    VERIFIED = "verified"
    SIGNED = "signed"

    @property
    def strength(self) -> int:
        """0 for the weakest."""
        return list(Evidence).index(self)

    @property
    def meaning(self) -> str:
        """What the word says, for people."""
        return _MEANINGS[self]


_MEANINGS = {
    Evidence.DECLARED: "somebody said so",
    Evidence.RECORDED: "by content hash",
    Evidence.CAPTURED: "seen in the process that did it",
    Evidence.VERIFIED: "hashed again just now",
    Evidence.SIGNED: "signed",
}


KEPT = (Evidence.DECLARED, Evidence.RECORDED, Evidence.CAPTURED)
"""What a record can say of itself."""


def evidence_of(document: Mapping[str, Any], name: str = "evidence") -> Evidence:
    """The evidence that a record keeps; a ValueError where it is none of these."""
    return choice(document, name, KEPT)


def weakest(path: Iterable[Evidence]) -> Evidence:
    """What an answer is worth that rests on all of these; an empty path is a ValueError."""
    return min(path, key=lambda one: one.strength)
