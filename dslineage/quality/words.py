"""Words, as every metric counts them, and the numbers that stand for them.

W(x) are the runs of word characters (letters, digits, `_`) of the casefolded text, and each Han,
Kana or Thai character for itself. Which characters those are is what Python's `re` and `str` say.
A word is found by `words`, which defines it, and in a whole chunk of texts at once by `tokens`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.quality.folded import PADDING, Folded
from dslineage.quality.screen import beyond_ascii

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Longs = NDArray[np.uint64]
    Places = NDArray[np.int64]

_ALONE = (
    "\u0e00-\u0e7f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_LONE = re.compile(f"[{_ALONE}]")
_WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+")
_AT_ONCE = 1 << 15
_BLOCK = len(PADDING)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_ASCII_WORDS = bytes(byte < 0x80 and (chr(byte).isalnum() or byte == 0x5F) for byte in range(256))
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(_BLOCK + 1)], np.uint64)


def words(text: str) -> list[str]:
    """W(x), in order."""
    return _WORD.findall(text.casefold())


class Tokens(NamedTuple):
    """The words of several texts as 64-bit numbers, one text behind another.

    Text i has the numbers `ids[offsets[i]:offsets[i + 1]]`; equal words have equal numbers.
    """

    ids: Longs
    offsets: Places

    @property
    def counts(self) -> Places:
        """How many words each text has."""
        return np.diff(self.offsets)

    @property
    def texts(self) -> Places:
        """Of each word, the number of the text that it stands in."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.counts)


def tokens(texts: Sequence[str | None]) -> Tokens:
    """The words of texts as numbers (see `word_id`); a text that is None has none."""
    return tokens_in(Folded.of(texts))


def tokens_in(texts: Folded) -> Tokens:
    """The words of folded texts as numbers.

    All texts are read as one, byte by byte: where words begin and end is seen by comparing each
    byte's class with the one before, and their numbers come from eight bytes at a time.
    """
    starts, stops = _boundaries(texts.data)
    offsets = np.concatenate(([0], np.searchsorted(starts, texts.offsets[1:])))
    return Tokens(_numbers(texts.data, starts, stops - starts), offsets)


def word_id(word: str) -> int:
    """The number of a word.

    h is the length of its UTF-8 in bytes; then for each eight bytes b of it, a little-endian
    number, the last filled up with zeros: h = (h ^ b) * 0x9E3779B97F4A7C15 mod 2^64, and
    h = h ^ (h >> 32). Words of up to eight bytes never share a number.
    """
    data = word.encode("utf-8", "surrogatepass")
    number = len(data)
    for start in range(0, len(data), _BLOCK):
        block = int.from_bytes(data[start : start + _BLOCK], "little")
        number = (number ^ block) * int(_MULTIPLIER) % 2**64
        number ^= number >> 32
    return number


def ngrams(words_of: Tokens, size: int) -> Tokens:
    """The runs of `size` words inside each text as numbers (see `ngram_id`), in order."""
    ids, offsets = words_of
    if len(ids) < size:
        return Tokens(ids[:0], np.zeros_like(offsets))
    last = len(ids) - size + 1
    runs = ids[:last].copy()
    for place in range(1, size):
        runs *= _MULTIPLIER
        runs += ids[place : last + place]
    counts = np.maximum(words_of.counts - (size - 1), 0)
    inside = np.ones(len(ids), bool)
    for back in range(1, size):
        at = offsets[1:] - back
        inside[at[at >= offsets[:-1]]] = False
    return Tokens(_mixed(runs[inside[:last]]), np.concatenate(([0], np.cumsum(counts))))


def ngram_id(numbers: Sequence[int]) -> int:
    """The number of a run of words from theirs.

    It is the value of the polynomial with these coefficients at 0x9E3779B97F4A7C15, mod 2^64,
    then h ^= h >> 32, times the same number, and h ^= h >> 32 again.
    """
    value = 0
    for number in numbers:
        value = (value * int(_MULTIPLIER) + number) % 2**64
    value ^= value >> 32
    value = value * int(_MULTIPLIER) % 2**64
    return value ^ value >> 32


def distinct(numbers: Tokens) -> Places:
    """How many distinct numbers each text has."""
    ids, offsets = numbers
    texts = numbers.texts
    counts = [np.zeros(0, np.int64)]
    first, last = 0, len(offsets) - 1
    while first < last:  # in pieces whose table a processor's cache can hold
        stop = int(np.searchsorted(offsets, offsets[first] + _AT_ONCE, "right")) - 1
        stop = min(max(stop, first + 1), last)
        piece = slice(offsets[first], offsets[stop])
        counts.append(_distinct(ids[piece], texts[piece] - first, stop - first))
        first = stop
    return np.concatenate(counts)


def _distinct(ids: Longs, texts: Places, size: int) -> Places:
    """How many distinct numbers each of `size` texts has, found by hashing.

    Each number writes its place into a slot of a table. Of those that share a slot one stays, and
    its equals in the same text do not count; the others try again with other slots.
    """
    bits = max(8, len(ids).bit_length() + 2)
    shift = np.uint64(64 - bits)
    table = np.empty(1 << bits, np.int32)
    keys = ids ^ texts.astype(np.uint64) * _MULTIPLIER
    left = np.arange(len(ids), dtype=np.int32)
    counts = np.bincount(texts, minlength=size)
    while len(left):
        keys = keys * _MULTIPLIER
        slots = (keys >> shift).view(np.int64)
        table[slots] = left
        kept = table[slots]
        others = np.flatnonzero(kept != left)
        one, other = kept[others], left[others]
        same = (ids[one] == ids[other]) & (texts[one] == texts[other])
        counts -= np.bincount(texts[other[same]], minlength=size)
        others = others[~same]
        left, keys = left[others], keys[others]
    return counts


def _mixed(values: Longs) -> Longs:
    values ^= values >> _HALF
    values *= _MULTIPLIER
    values ^= values >> _HALF
    return values


def _boundaries(data: bytes) -> tuple[Places, Places]:
    """Where words begin and end in UTF-8, the first and last byte of which is in no word."""
    inside = np.frombuffer(bytearray(data.translate(_ASCII_WORDS)), bool)
    values = np.frombuffer(data, np.uint8)
    leads, codes, sizes = beyond_ascii(values)
    classes = _CLASSES.of(codes)
    for size in (2, 3, 4):
        found = leads[(sizes == size) & (classes > 0)]
        for place in range(size):
            inside[found + place] = True
    alone = classes == 2
    if not alone.any():
        places = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        return places[::2], places[1::2]
    edges = np.zeros(len(data), bool)
    np.not_equal(inside[1:], inside[:-1], out=edges[1:])
    edges[leads[alone]] = True
    edges[leads[alone] + sizes[alone]] = True
    places = np.flatnonzero(edges)
    begin = np.flatnonzero(inside[places])
    return places[begin], places[begin + 1]


def edge_numbers(data: bytes, starts: Places, sizes: Places) -> Longs:
    """Numbers of stretches by their sizes, first and last eight bytes; padding ends the data."""
    blocks = _blocks(data)
    numbers = _absorbed(sizes.astype(np.uint64), blocks[starts], sizes)
    return _absorbed(numbers, blocks[starts + np.maximum(sizes - _BLOCK, 0)], sizes)


def _blocks(data: bytes) -> Longs:
    """The eight bytes from each place on."""
    return np.ndarray((len(data) - _BLOCK + 1,), "<u8", data, strides=(1,))


def _numbers(data: bytes, starts: Places, sizes: Places) -> Longs:
    """The number of each word."""
    blocks = _blocks(data)
    numbers = _absorbed(sizes.astype(np.uint64), blocks[starts], sizes)
    long = np.flatnonzero(sizes > _BLOCK)
    read = _BLOCK
    while len(long):
        left = sizes[long] - read
        numbers[long] = _absorbed(numbers[long], blocks[starts[long] + read], left)
        long = long[left > _BLOCK]
        read += _BLOCK
    return numbers


def _absorbed(numbers: Longs, blocks: Longs, sizes: Places) -> Longs:
    """Numbers after the next eight bytes of the words, or as many as are left."""
    blocks &= _MASKS[np.minimum(sizes, _BLOCK)]
    numbers ^= blocks
    numbers *= _MULTIPLIER
    numbers ^= numbers >> _HALF
    return numbers


class _Classes:
    """Of code points, 0 where they are in no word, 1 in a word, 2 where they are one alone."""

    def __init__(self) -> None:
        self._table = np.zeros(0x110000, np.uint8)
        self._known = np.zeros(0x110000 >> 8, bool)

    def of(self, codes: Places) -> NDArray[np.uint8]:
        """The class of each code point; a page of 256 is looked at when it is first asked for."""
        pages = np.flatnonzero(np.bincount(codes >> 8))
        for page in pages[~self._known[pages]].tolist():
            for code in range(page << 8, page + 1 << 8):
                self._table[code] = 2 if _LONE.match(chr(code)) else chr(code).isalnum()
            self._known[page] = True
        return self._table[codes]


_CLASSES = _Classes()
