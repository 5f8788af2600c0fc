"""The entries of all records in tables, kept between commands in a cache that may be deleted.

A record is immutable and its file's name has digits of its id, so a file that is still there by
name is not read again, and a folder that did not change is not listed again. The cache is one
file: what it is, a checksum, and a SQLite database; where it is damaged, or cannot be written, the
records are read anew.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import xxhash

from dslineage.disk import regular_bytes
from dslineage.errors import IntegrityError, ResourceError
from dslineage.lineage.entry import Entry, Link, entry_of
from dslineage.progress import Progress, Report
from dslineage.records import (
    ClaimRecord,
    DatasetRecord,
    Evidence,
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
_MAGIC = b"dslineage lineage cache 4\n"
_SUM = 16
_SETTLED_NS = 2_000_000_000
"""How old the last change of a folder must be for its time to tell it from a later one."""


def _columns(kinds: str, *names: str) -> str:
    """Columns in which values have one of some types; `PRAGMA quick_check` sees to it later."""
    return ", ".join(f"{name} CHECK (typeof({name}) IN ({kinds}))" for name in names)


_TEXTS, _NUMBERS = "'text'", "'integer'"
_TABLES = f"""
CREATE TABLE folder (path TEXT PRIMARY KEY, {_columns(_TEXTS, "mark")}) WITHOUT ROWID;
CREATE TABLE key (n INTEGER PRIMARY KEY, text TEXT UNIQUE CHECK (typeof(text) = 'text'));
CREATE TABLE record (
  n INTEGER PRIMARY KEY,
  {_columns(_TEXTS, "folder", "file", "mark", "kind", "name", "label", "created")},
  {_columns(_TEXTS + ", 'null'", "orphaned")}, {_columns(_TEXTS, "facts")}
);
CREATE INDEX record_folder ON record (folder);
CREATE INDEX record_name ON record (kind, name);
CREATE TABLE link (
  {_columns(_NUMBERS, "teller", "child", "target")}, {_columns(_TEXTS, "role")},
  evidence CHECK (evidence IN ({", ".join(f"'{one}'" for one in Evidence)})),
  {_columns(_TEXTS + ", 'null'", "gap")}
);
CREATE INDEX link_teller ON link (teller);
CREATE INDEX link_child ON link (child);
CREATE INDEX link_target ON link (target);
CREATE TABLE answer (key INTEGER, n INTEGER, PRIMARY KEY (key, n)) WITHOUT ROWID;
CREATE INDEX answer_n ON answer (n);
CREATE TABLE gap ({_columns(_NUMBERS, "n")}, {_columns(_TEXTS, "kind", "message")});
CREATE INDEX gap_n ON gap (n);
CREATE VIEW head AS SELECT k.text AS id, r.* FROM record r JOIN key k ON k.n = r.n;
CREATE VIEW saying AS
  SELECT c.text AS child, t.text AS target, l.role, l.evidence, l.gap, l.child AS c, l.target AS t
  FROM link l JOIN key c ON c.n = l.child JOIN key t ON t.n = l.target;
"""  # noqa: S608 - our names
"""Ids and other keys are kept once, in `key`, and are numbers elsewhere."""


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
    kept: Path
    tables: sqlite3.Connection
    damaged: tuple[Damage, ...]

    @classmethod
    def of(cls, root: Path, cache: Path, report: Report | None = None) -> Entries:
        """The entries of a work tree as it is now.

        Args:
            root: the top of the work tree.
            cache: the folder of caches.
            report: called as records are read that the cache does not know.
        """
        kept = cache / "lineage" / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        tables = _opened(kept)
        try:
            damaged, changed = _refreshed(tables, root, report)
        except sqlite3.Error:
            tables = _empty()
            damaged, changed = _refreshed(tables, root, report)
        if changed:
            _keep(tables, kept)
        return cls(root, kept, tables, tuple(damaged))

    def ask(self, question: str, *values: Any) -> list[Any]:
        """The rows that answer a question in SQL.

        Raises:
            IntegrityError: the cache is damaged.
        """
        with self.believed():
            return self.tables.execute(question, values).fetchall()

    def ask_of(self, question: str, ids: Iterable[str] | None) -> Iterator[Any]:
        """The rows of a question that has `{}` where a condition on some column's ids stands.

        The column is named in the braces; without ids the question is about all.
        """
        before, _, rest = question.partition("{")
        column, _, after = rest.partition("}")
        if ids is None:
            yield from self.ask(f"{before}TRUE{after}")
            return
        some = list(ids)
        for start in range(0, len(some), 500):
            part = some[start : start + 500]
            marks = ",".join("?" * len(part))
            yield from self.ask(f"{before}{column} IN ({marks}){after}", *part)

    @contextmanager
    def believed(self) -> Iterator[None]:
        """Turn what goes wrong over tables that somebody forged into an error that names them.

        Raises:
            IntegrityError: the cache has what no record says.
        """
        try:
            yield
        except (sqlite3.Error, OSError, LookupError, TypeError, ValueError) as error:
            raise IntegrityError(
                f"damaged cache {self.kept}: {error}",
                kind="damaged-cache",
                hint=f"rm {shlex.quote(str(self.kept))}",
            ) from error


def _opened(kept: Path) -> sqlite3.Connection:
    """The tables as they were kept; empty ones where there are none, or damaged ones."""
    try:
        data = kept.read_bytes()
    except OSError:
        data = b""
    start = len(_MAGIC) + _SUM
    whole = memoryview(data)[start:]
    if data.startswith(_MAGIC) and xxhash.xxh3_128(whole).digest() == data[len(_MAGIC) : start]:
        tables = sqlite3.connect(":memory:")
        with suppress(sqlite3.Error, MemoryError):  # which SQLite says of no bytes at all
            tables.deserialize(whole)
            ours = _schema(tables) == _schema(_empty())
            if ours and tables.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]:
                return tables
    return _empty()


def _empty() -> sqlite3.Connection:
    tables = sqlite3.connect(":memory:")
    tables.executescript(_TABLES)
    return tables


def _schema(tables: sqlite3.Connection) -> list[Any]:
    """What there is: tables, indexes and views, and nothing that runs by itself."""
    return tables.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def _keep(tables: sqlite3.Connection, kept: Path) -> None:
    """Write the tables, where the cache can be written; it is a convenience and nothing more."""
    data = tables.serialize()
    try:
        write_file(kept, _MAGIC + xxhash.xxh3_128(data).digest() + data, durable=False)
    except ResourceError:
        return


def _refreshed(
    tables: sqlite3.Connection, root: Path, report: Report | None
) -> tuple[list[Damage], bool]:
    """Bring the tables up to date; the files that are damaged, and whether anything changed."""
    there = dict(_folders(root))
    before = dict(tables.execute("SELECT path, mark FROM folder"))
    changed = [path for path in there.keys() | before.keys() if there.get(path) != before.get(path)]
    new: list[str] = []
    gone = False
    with tables:
        for folder in sorted(changed):
            names = _names(root / folder)
            known = dict(tables.execute("SELECT file, n FROM record WHERE folder = ?", [folder]))
            for name in known.keys() - names:
                _forget(tables, known[name])
                gone = True
            tables.execute("DELETE FROM folder WHERE path = ?", [folder])
            new += [f"{folder}/{name}" for name in sorted(names - known.keys())]
        damaged = list(_learn(tables, root, new, report))
        hurt = {one.path.rpartition("/")[0] for one in damaged}
        settled = [(path, there[path]) for path in changed if there.get(path) and path not in hurt]
        tables.executemany("INSERT INTO folder VALUES (?, ?)", settled)
    return damaged, gone or len(new) > len(damaged) or bool(settled)


def _folders(root: Path) -> Iterator[tuple[str, str]]:
    """Each folder of records, relative to the repository, and its mark.

    The mark changes when a file is added or removed; it is empty where the last change is so
    young that the next one could have the same time (git calls that racy).
    """
    now = time.time_ns()
    for kind in IN_GRAPH:
        above = KINDS[kind].folder()
        try:
            folders = os.scandir(root / above)  # DirEntry.stat is one system call, and no more
        except FileNotFoundError:
            continue
        with folders:
            for entry in folders:
                if is_name(entry.name) and entry.is_dir():
                    found = entry.stat()
                    young = now - max(found.st_mtime_ns, found.st_ctime_ns) < _SETTLED_NS
                    mark_ = "" if young else f"{found.st_mtime_ns} {found.st_ctime_ns}"
                    yield f"{above}/{entry.name}", mark_


def _names(folder: Path) -> set[str]:
    """The files of records in a folder; none where it is gone."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - four times as fast as iterdir
    except FileNotFoundError:
        return set()
    return {name for name in names if name.endswith(".json") and name.isascii()}


def _learn(
    tables: sqlite3.Connection,
    root: Path,
    paths: list[str],
    report: Report | None,
) -> Iterator[Damage]:
    """Read records into the tables."""
    for count, path in enumerate(paths, start=1):
        if report:
            report(Progress("records", count, len(paths)))
        try:
            entry = entry_of(_read(root, path))
        except FileNotFoundError:
            continue  # somebody took it away just now: its folder's mark has changed
        except IntegrityError as error:
            yield Damage(path, error)
        else:
            _insert(tables, entry, path, mark(root / path))


def _read(root: Path, path: str) -> Record:
    kind = KINDS[path.split("/")[2]]
    record = kind.from_bytes(regular_bytes(root / path), path)
    if record.path != path:
        raise IntegrityError(f"damaged record {path}: its name is another", kind="damaged-record")
    return record


def _insert(tables: sqlite3.Connection, entry: Entry, path: str, marked: str) -> None:
    node = entry.node
    number = _number(tables, node.id)
    folder, _, file = path.rpartition("/")
    orphaned = entry.orphaned.message if entry.orphaned else None
    tables.execute(
        "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [number, folder, file, marked, node.kind, node.name, node.label, node.created_at,
         orphaned, orjson.dumps(dict(entry.facts)).decode()],
    )  # fmt: skip
    tables.executemany(
        "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?)",
        [_row(tables, number, link) for link in entry.links],
    )
    tables.executemany(
        "INSERT INTO answer VALUES (?, ?)", [(_number(tables, key), number) for key in entry.keys]
    )
    tables.executemany(
        "INSERT INTO gap VALUES (?, ?, ?)", [(number, gap.kind, gap.message) for gap in entry.gaps]
    )


def _row(tables: sqlite3.Connection, teller: int, link: Link) -> tuple[int | str | None, ...]:
    edge, gap = link
    child, target = _number(tables, edge.child), _number(tables, edge.parent)
    lacking = f"{gap.kind} {gap.message}" if gap else None
    return teller, child, target, edge.role, str(edge.evidence), lacking


def _number(tables: sqlite3.Connection, text: str) -> int:
    """The number of a key, a new one where it was not there."""
    found = tables.execute("SELECT n FROM key WHERE text = ?", [text]).fetchone()
    if found is None:
        found = tables.execute("INSERT INTO key (text) VALUES (?) RETURNING n", [text]).fetchone()
    return int(found[0])


def _forget(tables: sqlite3.Connection, number: int) -> None:
    for table, column in (("record", "n"), ("link", "teller"), ("answer", "n"), ("gap", "n")):
        tables.execute(f"DELETE FROM {table} WHERE {column} = ?", [number])  # noqa: S608 - our names


def mark(path: Path) -> str:
    """What changes when a file is written again: size and time."""
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"
