"""Texts as sets of shingles, and the bands of their MinHash signatures.

A shingle is so many words in a row; a text with fewer words is one shingle, the whole text.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.chunk import Chunk
from dslineage.quality.setmetric import Ragged
from dslineage.quality.sets.texts import text_keys, visible, visible_words
from dslineage.quality.words import Tokens, ngrams

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HIGH = np.uint64(32)


def shingle_ids(chunk: Chunk, size: int) -> Tokens:
    """The shingles of each example in order of their words, at least one for each."""
    ids, offsets = ngrams(visible_words(chunk), size)
    short = np.flatnonzero(np.diff(offsets) == 0)
    whole = text_keys([visible(chunk.examples[place]) for place in short.tolist()])
    ids = np.insert(ids, offsets[short], whole)
    return Tokens(ids, offsets + np.searchsorted(short, np.arange(len(offsets))))


def least_shingles(chunk: Chunk, size: int) -> NDArray[np.uint64]:
    """The smallest shingle of each example: texts that are J alike share it with probability J."""
    ids, offsets = shingle_ids(chunk, size)
    return np.minimum.reduceat(ids, offsets[:-1])


def shingle_sets(chunk: Chunk, size: int) -> Ragged:
    """The shingles of each example, sorted, each once."""
    found = shingle_ids(chunk, size)
    ids, owners = found.ids, found.texts
    order = np.lexsort((ids, owners))
    ids, owners = ids[order], owners[order]
    first = np.ones(len(ids), bool)
    first[1:] = (ids[1:] != ids[:-1]) | (owners[1:] != owners[:-1])
    return Ragged(ids[first], np.searchsorted(owners[first], np.arange(len(chunk) + 1)))


def signatures(chunk: Chunk, size: int, bands: int, rows: int) -> Ragged:
    """One number for each band of each example, equal where so many minima are equal.

    There are `bands * rows` permutations of the shingles; a band holds the smallest shingle under
    each of `rows` of them (Broder, On the resemblance and containment of documents, 1997).
    """
    ids, offsets = shingle_ids(chunk, size)
    values = (ids >> _HIGH).astype(np.uint32)
    found = np.zeros((bands, len(chunk)), np.uint64)
    for place, (factor, added) in enumerate(_permutations(bands * rows)):
        least = np.minimum.reduceat(values * factor + added, offsets[:-1])
        found[place // rows] = mixed(found[place // rows] + least)
    return Ragged(found.T.ravel(), np.arange(len(chunk) + 1, dtype=np.int64) * bands)


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number as another, so that their order says nothing (the last steps of SplitMix64)."""
    values = (values ^ values >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ values >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return values ^ values >> np.uint64(31)


def _permutations(count: int) -> list[tuple[np.uint32, np.uint32]]:
    """Odd factors and summands, which permute the numbers below 2^32."""
    digests = (hashlib.blake2b(b"%d" % place, digest_size=8).digest() for place in range(count))
    pairs = np.frombuffer(b"".join(digests), "<u4").reshape(count, 2)
    return [(factor | np.uint32(1), added) for factor, added in pairs]
