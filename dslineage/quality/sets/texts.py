"""Texts as set metrics compare them: normalised, and as numbers."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dslineage.adapters.encode import encode
from dslineage.quality.chunk import Chunk
from dslineage.quality.example import Example
from dslineage.quality.words import Tokens, tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPACE = 0x20
_FOLD = bytes(
    _SPACE if byte < 0x80 and chr(byte).isspace() else byte for byte in bytes(range(256)).lower()
)
_BETWEEN = b"\xff "
"""Between two texts: a byte that is never in UTF-8, and the space before the next text."""
_SPACES = re.compile(f"[{''.join(filter(str.isspace, map(chr, range(0x80, 0x10000))))}]")
_JUDGED = frozenset({"rejected", "answer", "field"})


def normalised(text: str) -> str:
    """A text casefolded, in NFC, each run of white space one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def text_key(text: str) -> int:
    """The number of a normalised text: 8 bytes of a BLAKE2b, never 0."""
    data = normalised(text).encode("utf-8", "surrogatepass")
    return _hashed(b" " + data if data else b"")


def text_keys(texts: Sequence[str | None]) -> NDArray[np.uint64]:
    """`text_key` of each text, 0 where there is none.

    White space is collapsed in all texts at once, each with one space before it.
    """
    data = _BETWEEN.join((b"", *[b"" if text is None else _plain(text) for text in texts]))
    folded = np.frombuffer(data.translate(_FOLD), np.uint8)
    kept = folded != _SPACE
    kept[:-1] |= kept[1:] & (folded[1:] != _BETWEEN[0])
    plain = folded[kept].tobytes().split(_BETWEEN[:1])[1:]
    keys = [0 if text is None else _hashed(one) for text, one in zip(texts, plain, strict=True)]
    return np.array(keys, np.uint64)


def shown(example: Example) -> str | None:
    """All that a model is shown before it answers; None where no user speaks.

    Tool definitions and media are among it: with other tools or another picture the same words are
    another question.
    """
    if example.prompt is None:
        return None
    texts = [p.text for p in example.parts if not p.target and p.role not in _JUDGED]
    beside = (example.conversation.get(name) for name in ("tools", "media"))
    texts += [encode(value).decode() for value in beside if value]
    return "\n".join(texts)


def visible(example: Example) -> str:
    """P and R, one below the other; where there is neither, every text."""
    said = [text for text in (example.prompt, example.target) if text is not None]
    return "\n".join(said or [part.text for part in example.parts])


def visible_words(chunk: Chunk) -> Tokens:
    """The words of `visible` for each example."""
    parts = [chunk.prompt_words, chunk.target_words]
    others = [
        visible(example) if example.prompt is None and example.target is None else None
        for example in chunk.examples
    ]
    if any(others):
        parts.append(tokens(others))
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


def _plain(text: str) -> bytes:
    """A text of which only ASCII letters and white space are left to normalise."""
    if not text.isascii():
        text = _SPACES.sub(" ", unicodedata.normalize("NFC", text.casefold()))
    return text.encode("utf-8", "surrogatepass")


def _hashed(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little") or 1
