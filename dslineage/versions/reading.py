"""Reading the text of stored rows: from packs, or from the file that a pack was made of."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import orjson

from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import Row, RowFault
from dslineage.errors import IntegrityError, RemoteError, UndecidableError
from dslineage.formats.base import Limits
from dslineage.formats.delimited import Delimited
from dslineage.formats.source import open_text
from dslineage.ids import Digest
from dslineage.members import text, texts
from dslineage.store.framed import damaged, missing
from dslineage.versions.remote import fetch, is_url
from dslineage.versions.stretch import read_spans
from dslineage.versions.worktree import hash_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.store.pack import Pack
    from dslineage.store.store import Store

_BATCH = 8192
_T = TypeVar("_T")


class RowReader:
    """Reads rows by number. Decoded copies of compressed files live as long as the reader."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._decoded: dict[str, Path] = {}
        self._folder: Path | None = None

    def parsed(self, rows: NDArray[np.int64]) -> list[Row]:
        """Rows in the order asked, parsed again from their raw bytes.

        Raises:
            IntegrityError: an object is missing or damaged.
            UndecidableError: the text was never kept, and the file it was in is gone.
        """
        return self._in_order(rows, self._whole_rows)

    def raw(self, rows: NDArray[np.int64]) -> Iterator[list[bytes]]:
        """The raw bytes of rows in the order asked, some thousand at a time; see `records`."""
        for first in range(0, len(rows), _BATCH):
            yield self._in_order(rows[first : first + _BATCH], self.records)

    def _in_order(
        self, rows: NDArray[np.int64], read: Callable[[Pack, NDArray[np.int64]], Sequence[_T]]
    ) -> list[_T]:
        """What is read of rows, pack by pack, in the order asked."""
        found: list[tuple[int, _T]] = []
        for pack, where, inner in self._store.by_pack(rows):
            order = np.argsort(inner, kind="stable")
            found += zip(where[order].tolist(), read(pack, inner[order]), strict=True)
        found.sort(key=itemgetter(0))
        return [one for _, one in found]

    def records(self, pack: Pack, inner: NDArray[np.int64]) -> Sequence[bytes]:
        """Raw bytes of rows of one pack, ascending; for tables, their canonical form.

        Raises:
            IntegrityError: an object is missing or damaged, or a row was forgotten.
            UndecidableError: the text was never kept, and the file it was in is gone.
        """
        pack.refuse_forgotten(inner)
        source = pack.source
        if source is None:
            return pack.records(inner)
        if _is_table(source):
            return [row.canonical for row in self._rows_of(pack, inner) if isinstance(row, Row)]
        found = pack.file.take(["place", "length"], inner)
        start = found["place"].astype(np.int64)
        return read_spans(self._plain(source), start, start + found["length"])

    def _whole_rows(self, pack: Pack, inner: NDArray[np.int64]) -> list[Row]:
        found = []
        for row in self._rows_of(pack, inner):
            if isinstance(row, RowFault):
                raise IntegrityError(
                    f"damaged object {pack.name.hex}.zst: a stored row cannot be parsed "
                    f"({row.message})",
                    kind="damaged-object",
                    hint="dslineage verify",
                )
            found.append(row)
        return found

    def _rows_of(self, pack: Pack, inner: NDArray[np.int64]) -> Sequence[Row | RowFault]:
        pack.refuse_forgotten(inner)
        source = pack.source
        if source is not None and _is_table(source):
            from dslineage.versions.tablefile import rows_at

            places = pack.file.take(["place"], inner)["place"].astype(np.int64)
            return rows_at(self._file(source), source["reader"], places)
        return parse_records(pack.context, self.records(pack, inner))

    def _plain(self, source: Mapping[str, Any]) -> Path:
        path = self._file(source)
        if not source["reader"].get("compression"):
            return path
        if source["sha256"] not in self._decoded:
            reader = source["reader"]
            opened = open_text(
                path,
                name=reader["format"],
                limits=Limits(),
                spill=self._scratch(),
                delimiter=reader.get("delimiter"),
            )
            self._decoded[source["sha256"]] = opened.plain
        return self._decoded[source["sha256"]]

    def _file(self, source: Mapping[str, Any]) -> Path:
        sha256 = Digest(bytes.fromhex(source["sha256"]))
        blob = self._store.blob(sha256)
        if blob is not None:
            return blob
        if "path" not in source:
            raise missing(sha256.hex)
        if sha256 not in self._store.verified:
            where: str = source["path"]
            if is_url(where):
                return self._copied(where, sha256)
            if not Path(where).is_file() or hash_file(Path(where)) != sha256:
                raise _gone(where, sha256)
            self._store.verified[sha256] = Path(where)
        return self._store.verified[sha256]

    def _copied(self, url: str, sha256: Digest) -> Path:
        """A copy of a file on a remote, which lives as long as the reader."""
        base, _, name = url.rpartition("/")
        path = self._scratch() / sha256.hex / name
        if not path.exists():
            try:
                fetch(base, [name], path.parent, None)
            except RemoteError as error:
                if error.kind == "no-remote-file":
                    raise _gone(url, sha256) from error
                raise
            if hash_file(path) != sha256:
                path.unlink()
                raise _gone(url, sha256)
        return path

    def _scratch(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="dslineage-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder


def parse_records(context: bytes, records: Sequence[bytes]) -> list[Row | RowFault]:
    """Parse raw records by what gives their bytes their meaning."""
    try:
        meaning = orjson.loads(context)
        if meaning["format"] == "delimited":
            delimited = Delimited("csv", text(meaning, "delimiter"), texts(meaning, "header"))
            return delimited.parse(records, Limits())
    except (LookupError, TypeError, ValueError) as error:
        raise damaged("of rows", f"nothing gives their bytes a meaning ({error})") from error
    return parse_rows(records)


def _is_table(source: Mapping[str, Any]) -> bool:
    return source["reader"]["format"] not in {"jsonl", "json", "csv", "tsv"}


def _gone(where: str, sha256: Digest) -> UndecidableError:
    return UndecidableError(
        f"the examples of {where} were indexed without their text, and the file is gone or has "
        "changed",
        kind="text-not-kept",
        hint=f"bring back the file with SHA-256 {sha256.hex}",
    )
