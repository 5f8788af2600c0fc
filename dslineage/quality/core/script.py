"""Which script an example is written in."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.lexicon import builtin
from dslineage.quality.metric import Kind, Metric
from dslineage.quality.values import Values, category_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example

_LEXICON = "script@1"
_LETTER = re.compile("[A-Za-z]")
_NO_LETTERS = bytes(byte for byte in range(256) if byte > 0x7F or not chr(byte).isalpha())
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
    names, table = _scripts()
    latin = names.index("Latin")
    said = chunk.lineups.marks(lambda part: part.role != "tools")
    codes = np.where(chunk.any_part(said & _lettered(chunk)), latin, 0)
    parts, points = chunk.screen.foreign
    letters = np.flatnonzero(said[parts] & (table[points] > 0))
    rows, places = np.unique(chunk.example_of[parts[letters]], return_inverse=True)
    if len(rows):
        counts = np.zeros((len(rows), len(names)), np.int64)
        np.add.at(counts, (places, table[points[letters]]), 1)
        counts[:, latin] += [_ascii_letters(chunk, row, said) for row in rows.tolist()]
        codes[rows] = counts.argmax(axis=1)
    numbers = np.array([0, *map(category_code, names[1:])], np.uint64)
    known = {int(numbers[code]): names[code] for code in np.unique(codes).tolist() if code}
    return Values(Kind.CATEGORY, numbers[codes], names=known)


def _lettered(chunk: Chunk) -> NDArray[np.bool_]:
    """Which parts hold a letter of ASCII: most begin with one."""
    found = (chunk.screen.firsts | 0x20) - ord("a") < 26
    places = np.flatnonzero(~found).tolist()
    found[places] = [_LETTER.search(chunk.texts[place]) is not None for place in places]
    return found


def _ascii_letters(chunk: Chunk, row: int, said: NDArray[np.bool_]) -> int:
    """How many letters of ASCII the parts of an example have that are said."""
    first, stop = chunk.part_bounds[row : row + 2]
    texts = [chunk.texts[place] for place in range(first, stop) if said[place]]
    data = "".join(texts).encode("utf-8", "surrogatepass")
    return len(data.translate(None, _NO_LETTERS))


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
