"""Examples that a step in Python makes: written as they come, with what each was made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import RowFault
from dslineage.errors import BadDataError, UsageError
from dslineage.formats.writers import json_line
from dslineage.store.links import LinksBuilder

_BATCH_BYTES = 1 << 17


class Example(dict[str, Any]):
    """An example that was read: a dict that knows which example of the input it is."""

    __slots__ = ("digest",)

    def __init__(self, value: Mapping[str, Any], digest: bytes) -> None:
        super().__init__(value)
        self.digest = digest


class Collector:
    """Writes examples to a file as lines of JSON, and notes what they were made of.

    An example is written as it is at that moment, and may be changed afterwards. Memory holds
    some 100 KB of them, and 32 bytes for each digest that is noted.
    """

    def __init__(self, handle: BinaryIO) -> None:
        self.links = LinksBuilder()
        self._handle = handle
        self._lines: list[bytes] = []
        self._parents: list[tuple[bytes, ...]] = []
        self._written = self._held = 0

    def write(self, example: Mapping[str, Any], parents: Sequence[bytes] = ()) -> None:
        """Take an example, with the digests of those that it was made of.

        Raises:
            UsageError: it is no mapping.
            BadDataError: it is no JSON object.
        """
        number = self._written + len(self._lines) + 1
        if not isinstance(example, Mapping):
            raise UsageError(
                f"example {number} is a {type(example).__name__}, not a mapping of names to values",
                kind="not-a-mapping",
            )
        line = json_line(dict(example), number)
        self._lines.append(line)
        self._parents.append(tuple(parents))
        self._held += len(line)
        if self._held >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was taken."""
        for row, parents in zip(parse_rows(self._lines), self._parents, strict=True):
            self._written += 1
            if isinstance(row, RowFault):
                raise BadDataError(f"example {self._written}: {row.message}", kind=row.code)
            digest = hashlib.sha256(row.canonical).digest()
            # What is equal upstream is its own parent, and needs no link.
            if parents and digest not in parents:
                self.links.derive(digest, parents)
        self._handle.writelines(line + b"\n" for line in self._lines)
        self._held = 0
        self._lines.clear()
        self._parents.clear()
