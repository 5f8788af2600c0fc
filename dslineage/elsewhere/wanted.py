"""What is looked for: the forgotten examples, in every form in which their bytes are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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


def distinctive(examples: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The longest text of each example, if it is long enough to be told from others."""
    longest = (max(_texts(example), key=len, default="") for example in examples)
    return frozenset(text for text in longest if len(text) >= DISTINCTIVE)


def _texts(value: Any) -> Iterator[str]:
    """All strings in a value, names of members aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
