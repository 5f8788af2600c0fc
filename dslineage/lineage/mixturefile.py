"""The file of a mixture, which a team reviews: data sets, and how much of each.

    name = "sft-blend"
    seed = 7

    [[data]]
    ref = "gsm8k@v3"
    weight = 0.4
    cap = 5000
    repeats = 2

Whatever is wrong is said with the line on which it stands.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from dslineage.errors import NotFoundError, UsageError
from dslineage.ids import Digest
from dslineage.records import is_name

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".toml"
SEEDS = range(1 << 63)
"""What a seed can be: it is hashed as 8 bytes."""

_TOP = ("name", "seed", "message", "data")
_DATA = ("ref", "weight", "cap", "repeats")
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Entry(NamedTuple):
    """One data set of the file, as it is written; `line` is where it begins."""

    ref: str
    weight: float | None
    cap: int | None
    repeats: float
    line: int


@dataclass(frozen=True, slots=True)
class MixtureFile:
    """A mixture as its file says it; `path` is what messages call the file."""

    path: str
    sha256: Digest
    name: str
    seed: int
    message: str
    entries: tuple[Entry, ...]

    def wrong(self, entry: Entry, why: str, hint: str = "") -> UsageError:
        """The error for a data set of the file."""
        return _error(self.path, entry.line, why, hint)


def read_mixture_file(path: Path, name: str) -> MixtureFile:
    """Read the file of a mixture.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        NotFoundError: it is not there.
        UsageError: it is no mixture, with the line that is wrong.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"there is no file {name}", kind="no-file") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", kind="bad-mixture") from error
    return parse_mixture(data, name)


def parse_mixture(data: bytes, name: str) -> MixtureFile:
    """Read the bytes of a mixture's file; see `read_mixture_file`."""
    try:
        source = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(name, line, "it is not UTF-8") from error
    try:
        document = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else source.count("\n") + 1
        raise _error(name, line, f"it is no TOML: {_PLACE.sub('', str(error))}") from error
    return _Reader(name, source, document).mixture(Digest.of(data))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Checks what a document says, and finds the lines of what is wrong."""

    name: str
    source: str
    document: Mapping[str, Any]

    def mixture(self, sha256: Digest) -> MixtureFile:
        document = self.document
        self._known(document, _TOP, lambda found: found)
        name = self._member("name", str)
        if not is_name(name):
            raise self._wrong("name", f"{name!r} cannot name a mixture: letters, digits and ._+-")
        seed = self._member("seed", int)
        if seed not in SEEDS:
            raise self._wrong("seed", "it is a whole number from 0 up, below 2^63")
        tables = self._member("data", list)
        if not tables or any(type(table) is not dict for table in tables):
            raise self._wrong("data", "it is written as [[data]], once for each data set")
        entries = tuple(self._entry(table, number) for number, table in enumerate(tables))
        for number, entry in enumerate(entries):
            if entry.ref in [other.ref for other in entries[:number]]:
                raise self._of_table(number, "ref", f"{entry.ref!r} is there twice")
            if (entry.weight is None) != (entries[0].weight is None):
                raise self._of_table(
                    number, "", "one data set has a weight and another has none: all have, or none"
                )
        message = self._member("message", str) if "message" in document else ""
        return MixtureFile(self.name, sha256, name, seed, message, entries)

    def _entry(self, table: Mapping[str, Any], number: int) -> Entry:
        self._known(table, _DATA, lambda found: _table(found, number))
        ref = table.get("ref")
        if type(ref) is not str or not ref:
            raise self._of_table(number, "ref", "it is a text that names a version: 'train@v3'")
        cap = table.get("cap")
        if cap is not None and (type(cap) is not int or cap < 1):
            raise self._of_table(number, "cap", "it is a whole number of examples, from 1 up")
        line = self._line(lambda found: _table(found, number) is not None)
        weight = self._above_0(table, number, "weight") if "weight" in table else None
        repeats = self._above_0(table, number, "repeats") if "repeats" in table else 1.0
        return Entry(ref, weight, cap, repeats, line)

    def _above_0(self, table: Mapping[str, Any], number: int, name: str) -> float:
        value = table[name]
        if type(value) not in {int, float} or not (math.isfinite(value) and value > 0):
            why = "it is a number above 0; leave a data set out that is not wanted"
            raise self._of_table(number, name, why)
        return float(value)

    def _member(self, name: str, kind: type[Any]) -> Any:
        value = self.document.get(name)
        if type(value) is not kind:
            what = {str: "a text", int: "a whole number", list: "written as [[data]]"}[kind]
            raise self._wrong(name, f"it is {what}" + ("" if name in self.document else ", always"))
        return value

    def _known(
        self,
        table: Mapping[str, Any],
        names: tuple[str, ...],
        part: Callable[[Any], Mapping[str, Any] | None],
    ) -> None:
        for name in table:
            if name not in names:
                near = get_close_matches(name, names, n=1)
                meant = f"; did you mean {near[0]}?" if near else f": {', '.join(names)} are"
                line = self._line(lambda found, name=name: name in (part(found) or ()))  # type: ignore[misc]
                raise _error(self.name, line, f"{name}: it is not known{meant}")

    def _wrong(self, name: str, why: str) -> UsageError:
        line = self._line(lambda found: name in found) if name in self.document else 1
        return _error(self.name, line, f"{name}: {why}")

    def _of_table(self, number: int, name: str, why: str) -> UsageError:
        there = name in self.document["data"][number]
        wanted = {name} if there else set()
        line = self._line(lambda found: wanted <= set(_table(found, number) or ()), number)
        return _error(self.name, line, f"{name}: {why}" if name else why)

    def _line(self, has: Callable[[Mapping[str, Any]], bool], number: int = -1) -> int:
        """The line with which the document begins to have something.

        Parsing its first lines, one more each time, holds for all that TOML allows.
        """
        lines = self.source.split("\n")
        for count in range(1, len(lines) + 1):
            try:
                found = tomllib.loads("\n".join(lines[:count]))
            except tomllib.TOMLDecodeError:
                continue
            if (number < 0 or _table(found, number) is not None) and has(found):
                return count
        return len(lines)


def _table(document: Mapping[str, Any], number: int) -> Mapping[str, Any] | None:
    """The table of one data set, None where a document has not so many."""
    tables = document.get("data", [])
    found = tables[number] if type(tables) is list and number < len(tables) else None
    return found if isinstance(found, dict) else None


def _error(name: str, line: int, why: str, hint: str = "") -> UsageError:
    return UsageError(f"{name}:{line}: {why}", kind="bad-mixture", hint=hint)
