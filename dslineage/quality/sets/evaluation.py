"""The items of an evaluation set, and which training examples hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.ids import Digest
from dslineage.quality.chunk import Chunk
from dslineage.quality.example import Example
from dslineage.quality.setmetric import Ragged
from dslineage.quality.sets.texts import visible, visible_words
from dslineage.quality.words import Tokens, ngrams, tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PAIRS_AT_ONCE = 20_000
_HIGH = np.uint64(32)


class _Grams(NamedTuple):
    """The n-grams of all items: item i has `codes[offsets[i]:offsets[i + 1]]`, in order.

    A code is a place in `distinct`, which is sorted.
    """

    distinct: NDArray[np.uint64]
    codes: NDArray[np.int64]
    offsets: NDArray[np.int64]


class _Holders(NamedTuple):
    """N-grams, sorted, and for each an item that has it."""

    codes: NDArray[np.int64]
    items: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The words of evaluation items.

    An example holds an item if more than the share `above` of its words are in runs of `size` words
    that both have; an item with fewer words, if it is asked in just these.
    """

    items: Tokens
    size: int
    above: float

    @classmethod
    def of(cls, examples: Sequence[Example], size: int, above: float) -> Evaluation:
        """The items of an evaluation set."""
        return cls(tokens([asked(example) for example in examples]), size, above)

    def __len__(self) -> int:
        return len(self.items.offsets) - 1

    @property
    def digest(self) -> Digest:
        """The hash of the items in their order."""
        return Digest.of(self.items.offsets.tobytes() + self.items.ids.tobytes())

    def ready(self) -> Evaluation:
        """The same, with its tables made: once, and not again in each process that searches."""
        _ = self._grams, self._telling, self._short
        return self

    def held(self, chunk: Chunk) -> Ragged:
        """The items that each example holds, as numbers item · 2^32 + words that it covers."""
        found = np.concatenate([self._whole(chunk), self._shared(chunk)])
        found = found[np.lexsort((found[:, 1], found[:, 0]))]
        values = found[:, 1].astype(np.uint64) << _HIGH | found[:, 2].astype(np.uint64)
        return Ragged(values, np.searchsorted(found[:, 0], np.arange(len(chunk) + 1)))

    def _whole(self, chunk: Chunk) -> NDArray[np.int64]:
        """Rows of example, item and words, for items with too few words for a run."""
        found = [
            (place, item, len(key))
            for place, key in _short(_words_asked(chunk), self.size)
            for item in self._short.get(key, ())
        ]
        return np.array(found, np.int64).reshape(-1, 3)

    def _shared(self, chunk: Chunk) -> NDArray[np.int64]:
        """Rows of example, item and words, for items of which runs are shared."""
        distinct = self._grams.distinct
        runs = ngrams(visible_words(chunk), self.size)
        code = np.searchsorted(distinct, runs.ids)
        known = np.append(distinct, np.uint64(0))[code] == runs.ids
        known &= code < len(distinct)
        keys = np.unique(runs.texts[known] * len(distinct) + code[known])
        pairs = self._candidates(keys)
        parts = [
            self._coverage(pairs[begin : begin + _PAIRS_AT_ONCE], keys)
            for begin in range(0, len(pairs), _PAIRS_AT_ONCE)
        ]
        found: NDArray[np.int64] = np.concatenate([np.zeros((0, 3), np.int64), *parts])
        most = self.above * self.items.counts[found[:, 1]]
        return found[found[:, 2] > most]

    def _candidates(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pairs of example and item that share a run which tells."""
        examples, code = np.divmod(keys, max(len(self._grams.distinct), 1))
        codes, items = self._telling
        first = np.searchsorted(codes, code)
        counts = np.searchsorted(codes, code, side="right") - first
        among = np.arange(counts.sum()) + np.repeat(first - np.cumsum(counts) + counts, counts)
        pairs = np.unique(np.repeat(examples, counts) * len(self) + items[among])
        return np.stack(np.divmod(pairs, max(len(self), 1)), axis=1)

    def _coverage(self, pairs: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of pairs of example and item, how many words of the item runs of the example cover.

        Args:
            pairs: at least one.
            keys: example · number of different runs + code, sorted, for each run that is shared.
        """
        distinct, codes, offsets = self._grams
        starts = offsets[pairs[:, 1]]
        counts = offsets[pairs[:, 1] + 1] - starts
        pair = np.repeat(np.arange(len(pairs)), counts)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        wanted = pairs[pair, 0] * len(distinct) + codes[starts[pair] + place]
        there = keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted
        pair, place = pair[there], place[there]
        # A run covers its words up to where the next one begins.
        covers = np.full(len(pair), self.size)
        follows = np.flatnonzero(pair[1:] == pair[:-1])
        covers[follows] = np.minimum(place[follows + 1] - place[follows], self.size)
        covered = np.bincount(pair, weights=covers, minlength=len(pairs))
        return np.column_stack((pairs, covered.astype(np.int64)))

    @cached_property
    def _grams(self) -> _Grams:
        runs = ngrams(self.items, self.size)
        distinct, codes = np.unique(runs.ids, return_inverse=True)
        return _Grams(distinct, codes, runs.offsets)

    @cached_property
    def _telling(self) -> _Holders:
        """For each item the runs of which one at least must be shared if it is held.

        The runs that most items have are left out, as long as they alone cover too little.
        """
        _, codes, offsets = self._grams
        owners = np.repeat(np.arange(len(self)), np.diff(offsets))
        pairs = np.unique(np.stack((codes, owners)), axis=1)
        items_with = np.bincount(pairs[0], minlength=1)
        told = np.ones(len(codes), bool)
        for item in np.unique(owners[items_with[codes] > 1]).tolist():
            begin, stop = offsets[item], offsets[item + 1]
            most = self.above * int(self.items.counts[item])
            told[begin:stop] = _rarest(items_with[codes[begin:stop]], self.size, most)
        pairs = np.unique(np.stack((codes[told], owners[told])), axis=1)
        return _Holders(pairs[0], pairs[1])

    @cached_property
    def _short(self) -> Mapping[tuple[int, ...], list[int]]:
        found = defaultdict(list)
        for item, key in _short(self.items, self.size):
            found[key].append(item)
        return found


def asked(example: Example) -> str:
    """What the model is asked; where nothing is asked, the whole text."""
    return visible(example) if example.prompt is None else example.prompt


def _words_asked(chunk: Chunk) -> Tokens:
    """The words of `asked`."""
    if all(example.prompt is not None for example in chunk.examples):
        return chunk.prompt_words
    return tokens([asked(example) for example in chunk.examples])


def _short(words: Tokens, size: int) -> list[tuple[int, tuple[int, ...]]]:
    """The texts with fewer words than so many, but with any, and these words."""
    places = np.flatnonzero((words.counts < size) & (words.counts > 0)).tolist()
    bounds = words.offsets.tolist()
    return [(at, tuple(words.ids[bounds[at] : bounds[at + 1]].tolist())) for at in places]


def _rarest(items_with: NDArray[np.int64], size: int, most: float) -> NDArray[np.bool_]:
    """Which runs are left when the most common are taken away that cover at most so many words."""
    left = np.ones(len(items_with), bool)
    covered = 0
    for place in np.argsort(-items_with, kind="stable").tolist():
        covered |= (1 << size) - 1 << place
        if covered.bit_count() > most:
            break
        left[place] = False
    return left
