"""Which script an example is written in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.lexicon import builtin
from dslineage.quality.metric import Kind, Metric
from dslineage.quality.values import Values, category_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example, Part

_LEXICON = "script@1"
_LETTER = re.compile("[A-Za-z]")
_CODE_POINTS = 0x110000


def script_mix(example: Example) -> str | None:
    """The script of most letters of what is said; of several with equally many the first by name.

    Definitions of tools are no speech.
    """
    said = (part.text for part in example.parts if part.role != "tools")
    letters = Counter(script_of(char) for text in said for char in text)
    del letters[""]
    return min(letters, key=lambda name: (-letters[name], name)) if letters else None


def script_of(char: str) -> str:
    """The script of a letter, empty for other characters and for letters of no one script."""
    names, table = _scripts()
    return names[int(table[ord(char)])]


@cache
def _scripts() -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """The names of scripts, the empty one first, and the number of each code point's script."""
    table = np.zeros(_CODE_POINTS, np.uint8)
    names = [""]
    for entry in builtin(_LEXICON).entries:
        name, *ranges = entry.split()
        for bounds in ranges:
            first, _, last = bounds.partition("-")
            table[int(first, 16) : int(last or first, 16) + 1] = len(names)
        names.append(name)
    return tuple(names), table


def _script_mix(chunk: Chunk) -> Values:
    names, _ = _scripts()
    wide = np.zeros(len(chunk.parts), bool)
    wide[[place for place in chunk.folded.wide if chunk.parts[place].role != "tools"]] = True
    latin = names.index("Latin")
    codes = np.zeros(len(chunk), np.int64)
    codes[[any(map(_lettered, example.parts)) for example in chunk.examples]] = latin
    places = np.flatnonzero(chunk.any_part(wide))
    if len(places):
        codes[places] = _dominant([chunk.examples[place] for place in places.tolist()], latin)
    numbers = np.array([0, *map(category_code, names[1:])], np.uint64)
    known = {int(numbers[code]): names[code] for code in np.unique(codes).tolist() if code}
    return Values(Kind.CATEGORY, numbers[codes], names=known)


def _lettered(part: Part) -> bool:
    return part.role != "tools" and _LETTER.search(part.text) is not None


def _dominant(examples: Sequence[Example], latin: int) -> NDArray[np.int64]:
    """The numbers of the scripts of some examples, none of which is empty."""
    names, table = _scripts()
    texts = [
        "".join([part.text for part in example.parts if part.role != "tools"])
        for example in examples
    ]
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    starts = np.cumsum([0, *map(len, texts)])[:-1]
    counts = np.zeros((len(texts), len(names)), np.int64)
    high = np.flatnonzero(points > 0x7F)
    places = (np.searchsorted(starts, high, "right") - 1, table[points[high]])
    np.add.at(counts, places, 1)
    letters = (points | np.uint32(0x20)) - np.uint32(ord("a")) < 26
    counts[:, latin] += np.add.reduceat(letters, starts, dtype=np.int64)
    counts[:, 0] = 0
    return np.where(counts.any(axis=1), counts.argmax(axis=1), 0)


SCRIPT_MIX = Metric(
    name="script_mix",
    kind=Kind.CATEGORY,
    unit="examples",
    better="neutral",
    function=script_mix,
    uses=(script_of,),
    lexicons=(builtin(_LEXICON),),
    batch=_script_mix,
    formula="the script that most letters of all texts of the example belong to, definitions of "
    "tools aside (Unicode 18.0, general category L); letters of no one script do not count",
    source="Unicode Standard Annex 24; a cheap stand-in for the language",
    worked='"Что такое RAM?" has 8 Cyrillic letters and 3 Latin ones: Cyrillic.',
)

METRICS = (SCRIPT_MIX,)
