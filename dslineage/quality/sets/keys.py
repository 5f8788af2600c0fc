"""What set metrics compare examples by: numbers that are stored with each example."""

from __future__ import annotations

import numpy as np

from dslineage.quality.chunk import Chunk
from dslineage.quality.example import Example
from dslineage.quality.metric import Kind, Metric
from dslineage.quality.sets.shingles import least_shingles
from dslineage.quality.sets.texts import (
    beside,
    is_shown,
    joined_keys,
    normalised,
    shown,
    text_key,
    visible,
)
from dslineage.quality.values import Values
from dslineage.quality.words import Tokens, ngram_id, ngrams, word_id, words

SHINGLE = 5
"""Words in a shingle."""


def prompt_key(example: Example) -> int | None:
    """All that a model is shown before it answers, normalised."""
    text = shown(example)
    return None if text is None else text_key(text)


def target_key(example: Example) -> int | None:
    """What a model is trained to say, normalised."""
    return None if example.target is None else text_key(example.target)


def opener(example: Example) -> int | None:
    """The first two words of the prompt, or the only one."""
    found = words(example.prompt or "")[:2]
    return ngram_id([word_id(word) for word in found]) or 1 if found else None


def least_shingle(example: Example, size: int) -> int:
    """The smallest shingle of what is visible of an example."""
    text = visible(example)
    ids = [word_id(word) for word in words(text)]
    runs = [ngram_id(ids[place : place + size]) for place in range(len(ids) - size + 1)]
    return min(runs) if runs else text_key(text)


def _prompt_keys(chunk: Chunk) -> Values:
    parts = chunk.lineups.marks(is_shown)
    more = {
        row: "\n".join(beside(chunk.examples[row]))
        for row in chunk.others
        if not chunk.examples[row].conversation.keys().isdisjoint(("tools", "media"))
    }
    return Values(Kind.KEY, joined_keys(chunk, parts, chunk.has_prompt, more))


def _target_keys(chunk: Chunk) -> Values:
    return Values(Kind.KEY, joined_keys(chunk, chunk.is_target, chunk.has_target, {}))


def _openers(chunk: Chunk) -> Values:
    ids, offsets = chunk.prompt_words
    counts = np.minimum(chunk.prompt_words.counts, 2)
    keys = np.zeros(len(chunk), np.uint64)
    for size in (1, 2):
        places = np.flatnonzero(counts == size)
        heads = ids[(offsets[places, None] + np.arange(size)).ravel()]
        runs = ngrams(Tokens(heads, np.arange(len(places) + 1) * size), size).ids
        keys[places] = np.maximum(runs, np.uint64(1))
    return Values(Kind.KEY, keys)


def _least_shingles(chunk: Chunk, size: int) -> Values:
    return Values(Kind.KEY, least_shingles(chunk, size))


PROMPT = Metric(
    "prompt_key",
    Kind.KEY,
    unit="key",
    better="neutral",
    function=prompt_key,
    uses=(shown, is_shown, beside, normalised, text_key),
    batch=_prompt_keys,
    formula="all that a model is shown before it answers, in NFC, casefolded, "
    "white space collapsed",
)
TARGET = Metric(
    "target_key",
    Kind.KEY,
    unit="key",
    better="neutral",
    function=target_key,
    uses=(normalised, text_key),
    batch=_target_keys,
    formula="all that it is trained to say, in NFC, casefolded, white space collapsed",
)
OPENER = Metric(
    "opener",
    Kind.KEY,
    unit="key",
    better="neutral",
    function=opener,
    uses=(words, word_id, ngram_id),
    batch=_openers,
    formula="the first two words of W(P), or the only one",
)
NEAR = Metric(
    "near_key",
    Kind.KEY,
    unit="key",
    better="neutral",
    function=least_shingle,
    params={"size": SHINGLE},
    uses=(visible, normalised, text_key, words, word_id, ngram_id),
    batch=_least_shingles,
    formula="the smallest of the shingles of W(P), W(R); near duplicates are sampled by it",
)
