"""The deny list: which examples were forgotten, by keyed hash, so that none comes back.

The list is in git; the key is an object, which git does not carry. So whoever has only the git
repository cannot test a guess. The normative text is `docs/format.md`, section Forgotten examples.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from dslineage.ids import Digest
from dslineage.members import digest, member
from dslineage.records.form import damaged, pretty, read_document, understood

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORGOTTEN = ".dslineage/forgotten.json"
"""Where the list is, relative to the repository."""
FORGOTTEN_SCHEMA = "dslineage.forgotten/1"
KEY_BYTES = 32
EXAMPLE = b"example\0"
CONVERSATION = b"conversation\0"
_HASH = re.compile(r"[0-9a-f]{64}")
_MARKERS = re.compile(rb"^(<{7}|={7}|>{7})", re.MULTILINE)
_LONGEST = 256 << 20


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The deny list as git keeps it: the SHA-256 of the key, and keyed hashes of 32 bytes."""

    key: Digest
    hashes: frozenset[bytes]

    def joined(self, hashes: Iterable[bytes]) -> Self:
        """The list with more hashes."""
        return type(self)(self.key, self.hashes.union(hashes))

    def to_bytes(self) -> bytes:
        """The list's file: one hash a line, sorted.

        The list ends with an empty text, so that a hash is added without another line's changing,
        and git's union of two sides is a list.
        """
        hashes = [*sorted(one.hex() for one in self.hashes), ""]
        return pretty({"schema": FORGOTTEN_SCHEMA, "key": str(self.key), "hashes": hashes})

    @classmethod
    def from_bytes(cls, data: bytes, name: str = FORGOTTEN) -> Self:
        """Read a list's file; hashes may stand in any order, and more than once.

        Raises:
            IntegrityError: it is no list, of a newer schema, of two keys, or has merge markers.
        """
        if len(data) > _LONGEST:
            raise damaged(name, f"it has {len(data):,} bytes")
        if _MARKERS.search(data):
            raise damaged(name, "it has merge markers: keep the hashes of both sides")
        document = read_document(data, name, FORGOTTEN_SCHEMA)
        if data.count(b'"key"') > 1:
            raise damaged(name, "two lists were joined: keep one of them, and forget again")
        with understood(name):
            found = member(document, "hashes", list)
            return cls(digest(document, "key"), frozenset(map(_hash, filter(None, found))))


@dataclass(frozen=True, slots=True)
class DenyList:
    """What was forgotten: a list, and the key with which its hashes are made."""

    key: bytes
    forgotten: Forgotten

    def denies(self, example: bytes, conversation: bytes) -> bool:
        """Whether an example was forgotten, by its digest and that of its conversation."""
        hashes = self.forgotten.hashes
        return (
            keyed_example(self.key, example) in hashes
            or keyed_conversation(self.key, conversation) in hashes
        )

    def examples(self, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which example digests, of shape (n, 32), are on the list."""
        return self._listed(digests, EXAMPLE)

    def conversations(self, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which conversation digests, of shape (n, 32), are on the list."""
        return self._listed(digests, CONVERSATION)

    def _listed(self, digests: NDArray[np.uint8], kind: bytes) -> NDArray[np.bool_]:
        import numpy as np  # not at the top: hooks only ask whether there is a list

        hashes = self.forgotten.hashes
        keyed = map(keyed_hash(self.key, kind), map(bytes, digests))
        return np.fromiter((one in hashes for one in keyed), bool, len(digests))


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


def _hash(text: Any) -> bytes:
    if not isinstance(text, str) or not _HASH.fullmatch(text):
        raise ValueError(f"{text!r:.100} is no keyed hash")
    return bytes.fromhex(text)
