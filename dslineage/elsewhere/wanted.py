"""What is looked for: the forgotten examples, in every form in which their bytes are known."""

from __future__ import annotations

from dataclasses import dataclass, field

from dslineage.ids import Digest

DISTINCTIVE = 24
"""A text of fewer characters is said in many places, and proves nothing."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file of a version that has forgotten examples: its path, and the version as `train@v4`."""

    path: str
    sha256: Digest
    size: int
    version: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Forgotten examples, as they can be recognised.

    `examples` are example digests, `conversations` those of conversations, each of 32 bytes; with
    `--only`, no conversation is forgotten. `raw` are the bytes of records as files have them, of
    tables their canonical form; `texts` what an example says that hardly another does. `files` are
    the files of versions with any of them in, and `versions` the ids of these versions. Of examples
    whose bytes are not here any more, there are neither `raw` nor `texts`.
    """

    examples: frozenset[bytes]
    conversations: frozenset[bytes]
    raw: frozenset[bytes] = frozenset()
    texts: frozenset[str] = frozenset()
    files: tuple[KnownFile, ...] = ()
    versions: frozenset[str] = field(default_factory=frozenset)
