"""The deny list: which examples were forgotten, by keyed hash, so that none comes back.

The list is in git; the key is an object, which git does not carry. So whoever has only the git
repository cannot test a guess. The normative text is `docs/format.md`, section Forgotten examples.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from dslineage.ids import Digest
from dslineage.members import digest, member
from dslineage.records.form import damaged, pretty, read_document, understood

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORGOTTEN = ".dslineage/forgotten.json"
"""Where the list is, relative to the repository."""
FORGOTTEN_SCHEMA = "dslineage.forgotten/2"
_ONE_KEY = "dslineage.forgotten/1"
KEY_BYTES = 32
EXAMPLE = b"example\0"
CONVERSATION = b"conversation\0"
_HASH = re.compile(r"[0-9a-f]{64}")
_MARKERS = re.compile(rb"^(<{7}|={7}|>{7})", re.MULTILINE)
_LONGEST = 256 << 20
_MOST_VALUES = 100
"""Objects and arrays in a list's file; a parser makes twenty bytes and more of each bracket."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The deny list as git keeps it: keyed hashes of 32 bytes, by the SHA-256 of their key."""

    hashes: Mapping[Digest, frozenset[bytes]]

    def __len__(self) -> int:
        return sum(map(len, self.hashes.values()))

    def joined(self, other: Forgotten) -> Forgotten:
        """What is on either list."""
        keys = {**self.hashes, **other.hashes}
        return Forgotten({key: self._of(key) | other._of(key) for key in keys})

    def without(self, other: Forgotten) -> Forgotten:
        """What is on this list and not on another."""
        left = {key: hashes - other._of(key) for key, hashes in self.hashes.items()}
        return Forgotten({key: hashes for key, hashes in left.items() if hashes})

    def under(self, keys: Container[Digest]) -> Forgotten:
        """What is on the list under some keys."""
        return Forgotten({key: some for key, some in self.hashes.items() if key in keys})

    def to_bytes(self) -> bytes:
        """The list's file: one hash a line, with its key, sorted.

        The list ends with an empty text, so that a hash is added without another line's changing,
        and git's union of two sides is a list, whatever their keys are.
        """
        lines = (f"{key}:{one.hex()}" for key, hashes in self.hashes.items() for one in hashes)
        return pretty({"schema": FORGOTTEN_SCHEMA, "hashes": [*sorted(lines), ""]})

    @classmethod
    def from_bytes(cls, data: bytes, name: str = FORGOTTEN) -> Self:
        """Read a list's file; hashes may stand in any order, and more than once.

        Raises:
            IntegrityError: it is no list, of a newer schema, or has merge markers.
        """
        if len(data) > _LONGEST:
            raise damaged(name, f"it has {len(data):,} bytes")
        if data.count(b"{") + data.count(b"[") > _MOST_VALUES:
            raise damaged(name, "it has more objects and arrays than a list has")
        if _MARKERS.search(data):
            raise damaged(name, "it has merge markers: keep the hashes of both sides")
        document = read_document(data, name, FORGOTTEN_SCHEMA, _ONE_KEY)
        with understood(name):
            before = f"{digest(document, 'key')}:" if document["schema"] == _ONE_KEY else ""
            found: dict[Digest, set[bytes]] = defaultdict(set)
            for line in filter(None, member(document, "hashes", list)):
                key, one = _entry(f"{before}{line}")
                found[key].add(one)
            return cls({key: frozenset(hashes) for key, hashes in found.items()})

    def _of(self, key: Digest) -> frozenset[bytes]:
        return self.hashes.get(key, frozenset())


@dataclass(frozen=True, slots=True)
class DenyList:
    """What was forgotten: a list, and the keys with which its hashes are made."""

    keys: Mapping[Digest, bytes]
    forgotten: Forgotten

    @property
    def key(self) -> bytes:
        """The key under which hashes are added: the first of them all."""
        return self.keys[min(self.keys)]

    def joined(self, other: DenyList) -> DenyList:
        """What either denies."""
        return DenyList({**self.keys, **other.keys}, self.forgotten.joined(other.forgotten))

    def denies(self, example: bytes, conversation: bytes) -> bool:
        """Whether an example was forgotten, by its digest and that of its conversation."""
        return any(
            keyed_example(self.keys[key], example) in hashes
            or keyed_conversation(self.keys[key], conversation) in hashes
            for key, hashes in self.forgotten.hashes.items()
        )

    def examples(self, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which example digests, of shape (n, 32), are on the list."""
        return self._listed(digests, EXAMPLE)

    def conversations(self, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which conversation digests, of shape (n, 32), are on the list."""
        return self._listed(digests, CONVERSATION)

    def _listed(self, digests: NDArray[np.uint8], kind: bytes) -> NDArray[np.bool_]:
        import numpy as np  # not at the top: hooks only ask whether there is a list

        found = np.zeros(len(digests), bool)
        for key, hashes in self.forgotten.hashes.items():
            keyed = map(keyed_hash(self.keys[key], kind), map(bytes, digests))
            found |= np.fromiter((one in hashes for one in keyed), bool, len(digests))
        return found


def keyed_example(key: bytes, example: bytes) -> bytes:
    """The keyed hash of an example, by its digest."""
    return hmac.digest(key, EXAMPLE + example, "sha256")


def keyed_conversation(key: bytes, conversation: bytes) -> bytes:
    """The keyed hash of a conversation, by its digest."""
    return hmac.digest(key, CONVERSATION + conversation, "sha256")


def keyed_hash(key: bytes, kind: bytes) -> Callable[[bytes], bytes]:
    """The same for many digests of one kind, EXAMPLE or CONVERSATION, in half the time.

    It is HMAC as RFC 2104 has it, the states after the key prepared once.
    """
    padded = key.ljust(hashlib.sha256().block_size, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + kind)
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def keyed(digest: bytes) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(digest)
        second.update(first.digest())
        return second.digest()

    return keyed


def _entry(text: str) -> tuple[Digest, bytes]:
    """The key and the hash of a line."""
    key, _, one = text.rpartition(":")
    if not _HASH.fullmatch(one):
        raise ValueError(f"{text!r:.200} is no keyed hash")
    return Digest.parse(key), bytes.fromhex(one)
