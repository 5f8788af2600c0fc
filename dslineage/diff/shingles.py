"""Texts as weighted sets of words and word pairs, and how alike two of them are.

A feature is a word or two words in a row. Its weight falls with the number of texts that have
it, so that what many examples share (a tool preamble, a phrase of courtesy) says little. The
likeness of two texts is the weight of what they share over the weight of what either has
(weighted Jaccard). Weights are whole numbers: sums are exact and the same in any order, so that
ties are ties.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff.join import ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Scripts written without spaces: each character is a word.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]")
_SCALE = 1024
_WORK = 50_000_000
"""Upper bound on posting-list entries that one search over all texts walks through."""


def words(text: str) -> list[str]:
    """The words and punctuation marks of a text, in lower case."""
    return _WORD.findall(text.lower())


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """The features of some texts: by text, and by feature (an inverted index).

    `features[starts[i]:starts[i + 1]]` are the features of text i; `holders` and `holder_starts`
    say which texts have a feature; `weights` is the weight of a feature, `totals` of a text.
    Features that too many texts have are left out, from the weight of a text as well.
    """

    features: NDArray[np.int64]
    starts: NDArray[np.int64]
    holders: NDArray[np.int64]
    holder_starts: NDArray[np.int64]
    weights: NDArray[np.int64]
    totals: NDArray[np.int64]

    def likeness(
        self, text: int, least: float = 0.0
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The texts that share a feature with one text, itself left out, and how alike they are.

        All that are at least `least` alike are among them.
        """
        own = self.features[self.starts[text] : self.starts[text + 1]]
        begins, ends = self.holder_starts[own], self.holder_starts[own + 1]
        entries = ranges(begins, ends)
        shared = np.bincount(
            self.holders[entries],
            weights=np.repeat(self.weights[own], ends - begins),
            minlength=len(self.totals),
        )
        shared[text] = 0
        others = np.flatnonzero(shared > max(0.0, least * self.totals[text] - 1))
        common = shared[others]
        return others, common / (self.totals[text] + self.totals[others] - common)


def index_texts(texts: Iterable[str]) -> Shingles:
    """Index some texts."""
    tokens, lengths = _number_words(texts)
    count = len(lengths)
    owners = np.repeat(np.arange(count, dtype=np.int64), lengths)
    same_text = owners[1:] == owners[:-1]
    pairs = ((tokens[:-1] + 1) << 32 | tokens[1:])[same_text]
    codes, features = np.unique(np.concatenate([tokens, pairs]), return_inverse=True)
    owners = np.concatenate([owners, owners[1:][same_text]])
    incidences = np.sort(owners * len(codes) + features)
    # Not np.unique, which hashes and takes ten times as long.
    incidences = incidences[np.diff(incidences, prepend=-1) != 0]
    owners, features = incidences // max(len(codes), 1), incidences % max(len(codes), 1)
    frequency = np.bincount(features, minlength=len(codes))
    weights = np.rint(_SCALE * np.log((count + 2) / np.maximum(frequency, 1))).astype(np.int64)
    weights[frequency > _affordable(frequency)] = 0
    kept = weights[features] > 0
    totals = np.bincount(owners, weights=weights[features], minlength=count).astype(np.int64)
    # A feature of a single text weighs in its total and leads to no other text.
    kept &= frequency[features] > 1
    owners, features = owners[kept], features[kept]
    by_feature = np.argsort(features, kind="stable")
    return Shingles(
        features=features,
        starts=_starts(owners, count),
        holders=owners[by_feature],
        holder_starts=_starts(features, len(codes)),
        weights=weights,
        totals=totals,
    )


def _number_words(texts: Iterable[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    vocabulary: dict[str, int] = {}
    numbered: list[NDArray[np.int32]] = []
    for text in texts:
        number = [vocabulary.setdefault(word, len(vocabulary)) for word in words(text)]
        numbered.append(np.array(number, dtype=np.int32))
    lengths = np.array([len(number) for number in numbered], dtype=np.int64)
    flat = np.concatenate(numbered) if numbered else np.zeros(0, np.int32)
    return flat.astype(np.int64), lengths


def _affordable(frequency: NDArray[np.int64]) -> int:
    """The largest frequency at which looking up every text stays within the bound on work."""
    ordered = np.sort(frequency)
    within = np.cumsum(ordered.astype(np.float64) ** 2) <= _WORK
    return int(ordered[within][-1]) if within.any() else 0


def _starts(owners: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))]).astype(np.int64)


def alike(first: Sequence[str], second: Sequence[str]) -> NDArray[np.float64]:
    """How alike each text of one list is to each of another, weighted over both lists."""
    table = index_texts([*first, *second])
    grid = np.zeros((len(first), len(second)))
    for i in range(len(first)):
        others, values = table.likeness(i)
        right = others >= len(first)
        grid[i, others[right] - len(first)] = values[right]
    return grid
