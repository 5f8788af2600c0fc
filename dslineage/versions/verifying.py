"""Hashing everything that is kept again, and naming what is damaged or missing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dslineage.errors import DslineageError, IntegrityError, RemoteError
from dslineage.records import (
    POINTER_SUFFIX,
    DatasetRecord,
    FileEntry,
    Pointer,
    StepRecord,
)
from dslineage.store.checking import check_object, stored_objects
from dslineage.store.store import Store
from dslineage.store.view import view_id, view_path
from dslineage.versions.catalog import Catalog
from dslineage.versions.checkpoint import Checkpoint
from dslineage.versions.needs import Needs, title_of
from dslineage.versions.opening import open_version
from dslineage.versions.options import Progress, Report
from dslineage.versions.remote import remote_digest
from dslineage.versions.sample import Sample, Sampled
from dslineage.versions.stored import StoredSnapshot
from dslineage.versions.verified import Problem, VerifyResult


class _Object(NamedTuple):
    """A file of the store. `state` is other where it was touched since."""

    kind: str
    path: Path
    size: int
    state: str

    @property
    def name(self) -> str:
        """`packs/<64 hex>.rows`."""
        return f"{self.path.parent.name}/{self.path.name}"


def verify_kept(
    catalog: Catalog,
    store: Store,
    records: Sequence[DatasetRecord],
    steps: Sequence[StepRecord],
    checkpoint: Checkpoint,
    report: Report | None = None,
    *,
    sample: Sample | None = None,
    urls: bool = False,
) -> VerifyResult:
    """Check every pointer and object of a repository. Writes nothing but the checkpoint.

    Args:
        catalog: the repository.
        store: its objects.
        records: the versions whose records can be believed.
        steps: the steps whose records can be believed.
        checkpoint: what need not be hashed again, and where it is noted what was.
        report: called as the work goes on.
        sample: hash only objects that are drawn, and recompute no version's hashes.
        urls: whether files behind URLs that pointers name are read, too.

    Raises:
        RemoteError: a remote refuses or goes away.
    """
    problems = [*_pointers(catalog, records), *_disputed(catalog)]
    needs = Needs(store, records, steps)
    problems += needs.problems
    objects = list(_listed(stored_objects(store)))
    drawn = sample.drawn([one.name for one in objects]) if sample else None
    todo = [
        one
        for one in objects
        if (drawn is None or one.name in drawn) and not checkpoint.knows(one.name, one.state)
    ]
    total = sum(one.size for one in todo)
    done = 0
    for one in todo:
        if report is not None:
            report(Progress("verifying", done, total))
        done += one.size
        wrong = check_object(one.kind, one.path)
        problems += [
            Problem(one.kind, one.path.name, message, needs.of(one.path.name), one.name)
            for message in wrong
        ]
        if not wrong:
            checkpoint.note(one.name, one.state)
    gone = {one.path.name for one in objects if not one.path.exists()}
    gone.update(problem.name for problem in needs.problems)
    if gone:  # as garbage, perhaps: layouts that were over it are over other packs now
        now = Needs(Store(store.root), records, steps)
        problems = [problem for problem in problems if problem.name not in gone] + now.problems
    if sample is None:
        problems += _versions(store, records, problems, needs, objects, checkpoint)
        checkpoint.finish()
    outside = _outside(catalog)
    if urls:
        problems += [problem for entry, need in outside for problem in _file_there(entry, need)]
    return VerifyResult(
        records=0,
        objects=len(todo),
        bytes=total,
        problems=tuple(dict.fromkeys(problems)),
        unread=() if urls else tuple(entry.url for entry, _ in outside),
        passed=len(objects) - len(todo) if drawn is None else 0,
        sampled=Sampled(len(drawn), len(objects), sample.seed) if sample and drawn else None,
    )


def _listed(objects: Iterable[tuple[str, Path]]) -> Iterator[_Object]:
    """Objects as they are now; what was collected as garbage since it was listed is passed."""
    for kind, path in objects:
        try:
            state = _state(path)
            if path.suffix == ".zst":  # its rows are checked against the ids beside it
                rows = path.with_suffix(".rows")
                state += f" {_state(rows) if rows.exists() else '-'}"
            yield _Object(kind, path, path.stat().st_size, state)
        except FileNotFoundError:
            continue


def _state(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


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
            message = f"damaged pointer {name}: it is not as it was written for {title_of(record)}"
            problems.append(Problem("pointer", name, message, (title_of(record),)))
    return problems


def _disputed(catalog: Catalog) -> Iterator[Problem]:
    """The pointers that name a data set which another names, too: where is it?"""
    claims = defaultdict(list)
    for file in catalog.pointers():
        claims[file.pointer.dataset].append(file.path)
    for dataset, paths in claims.items():
        for path in paths if len(paths) > 1 else ():
            others = ", ".join(one for one in paths if one != path)
            message = f"{path} names the data set {dataset}, as does {others}: git rm one of them"
            yield Problem("pointer", path, message, (f"{dataset}@latest",))


def _versions(
    store: Store,
    records: Sequence[DatasetRecord],
    problems: list[Problem],
    needs: Needs,
    objects: Sequence[_Object],
    checkpoint: Checkpoint,
) -> list[Problem]:
    """Recompute each version's hashes from its rows, unless an object of it is known to be bad."""
    states = {one.path.name: one.state for one in objects}
    parts = needs.by_version(sorted(states))
    hurt = {version for problem in problems for version in problem.needed_by}
    found: list[Problem] = []
    for record in records:
        title = title_of(record)
        rests_on = "\n".join(f"{name} {states[name]}" for name in parts.get(title, ()))
        state = hashlib.sha256(rests_on.encode()).hexdigest()
        if title in hurt or checkpoint.knows(record.id, state):
            continue
        wrong = list(_contents(store, record, title))
        found += wrong
        if not wrong:
            checkpoint.note(record.id, state)
    return found


def _contents(store: Store, record: DatasetRecord, title: str) -> Iterator[Problem]:
    """Recompute a version's hashes from its rows."""
    try:
        snapshot = open_version(store, record, trusting=False)
        view = view_id(record.adapter, record.key)
        found = {
            "content hash": (snapshot.content_hash, record.content_hash),
            "order hash": (snapshot.order_hash, record.order_hash),
            "number of examples": (snapshot.examples, record.examples),
        }
        packs = {pack for layout in snapshot.layouts for pack in layout.packs}
        views = all(view_path(store.views_folder, pack, view).exists() for pack in packs)
        if views and _conversations_known(snapshot):
            found["training hash"] = (snapshot.training_hash, record.training_hash)
    except DslineageError as error:
        yield Problem("version", title, error.message, (title,))
        return
    for what, (now, recorded) in found.items():
        if now != recorded:
            message = f"{title}: the {what} of its rows is {now}, recorded is {recorded}"
            yield Problem("version", title, message, (title,))


def _conversations_known(snapshot: StoredSnapshot) -> bool:
    """Whether views have the conversation digest of every example.

    Those that were computed since examples were forgotten have none of these.
    """
    rows = snapshot.rows()
    gone = rows[snapshot.forgotten(rows)]
    return bool(snapshot.conversations(gone).any(axis=1).all())


def unix(data: bytes) -> bytes:
    """Text as it was before git's `core.autocrlf`, which changes no meaning."""
    return data.replace(b"\r\n", b"\n")
