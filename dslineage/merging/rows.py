"""The examples of a merge as they stand in files: read with all their members, and written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage.errors import UsageError
from dslineage.versions.reading import RowReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.merging.files import New
    from dslineage.versions.stored import StoredSnapshot

Example = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the two sides, whose files are read alike, as `reader` says."""

    snapshot: StoredSnapshot
    reader: Mapping[str, Any]
    sides: tuple[NDArray[np.int64], NDArray[np.int64]]

    def examples(self, rows: Sequence[int]) -> list[Example]:
        """The examples with some row numbers; those of JSON with the nulls that they have."""
        numbers = np.array(rows, np.int64)
        if self.reader["format"] in {"jsonl", "json"}:
            return [json.loads(record) for record in self.records(numbers)]
        return list(self.snapshot.read(numbers))

    def records(self, rows: NDArray[np.int64]) -> Iterator[bytes]:
        """The raw bytes of rows, in the order asked."""
        return chain.from_iterable(RowReader(self.snapshot.store).raw(rows))

    def written(self, new: New) -> bytes:
        """A new example as it stands in a text file, in the style of what it was made of.

        Raises:
            UsageError: a file of cells cannot hold it.
        """
        example = new.example
        like = [side[at] for side, at in zip(self.sides, new.like, strict=True) if at is not None]
        [style] = self.records(np.array(like[:1]))
        if self.reader["format"] in {"csv", "tsv"}:
            return self._cells(example, quoted=style.startswith(b'"') and style.endswith(b'"'))
        separators = (", ", ": ") if b'": ' in style else (",", ":")
        escaped = style.isascii() and b"\\u" in style
        return json.dumps(example, ensure_ascii=escaped, separators=separators).encode()

    def _cells(self, example: Example, *, quoted: bool) -> bytes:
        header: list[str] = self.reader["header"]
        texts = all(isinstance(value, str) for value in example.values())
        if not texts or not example.keys() <= set(header):
            raise UsageError(
                f"an example of this file has texts alone, in the columns {', '.join(header)}",
                kind="bad-choice",
            )
        line = io.StringIO()
        writer = csv.writer(
            line,
            delimiter=self.reader["delimiter"],
            quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
            lineterminator="",
        )
        writer.writerow([example.get(name, "") for name in header])
        return line.getvalue().encode()
