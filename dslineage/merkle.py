"""Hashes over many examples: content hash, order hash, row ids, and proofs about one example.

The normative text is `docs/format.md`, section Digests and hashes. Digests come as arrays of shape
(n, 32) and dtype uint8, in memory or memory-mapped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dslineage.ids import Digest
from dslineage.sorting import order_of

if TYPE_CHECKING:
    from hashlib import _Hash

Digests = NDArray[np.uint8]

_BUCKET_BITS = 12
_BUCKETS = 1 << _BUCKET_BITS
_SORTED_AT_ONCE = 1 << 22
_LOOKED_AT_AT_ONCE = 1 << 20


class Multiset(NamedTuple):
    """What the sorted digests tell: the content hash, and how many are different."""

    content_hash: Digest
    unique: int


def multiset(*parts: Digests) -> Multiset:
    """The Merkle root over the multiset of all digests in the parts, and how many differ.

    Memory stays at about three times 128 MB, however many digests there are: more than that are
    read several times over, a range of their first bits each time.
    """
    leaves: list[bytes] = []
    unique = 0
    for sorted_digests, buckets in _ranges(parts):
        leaves += _leaves(sorted_digests, buckets)
        unique += _distinct(sorted_digests)
    return Multiset(_seal(sum(map(len, parts)), _levels(leaves)[-1][0]), unique)


def content_hash(*parts: Digests) -> Digest:
    """The Merkle root over the multiset of all digests in the parts; see `multiset`."""
    return multiset(*parts).content_hash


def order_hash(chunks: Iterable[Digests]) -> Digest:
    """SHA-256(0x03 ‖ digests), the chunks being in file order."""
    hasher = hashlib.sha256(b"\x03")
    for chunk in chunks:
        hasher.update(np.ascontiguousarray(chunk).data)
    return Digest(hasher.digest())


def quarantine_hash(spans: bytes) -> Digest:
    """SHA-256(0x04 ‖ the SHA-256 of each quarantined span), in file order."""
    return Digest.of(b"\x04" + spans)


def row_hasher(context: bytes) -> _Hash:
    """A hasher that has read all of a row id but the record.

    Use it as `hasher = prefilled.copy(); hasher.update(record); hasher.digest()`.

    Args:
        context: what gives the bytes of a record their meaning, as canonical JSON.
    """
    return hashlib.sha256(b"\x05" + hashlib.sha256(context).digest())


def row_id(context: bytes, record: bytes) -> Digest:
    """SHA-256(0x05 ‖ SHA-256 of the context ‖ record)."""
    hasher = row_hasher(context)
    hasher.update(record)
    return Digest(hasher.digest())


def shown_digest(conversation: bytes, media: Sequence[bytes | None]) -> bytes:
    """The conversation digest of an example of a version, where some of its media were read.

    SHA-256(0x06 ‖ conversation digest ‖ the digest of each medium, zeros where it was not read);
    the conversation digest itself where none was.
    """
    if not any(media):
        return conversation
    found = (bytes(32) if digest is None else digest for digest in media)
    return hashlib.sha256(b"\x06" + conversation + b"".join(found)).digest()


@dataclass(frozen=True, slots=True)
class Proof:
    """How often a digest is in a multiset, shown by one bucket and the way from there to the root.

    `bucket` is the sorted digests that share the first 12 bits of `digest`; `siblings` are the
    12 hashes beside the way up, lowest first; `examples` is the size of the multiset.
    """

    digest: Digest
    bucket: bytes
    siblings: tuple[bytes, ...]
    examples: int

    @property
    def count(self) -> int:
        """How often the digest occurs; 0 means that it is absent."""
        return _split(self.bucket).count(self.digest.raw)

    def verify(self, content_hash: Digest) -> bool:
        """Whether a multiset with this content hash holds the digest `count` times."""
        well_formed = len(self.bucket) % 32 == 0 and 0 <= self.examples < 1 << 64
        if not well_formed or len(self.siblings) != _BUCKET_BITS:
            return False
        index = _bucket_of(self.digest.raw)
        node = _leaf(self.bucket)
        for sibling in self.siblings:
            node = _node(sibling, node) if index & 1 else _node(node, sibling)
            index >>= 1
        return _seal(self.examples, node) == content_hash


def prove(digest: Digest, *parts: Digests) -> Proof:
    """A proof of how often the digest is among all digests in the parts."""
    own = _bucket_of(digest.raw)
    bucket = b""
    leaves: list[bytes] = []
    for sorted_digests, buckets in _ranges(parts):
        if own in buckets:
            starts = _starts(sorted_digests, range(own, own + 1))
            bucket = sorted_digests[starts[0] : starts[1]].tobytes()
        leaves += _leaves(sorted_digests, buckets)
    levels = _levels(leaves)[:-1]
    siblings = tuple(level[(own >> height) ^ 1] for height, level in enumerate(levels))
    return Proof(digest, bucket, siblings, sum(map(len, parts)))


def _ranges(parts: Sequence[Digests]) -> Iterator[tuple[Digests, range]]:
    """All digests, sorted, in one or more runs of whole buckets."""
    total = sum(map(len, parts))
    runs = 1
    while total > runs * _SORTED_AT_ONCE and runs < _BUCKETS:
        runs *= 2
    step = _BUCKETS // runs
    for first in range(0, _BUCKETS, step):
        buckets = range(first, first + step)
        yield _sorted(np.concatenate(list(_pick(parts, buckets)))), buckets


def _pick(parts: Sequence[Digests], buckets: range) -> Iterator[Digests]:
    """The digests that fall into the buckets."""
    yield np.empty((0, 32), np.uint8)
    for part in parts:
        if len(buckets) == _BUCKETS:
            yield part
            continue
        for start in range(0, len(part), _LOOKED_AT_AT_ONCE):
            chunk = part[start : start + _LOOKED_AT_AT_ONCE]
            bucket = _bucket_numbers(chunk)
            yield chunk[(bucket >= buckets.start) & (bucket < buckets.stop)]


def _sorted(digests: Digests) -> Digests:
    """The digests in byte order."""
    words = digests.view(">u8")
    result = digests.take(order_of(words[:, 0].astype(np.uint64)), axis=0)
    heads = result.view(">u8")[:, 0]
    ties = np.flatnonzero(heads[1:] == heads[:-1])
    if (result[ties] != result[ties + 1]).any():
        result = digests[np.lexsort(words.T[::-1])]
    return result


def _distinct(sorted_digests: Digests) -> int:
    """How many different digests there are."""
    if not len(sorted_digests):
        return 0
    heads = np.ascontiguousarray(sorted_digests).view(">u8")[:, 0]
    alike = np.flatnonzero(heads[1:] == heads[:-1])
    same = (sorted_digests[alike] == sorted_digests[alike + 1]).all(axis=1)
    return len(sorted_digests) - int(np.count_nonzero(same))


def _bucket_numbers(digests: Digests) -> NDArray[np.uint16]:
    first, second = digests[:, 0].astype(np.uint16), digests[:, 1].astype(np.uint16)
    return (first << np.uint16(4)) | (second >> np.uint16(4))


def _bucket_of(digest: bytes) -> int:
    return int.from_bytes(digest[:2], "big") >> 4


def _starts(sorted_digests: Digests, buckets: range) -> list[int]:
    """Where each bucket begins, and where the last ends."""
    edges = np.arange(buckets.start, buckets.stop + 1)
    starts: list[int] = np.searchsorted(_bucket_numbers(sorted_digests), edges).tolist()
    return starts


def _leaves(sorted_digests: Digests, buckets: range) -> list[bytes]:
    starts = _starts(sorted_digests, buckets)
    data = sorted_digests.reshape(-1).data
    return [_leaf(data[32 * start : 32 * stop]) for start, stop in pairwise(starts)]


def _leaf(digests: bytes | memoryview) -> bytes:
    hasher = hashlib.sha256(b"\x00")
    hasher.update(digests)
    return hasher.digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """The levels of the tree, from the leaves to the root."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([_node(*pair) for pair in zip(below[::2], below[1::2], strict=True)])
    return levels


def _seal(examples: int, root: bytes) -> Digest:
    return Digest.of(b"\x02" + examples.to_bytes(8, "big") + root)


def _split(bucket: bytes) -> list[bytes]:
    return [bucket[start : start + 32] for start in range(0, len(bucket), 32)]
