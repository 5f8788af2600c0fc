"""Digests and record ids, as types of their own.

The normative text is `docs/format.md`, section Digests and hashes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from dslineage.errors import UsageError

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A SHA-256 digest: 32 bytes, written as `sha256:` and 64 hex digits."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise UsageError(f"a SHA-256 digest has 32 bytes, not {len(self.raw)}")

    @classmethod
    def of(cls, data: bytes) -> Digest:
        """The digest of some bytes."""
        return cls(hashlib.sha256(data).digest())

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read `sha256:<64 hex digits>`; anything else is a UsageError."""
        algorithm, _, digits = text.partition(":")
        if algorithm != "sha256" or not _HEX.fullmatch(digits):
            raise UsageError(f"not a digest: {text!r}", hint="expected sha256: and 64 hex digits")
        return cls(bytes.fromhex(digits))

    @property
    def hex(self) -> str:
        """The 64 hex digits."""
        return self.raw.hex()

    @property
    def short(self) -> str:
        """The first 8 hex digits, for people."""
        return self.raw.hex()[:8]

    def __str__(self) -> str:
        return f"sha256:{self.raw.hex()}"
