"""Hashing everything that is kept again, and naming what is damaged or missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dslineage.errors import DslineageError, IntegrityError, RemoteError
from dslineage.records import (
    POINTER_SUFFIX,
    DatasetRecord,
    FileEntry,
    Pointer,
    StepRecord,
)
from dslineage.store.checking import check_object, stored_objects
from dslineage.store.layout import layout_name
from dslineage.store.store import Store
from dslineage.store.view import view_id, view_path
from dslineage.versions.catalog import Catalog
from dslineage.versions.opening import open_version
from dslineage.versions.options import Progress, Report
from dslineage.versions.remote import remote_digest


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: what it is, its name, and what hangs on it."""

    kind: str
    name: str
    message: str
    needed_by: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The problem as a JSON object."""
        return {
            "kind": self.kind,
            "name": self.name,
            "message": self.message,
            "needed_by": list(self.needed_by),
        }


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """How much was hashed, and what was found.

    `unread` are files on remotes that were not read; `notices` are odd, and no faults.
    """

    records: int
    objects: int
    bytes: int
    problems: tuple[Problem, ...]
    unread: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON document `dslineage.verify/1`."""
        return {
            "schema": "dslineage.verify/1",
            "records": self.records,
            "objects": self.objects,
            "bytes": self.bytes,
            "problems": [problem.to_dict() for problem in self.problems],
            "unread": list(self.unread),
            "notices": list(self.notices),
        }


def verify_kept(
    catalog: Catalog,
    store: Store,
    records: Sequence[DatasetRecord],
    steps: Sequence[StepRecord],
    report: Report | None = None,
    *,
    remote: bool = False,
) -> VerifyResult:
    """Check every pointer and object of a repository. Writes nothing.

    Args:
        catalog: the repository.
        store: its objects.
        records: the versions whose records can be believed.
        steps: the steps whose records can be believed.
        report: called as the work goes on.
        remote: whether files on remotes that pointers name are read, too.

    Raises:
        RemoteError: a remote refuses or goes away.
    """
    problems = _pointers(catalog, records)
    needs = _Needs(store, records, steps)
    problems += needs.problems
    objects = list(_sized(stored_objects(store)))
    total = sum(size for _, _, size in objects)
    done = 0
    for kind, path, size in objects:
        if report is not None:
            report(Progress("verifying", done, total))
        done += size
        problems += [
            Problem(kind, path.name, message, needs.of(path.name))
            for message in check_object(kind, path)
        ]
    gone = {path.name for _, path, _ in objects if not path.exists()}
    gone.update(problem.name for problem in needs.problems)
    if gone:  # as garbage, perhaps: layouts that were over it are over other packs now
        now = _Needs(Store(store.root), records, steps)
        problems = [problem for problem in problems if problem.name not in gone] + now.problems
    problems += [problem for record in records for problem in _contents(store, record, problems)]
    outside = _outside(catalog)
    if remote:
        problems += [problem for entry, need in outside for problem in _file_there(entry, need)]
    unread = () if remote else tuple(entry.url for entry, _ in outside)
    return VerifyResult(0, len(objects), total, tuple(dict.fromkeys(problems)), unread)


def _sized(objects: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, Path, int]]:
    """Objects with their sizes; what was collected as garbage since it was listed is passed."""
    for kind, path in objects:
        try:
            yield kind, path, path.stat().st_size
        except FileNotFoundError:
            continue


def _outside(catalog: Catalog) -> list[tuple[FileEntry, str]]:
    """The files on remotes that pointers name, and the version that needs each."""
    return [
        (entry, f"{file.pointer.dataset}@{file.pointer.version}")
        for file in catalog.pointers()
        for entry in file.pointer.files
        if entry.url
    ]


def _file_there(entry: FileEntry, needed_by: str) -> Iterator[Problem]:
    """What is wrong with a file on a remote."""
    try:
        found = remote_digest(entry.url)
    except RemoteError as error:
        if error.kind != "no-remote-file":
            raise
        yield Problem("file", entry.url, error.message, (needed_by,))
        return
    if found != entry.sha256:
        message = f"{entry.url} has other bytes than were recorded"
        yield Problem("file", entry.url, message, (needed_by,))


def _pointers(catalog: Catalog, records: Sequence[DatasetRecord]) -> list[Problem]:
    by_id = {record.id: record for record in records}
    problems = []
    for name in catalog.git.names_like(f"*{POINTER_SUFFIX}"):
        path = catalog.git.root / name
        if path.is_symlink():
            continue
        if not path.is_file():
            problems.append(Problem("pointer", name, f"missing pointer {name}", ()))
            continue
        data = path.read_bytes()
        try:
            pointer = Pointer.from_bytes(data, name)
        except IntegrityError as error:
            problems.append(Problem("pointer", name, error.message, ()))
            continue
        record = by_id.get(pointer.id)
        if record is None:
            message = f"{name} names {pointer.id}, of which there is no whole record"
            problems.append(Problem("pointer", name, message, (f"{pointer.dataset}@latest",)))
        elif unix(data) != Pointer.to(record).to_bytes():
            message = f"damaged pointer {name}: it is not as it was written for {_title(record)}"
            problems.append(Problem("pointer", name, message, (_title(record),)))
    return problems


class _Needs:
    """Which versions need which object, and which of those are not there."""

    def __init__(
        self, store: Store, records: Sequence[DatasetRecord], steps: Sequence[StepRecord]
    ) -> None:
        self._store = store
        self._versions: dict[str, list[str]] = {}
        self._missing: dict[str, str] = {}
        for record in records:
            for entry in record.files:
                self._needs_file(entry, _title(record))
            if record.media is not None:
                path = store.media_folder / record.media.list.hex
                self._need("media", path, _title(record))
        made = {record.generated_by: _title(record) for record in records}
        for step in steps:
            if step.links is not None:
                path = store.links_folder / step.links.hex
                self._need("links", path, made.get(step.id, f"{step.dataset}/{step.operation}"))

    @property
    def problems(self) -> list[Problem]:
        """The objects that are missing."""
        return [
            Problem(kind, name, f"missing object {name}", self.of(name))
            for name, kind in self._missing.items()
        ]

    def of(self, name: str) -> tuple[str, ...]:
        """The versions that need an object, by its file name."""
        exact = self._versions.get(name, [])
        return tuple(exact or self._versions.get(name.split(".", 1)[0], []))

    def _needs_file(self, entry: FileEntry, version: str) -> None:
        store = self._store
        name = layout_name(entry.sha256, entry.reader)
        self._need("layout", store.layouts_folder / name, version)
        try:
            layout = store.layout(name)
        except IntegrityError:
            return
        if layout.storage == "blob":
            self._need("blob", store.blobs_folder / entry.sha256.hex, version)
        for pack in layout.packs:
            self._add(pack.hex, version)
            self._need("pack", store.packs_folder / f"{pack.hex}.rows", version)
            try:
                if store.pack(pack).source is None:
                    self._need("pack", store.packs_folder / f"{pack.hex}.zst", version)
            except IntegrityError:
                continue

    def _need(self, kind: str, path: Path, version: str) -> None:
        self._add(path.name, version)
        if not path.exists():
            self._missing[path.name] = kind

    def _add(self, name: str, version: str) -> None:
        versions = self._versions.setdefault(name, [])
        if version not in versions:
            versions.append(version)


def _contents(store: Store, record: DatasetRecord, problems: list[Problem]) -> Iterator[Problem]:
    """Recompute a version's hashes from its rows, unless an object of it is known to be bad."""
    title = _title(record)
    if any(title in problem.needed_by for problem in problems):
        return
    try:
        snapshot = open_version(store, record, trusting=False)
        view = view_id(record.adapter, record.key)
        found = {
            "content hash": (snapshot.content_hash, record.content_hash),
            "order hash": (snapshot.order_hash, record.order_hash),
            "number of examples": (snapshot.examples, record.examples),
        }
        packs = {pack for layout in snapshot.layouts for pack in layout.packs}
        if all(view_path(store.views_folder, pack, view).exists() for pack in packs):
            found["training hash"] = (snapshot.training_hash, record.training_hash)
    except DslineageError as error:
        yield Problem("version", title, error.message, (title,))
        return
    for what, (now, recorded) in found.items():
        if now != recorded:
            message = f"{title}: the {what} of its rows is {now}, recorded is {recorded}"
            yield Problem("version", title, message, (title,))


def unix(data: bytes) -> bytes:
    """Text as it was before git's `core.autocrlf`, which changes no meaning."""
    return data.replace(b"\r\n", b"\n")


def _title(record: DatasetRecord) -> str:
    return f"{record.dataset}@{record.label}"
