"""Texts as set metrics compare them: normalised, and as numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from xxhash import xxh3_64_intdigest

from dslineage.adapters.encode import encode
from dslineage.quality.chunk import Chunk
from dslineage.quality.example import Example, Part
from dslineage.quality.folded import Folded
from dslineage.quality.words import Tokens, tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

_APART = frozenset({"rejected", "answer", "field", "tools", "tool_call"})


def normalised(text: str) -> str:
    """A text casefolded, in NFC, each run of white space one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def text_key(text: str) -> int:
    """The number of a normalised text: the 64 bits of its XXH3, never 0."""
    return xxh3_64_intdigest(normalised(text).encode("utf-8", "surrogatepass")) or 1


def text_keys(texts: Sequence[str | None]) -> NDArray[np.uint64]:
    """`text_key` of each text, 0 where there is none."""
    plain = Folded.of(texts).normalised()
    return _keys(plain, [text is not None for text in texts])


def joined_keys(
    chunk: Chunk, parts: NDArray[np.bool_], applies: NDArray[np.bool_], more: Mapping[int, str]
) -> NDArray[np.uint64]:
    """`text_key` of some parts of each example, joined by line ends, 0 where it does not apply.

    `more` has what else belongs to the texts of some examples.
    """
    plain = chunk.normalised
    chosen = np.flatnonzero(parts).tolist()
    bounds = np.searchsorted(chosen, chunk.part_bounds).tolist()
    texts = [plain[place] for place in chosen]
    joined = [b" ".join(filter(None, texts[start:stop])) for start, stop in pairwise(bounds)]
    for row, text in more.items():
        joined[row] = b" ".join(filter(None, (joined[row], *Folded.of([text]).normalised())))
    return _keys(joined, applies.tolist())


def shown(example: Example) -> str | None:
    """All that a model is shown before it answers; None where no user speaks.

    Tool definitions and media are among it: with other tools or another picture the same words are
    another question.
    """
    if example.prompt is None:
        return None
    texts = [part.text for part in example.parts if is_shown(part)]
    return "\n".join([*texts, *beside(example)])


def is_shown(part: Part) -> bool:
    """Whether a text stands before what the model is trained to say."""
    return not part.target and part.role not in _APART


def beside(example: Example) -> list[str]:
    """The canonical JSON of tool definitions and media."""
    values = (example.conversation.get(name) for name in ("tools", "media"))
    return [encode(value).decode() for value in values if value]


def visible(example: Example) -> str:
    """P and R, one below the other; where there is neither, every text."""
    said = [text for text in (example.prompt, example.target) if text is not None]
    return "\n".join(said or [part.text for part in example.parts])


def visible_words(chunk: Chunk) -> Tokens:
    """The words of `visible` for each example."""
    parts = [chunk.prompt_words, chunk.target_words]
    neither = ~(chunk.has_prompt | chunk.has_target)
    if neither.any():
        others = enumerate(neither.tolist())
        parts.append(tokens([visible(chunk.examples[row]) if one else None for row, one in others]))
    return _interleaved(parts)


def _interleaved(parts: Sequence[Tokens]) -> Tokens:
    """The words of each text in one part after those of the same text in the part before."""
    counts = [part.counts for part in parts]
    offsets = np.concatenate(([0], np.cumsum(sum(counts)))).astype(np.int64)
    ids = np.zeros(offsets[-1], np.uint64)
    begins = offsets[:-1].copy()
    for part, count in zip(parts, counts, strict=True):
        ids[np.arange(len(part.ids)) + np.repeat(begins - part.offsets[:-1], count)] = part.ids
        begins += count
    return Tokens(ids, offsets)


def _keys(texts: Sequence[bytes], applies: Sequence[bool]) -> NDArray[np.uint64]:
    pairs = zip(texts, applies, strict=True)
    return np.array([(xxh3_64_intdigest(text) or 1) if one else 0 for text, one in pairs], "<u8")
