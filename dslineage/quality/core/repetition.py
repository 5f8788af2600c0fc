"""Repetition inside what the model is trained to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.core.ratios import millionths, ratio
from dslineage.quality.folded import PADDING
from dslineage.quality.metric import Kind, Metric
from dslineage.quality.screen import END
from dslineage.quality.values import Values
from dslineage.quality.words import Tokens, distinct, edge_numbers, ngrams, words

if TYPE_CHECKING:
    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def rep4(example: Example, size: int, least: int) -> float | None:
    """The share of word n-grams of the target that were there before in it."""
    found = words(example.target or "")
    if len(found) < least:
        return None
    runs = list(zip(*(found[place:] for place in range(size)), strict=False))
    return ratio(len(runs) - len(set(runs)), len(runs))


def dup_line_chars(example: Example) -> float | None:
    """The share of the target's characters that are in lines that were there before in it."""
    return (
        None if not example.target else ratio(repeated_chars(example.target), len(example.target))
    )


def repeated_chars(text: str) -> int:
    """Characters in lines outside code fences that are not blank and equal an earlier such line."""
    seen: set[str] = set()
    repeated = 0
    for line in unfenced_lines(text):
        if line in seen:
            repeated += len(line)
        elif line and not line.isspace():
            seen.add(line)
    return repeated


def unfenced_lines(text: str) -> Iterator[str]:
    """The lines of a text that are in no code fence.

    A fence begins with three or more ` or ~ after at most three spaces, and ends with at least as
    many of the same, or with the text (CommonMark 4.5); a ` behind an opening fence of ` undoes it.
    """
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        marks, rest = found.groups() if found else ("", "")
        if fence:
            if marks.startswith(fence) and not rest.strip():
                fence = ""
        elif marks and not (marks[0] == "`" and "`" in rest):
            fence = marks
        else:
            yield line


def _rep4(chunk: Chunk, size: int, least: int) -> Values:
    runs = ngrams(chunk.target_words, size)
    applies = chunk.has_target & (chunk.target_words.counts >= least)
    repeated = runs.counts - distinct(runs)
    return Values.where(Kind.NUMBER, millionths(repeated, np.maximum(runs.counts, 1)), applies)


def _dup_line_chars(chunk: Chunk) -> Values:
    joined = chunk.sums(np.where(chunk.is_target, chunk.part_size + 1, 0))
    sizes = np.maximum(joined - 1, 0)
    lines = _lines(chunk)
    repeated = np.zeros(len(chunk), np.int64)
    for row in np.flatnonzero(distinct(lines) < lines.counts).tolist():
        repeated[row] = repeated_chars(chunk.examples[row].target or "")
    return Values.where(Kind.NUMBER, millionths(repeated, np.maximum(sizes, 1)), sizes > 0)


def _lines(chunk: Chunk) -> Tokens:
    """The lines of each target but empty ones, as numbers that are equal for equal lines."""
    screen = chunk.screen
    stops = np.flatnonzero((screen.octets == ord("\n")) | (screen.octets == END[0]))
    sizes = np.diff(stops, prepend=-1) - 1
    parts = np.searchsorted(screen.stops, stops)
    kept = (sizes > 0) & chunk.is_target[parts]
    numbers = edge_numbers(screen.data + PADDING, (stops - sizes)[kept], sizes[kept])
    return Tokens(numbers, np.searchsorted(parts[kept], chunk.part_bounds))


REP4 = Metric(
    name="rep4",
    kind=Kind.NUMBER,
    unit="ratio",
    better="lower",
    function=rep4,
    params={"size": 4, "least": 8},
    uses=(ratio, millionths, words),
    batch=_rep4,
    formula="1 - distinct/total over the word 4-grams of R, in millionths (halves to even); does "
    "not apply below 8 words",
    source="seq-rep-4 of Welleck et al. (ICLR 2020); duplicate n-grams in Gopher, 2112.11446, "
    "table A1",
    worked='"go on and on and on and on" has 8 words and 5 4-grams, of which `on and on and` and '
    "`and on and on` stand there twice: 1 - 3/5 = 0.4.",
)

DUP_LINE_CHARS = Metric(
    name="dup_line_chars",
    kind=Kind.NUMBER,
    unit="ratio",
    better="lower",
    function=dup_line_chars,
    uses=(repeated_chars, unfenced_lines, ratio, millionths),
    batch=_dup_line_chars,
    formula="characters of those lines of R that are not blank, not in a code fence, and equal to "
    "such a line before them, divided by the characters of R; in millionths (halves to even)",
    source="Gopher, 2112.11446, table A1 (at most 0.20 there), as datatrove computes it",
    worked='"yes\\nno\\nyes" has 10 characters, and the second `yes` repeats 3: 0.3.',
)

METRICS = (REP4, DUP_LINE_CHARS)
