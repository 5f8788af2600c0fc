"""The entries of all records in tables, kept between commands in a cache that may be deleted.

A record is immutable and its file's name has digits of its id, so a file that is still there by
name is not read again. The cache is one file: what it is, a checksum, and a SQLite database; where
it is damaged, or cannot be written, the records are read anew.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import xxhash

from dslineage.errors import IntegrityError, ResourceError
from dslineage.lineage.entry import Entry, Link, entry_of
from dslineage.lineage.node import Node
from dslineage.records import (
    ClaimRecord,
    DatasetRecord,
    MeasurementRecord,
    MixtureRecord,
    ModelRecord,
    Record,
    RunRecord,
    SourceRecord,
    StepRecord,
    is_name,
)
from dslineage.store.files import write_file

KINDS: dict[str, type[Record]] = {
    one.kind: one
    for one in (
        SourceRecord,
        StepRecord,
        DatasetRecord,
        MixtureRecord,
        RunRecord,
        ModelRecord,
        ClaimRecord,
        MeasurementRecord,
    )
}
IN_GRAPH = tuple(kind for kind in KINDS if kind != MeasurementRecord.kind)
_MAGIC = b"dslineage lineage cache 1\n"
_SUM = 16
_TABLES = """
CREATE TABLE folder (path TEXT PRIMARY KEY, names TEXT);
CREATE TABLE record (
  id TEXT PRIMARY KEY, folder TEXT, file TEXT, mark TEXT,
  kind TEXT, name TEXT, label TEXT, created TEXT, orphaned TEXT, facts TEXT
) WITHOUT ROWID;
CREATE INDEX record_file ON record (folder, file);
CREATE INDEX record_name ON record (kind, name);
CREATE TABLE link (
  teller TEXT, child TEXT, target TEXT, role TEXT, evidence TEXT, gap TEXT
);
CREATE INDEX link_teller ON link (teller);
CREATE INDEX link_child ON link (child);
CREATE INDEX link_target ON link (target);
CREATE TABLE answer (key TEXT, id TEXT, PRIMARY KEY (key, id)) WITHOUT ROWID;
CREATE INDEX answer_id ON answer (id);
CREATE TABLE gap (id TEXT, kind TEXT, message TEXT);
CREATE INDEX gap_id ON gap (id);
"""


class Damage(NamedTuple):
    """A record's file that is not as it was written: its path in the repository, and the error."""

    path: str
    error: IntegrityError

    @property
    def digits(self) -> str:
        """The first hex digits of the id that its name gives it."""
        return self.path.removesuffix(".json").rpartition("-")[2]


@dataclass(frozen=True)
class Entries:
    """The entries of the records of one work tree, as tables; and which files are damaged."""

    root: Path
    tables: sqlite3.Connection
    damaged: tuple[Damage, ...]

    @classmethod
    def of(
        cls, root: Path, cache: Path, report: Callable[[int, int], None] | None = None
    ) -> Entries:
        """The entries of a work tree as it is now.

        Args:
            root: the top of the work tree.
            cache: the folder of caches.
            report: called with how many records were read, and how many there are to read.
        """
        kept = cache / "lineage" / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        tables = _opened(kept)
        damaged, changed = _refreshed(tables, root, report)
        if changed:
            _keep(tables, kept)
        return cls(root, tables, tuple(damaged))

    def ask(self, question: str, *values: Any) -> list[Any]:
        """The rows that answer a question in SQL."""
        return self.tables.execute(question, values).fetchall()

    def ask_of(self, question: str, ids: Iterable[str] | None) -> Iterator[Any]:
        """The rows of a question that has `{}` where a condition on some column's ids stands.

        The column is named in the braces; without ids the question is about all.
        """
        before, _, rest = question.partition("{")
        column, _, after = rest.partition("}")
        if ids is None:
            yield from self.tables.execute(f"{before}TRUE{after}")
            return
        some = list(ids)
        for start in range(0, len(some), 500):
            part = some[start : start + 500]
            marks = ",".join("?" * len(part))
            yield from self.tables.execute(f"{before}{column} IN ({marks}){after}", part)


def _opened(kept: Path) -> sqlite3.Connection:
    """The tables as they were kept; empty ones where there are none, or damaged ones."""
    tables = sqlite3.connect(":memory:")
    try:
        data = kept.read_bytes()
    except OSError:
        data = b""
    start = len(_MAGIC) + _SUM
    whole = memoryview(data)[start:]
    if data.startswith(_MAGIC) and xxhash.xxh3_128(whole).digest() == data[len(_MAGIC) : start]:
        tables.deserialize(whole)
    else:
        tables.executescript(_TABLES)
    return tables


def _keep(tables: sqlite3.Connection, kept: Path) -> None:
    """Write the tables, where the cache can be written; it is a convenience and nothing more."""
    data = tables.serialize()
    try:
        write_file(kept, _MAGIC + xxhash.xxh3_128(data).digest() + data, durable=False)
    except ResourceError:
        return


def _refreshed(
    tables: sqlite3.Connection, root: Path, report: Callable[[int, int], None] | None
) -> tuple[list[Damage], bool]:
    """Bring the tables up to date; the files that are damaged, and whether anything changed."""
    there = dict(_folders(root))
    before = dict(tables.execute("SELECT path, names FROM folder"))
    changed = [path for path in there.keys() | before.keys() if there.get(path) != before.get(path)]
    new: list[str] = []
    with tables:
        for folder in sorted(changed):
            names = set(there.get(folder, "").split("/")) - {""}
            known = dict(tables.execute("SELECT file, id FROM record WHERE folder = ?", [folder]))
            for name in known.keys() - names:
                _forget(tables, known[name])
            tables.execute("DELETE FROM folder WHERE path = ?", [folder])
            new += [f"{folder}/{name}" for name in sorted(names - known.keys())]
        damaged = list(_learn(tables, root, new, report))
        hurt = {one.path.rpartition("/")[0] for one in damaged}
        tables.executemany(
            "INSERT INTO folder VALUES (?, ?)",
            [(path, there[path]) for path in changed if path in there and path not in hurt],
        )
    return damaged, any(path not in hurt for path in changed)


def _folders(root: Path) -> Iterator[tuple[str, str]]:
    """Each folder of records, relative to the repository, and the names in it, joined by `/`."""
    for kind in IN_GRAPH:
        above = KINDS[kind].folder()
        try:
            names = os.listdir(root / above)  # noqa: PTH208 - four times as fast as iterdir
        except FileNotFoundError:
            continue
        for name in filter(is_name, names):
            folder = f"{above}/{name}"
            try:
                files = os.listdir(f"{root}/{folder}")  # noqa: PTH208
            except NotADirectoryError:
                continue
            kept = (file for file in files if file.endswith(".json") and file.isascii())
            yield folder, "/".join(sorted(kept))


def _learn(
    tables: sqlite3.Connection,
    root: Path,
    paths: list[str],
    report: Callable[[int, int], None] | None,
) -> Iterator[Damage]:
    """Read records into the tables."""
    for count, path in enumerate(paths, start=1):
        try:
            entry = entry_of(_read(root, path))
        except IntegrityError as error:
            yield Damage(path, error)
        else:
            _insert(tables, entry, path, mark(root / path))
        if report:
            report(count, len(paths))


def _read(root: Path, path: str) -> Record:
    kind = KINDS[path.split("/")[2]]
    record = kind.from_bytes((root / path).read_bytes(), path)
    if record.path != path:
        raise IntegrityError(f"damaged record {path}: its name is another", kind="damaged-record")
    return record


def _insert(tables: sqlite3.Connection, entry: Entry, path: str, marked: str) -> None:
    node = entry.node
    folder, _, file = path.rpartition("/")
    orphaned = entry.orphaned.message if entry.orphaned else None
    tables.execute(
        "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [node.id, folder, file, marked, node.kind, node.name, node.label, node.created_at,
         orphaned, orjson.dumps(dict(entry.facts)).decode()],
    )  # fmt: skip
    tables.executemany(
        "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?)", [_row(node, link) for link in entry.links]
    )
    tables.executemany("INSERT INTO answer VALUES (?, ?)", [(key, node.id) for key in entry.keys])
    tables.executemany(
        "INSERT INTO gap VALUES (?, ?, ?)", [(node.id, gap.kind, gap.message) for gap in entry.gaps]
    )


def _row(node: Node, link: Link) -> tuple[str | None, ...]:
    edge, gap = link
    lacking = f"{gap.kind} {gap.message}" if gap else None
    return node.id, edge.child, edge.parent, edge.role, str(edge.evidence), lacking


def _forget(tables: sqlite3.Connection, id_: str) -> None:
    for table, column in (("record", "id"), ("link", "teller"), ("answer", "id"), ("gap", "id")):
        tables.execute(f"DELETE FROM {table} WHERE {column} = ?", [id_])  # noqa: S608 - our names


def mark(path: Path) -> str:
    """What changes when a file is written again: size and time."""
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"
