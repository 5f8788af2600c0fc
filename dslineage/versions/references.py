"""What people write to name a state of a data set, and what they mean by it.

A reference is a version (`v4`, `train@v4`), a record id or a prefix of one, `latest`, a data
set's name, a git revision (`HEAD~1`, `git:v4`, `HEAD~1:data/train.jsonl`) or a path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dslineage.errors import DslineageError, IntegrityError, NotFoundError
from dslineage.records import DatasetRecord, Pointer
from dslineage.versions.catalog import Catalog, PointerFile, record_path

_LABEL = re.compile(r"v[1-9][0-9]*")
_ID = re.compile(r"(?:dataset:)?(?:sha256:)?([0-9a-f]{4,64})")


@dataclass(frozen=True, slots=True)
class VersionTarget:
    """A recorded version."""

    record: DatasetRecord


@dataclass(frozen=True, slots=True)
class FileTarget:
    """Files of the work tree: names relative to `root`, and what to call them."""

    root: Path
    names: tuple[str, ...]
    label: str
    dataset: str


@dataclass(frozen=True, slots=True)
class CommitTarget:
    """Data files as they are in a commit, where no version was recorded with it."""

    commit: str
    paths: tuple[str, ...]
    label: str
    dataset: str


Target = VersionTarget | FileTarget | CommitTarget


def resolve(  # noqa: PLR0911 - one return for each thing that a reference can be
    catalog: Catalog, text: str, *, here: Path, dataset: str | None = None
) -> Target:
    """What a reference names.

    Args:
        catalog: the repository's records.
        text: the reference.
        here: the folder that relative paths start from.
        dataset: which data set is meant where the reference does not say.

    Raises:
        NotFoundError: nothing has that name, or more than one thing has; all are listed.
    """
    if text.startswith("git:"):
        return _revision(catalog, text.removeprefix("git:"), dataset, text)
    name, _, label = text.rpartition("@")
    if name and name in catalog.names():
        return _of_dataset(catalog, name, label, text)
    if _LABEL.fullmatch(text) or text == "latest":
        return _labelled(catalog, text, dataset)
    path = here / text
    if path.exists():
        return _path(catalog, path, text)
    if text in catalog.names():
        return _latest(catalog, text)
    if found := _by_id(catalog, text):
        return _only([VersionTarget(record) for record in found], text)
    return _revision(catalog, text, dataset, text)


def _of_dataset(catalog: Catalog, name: str, label: str, text: str) -> Target:
    if label == "latest":
        return _latest(catalog, name)
    if _LABEL.fullmatch(label):
        found = [one for one in catalog.versions(name) if one.label == label]
        if not found:
            have = ", ".join(one.label for one in catalog.versions(name))
            raise _unknown(text, f"the data set {name} has {have}", f"dslineage log {name}")
        return _only([VersionTarget(record) for record in found], text)
    matches = [one for one in catalog.versions(name) if _has_id(one, label)]
    if matches:
        return _only([VersionTarget(record) for record in matches], text)
    return _revision(catalog, label, name, text)


def _labelled(catalog: Catalog, label: str, dataset: str | None) -> Target:
    names = [dataset] if dataset else catalog.names()
    if label == "latest":
        files = [file for file in catalog.pointers() if file.pointer.dataset in names]
        return _only([_pointed(catalog, file) for file in files], label)
    found = [
        VersionTarget(record)
        for name in names
        for record in catalog.versions(name)
        if record.label == label
    ]
    if not found:
        raise _unknown(label, "no data set has it", "dslineage log")
    return _only(found, label)


def _latest(catalog: Catalog, name: str) -> VersionTarget:
    file = catalog.pointer_of(name)
    if file is None:
        raise _unknown(f"{name}@latest", f"no pointer names {name}", f"dslineage log {name}")
    return _pointed(catalog, file)


def _pointed(catalog: Catalog, file: PointerFile) -> VersionTarget:
    return VersionTarget(catalog.record(file.pointer.id, file.pointer.dataset))


def _path(catalog: Catalog, path: Path, text: str) -> FileTarget:
    absolute = path.absolute()
    if absolute.is_dir():
        names = tuple(
            sorted(
                file.relative_to(absolute).as_posix()
                for file in absolute.rglob("*")
                if file.is_file() and not file.name.startswith(".") and not file.is_symlink()
            )
        )
        return FileTarget(absolute, names, text, absolute.name)
    return FileTarget(absolute.parent, (absolute.name,), text, absolute.name.split(".", 1)[0])


def working_files(catalog: Catalog, file: PointerFile) -> FileTarget:
    """The data files of a pointer, as they are in the work tree."""
    names = tuple(entry.path for entry in file.pointer.files)
    return FileTarget(catalog.git.root / file.folder, names, "working file", file.pointer.dataset)


def _by_id(catalog: Catalog, text: str) -> list[DatasetRecord]:
    match = _ID.fullmatch(text)
    if not match:
        return []
    return [record for record in catalog.all_versions() if _has_id(record, match[1])]


def _has_id(record: DatasetRecord, digits: str) -> bool:
    match = _ID.fullmatch(digits)
    return match is not None and record.id.rsplit(":", 1)[-1].startswith(match[1])


def _revision(catalog: Catalog, text: str, dataset: str | None, said: str) -> Target:
    revision, _, path = text.partition(":")
    commit = catalog.git.commit_of(revision)
    if commit is None:
        raise _unknown(
            said,
            "it is no version, no data set, no file and no git revision",
            "dslineage log",
        )
    if path:
        return CommitTarget(commit, (path,), said, path.rsplit("/", 1)[-1].split(".", 1)[0])
    files = [file for file in catalog.pointers() if dataset in (None, file.pointer.dataset)]
    if len(files) != 1:
        choices = ", ".join(f"{file.pointer.dataset}@{revision}" for file in files)
        raise NotFoundError(
            f"{said} is a commit, and it does not say which data set is meant",
            kind="ambiguous-reference",
            hint=f"one of: {choices}" if choices else "dslineage log",
        )
    return _at_commit(catalog, files[0], commit, said)


def _at_commit(catalog: Catalog, file: PointerFile, commit: str, said: str) -> Target:
    """The version that a pointer named in a commit; without a pointer, the data file there."""
    data = catalog.git.read(commit, file.path)
    if data is None:
        paths = file.data_paths()
        if all(catalog.git.read(commit, path) is not None for path in paths):
            return CommitTarget(commit, paths, said, file.pointer.dataset)
        raise _unknown(said, f"{file.path} is not in that commit", "dslineage log")
    pointer = Pointer.from_bytes(data, f"{said}:{file.path}")
    try:
        return VersionTarget(catalog.record(pointer.id, pointer.dataset))
    except NotFoundError:
        return VersionTarget(_record_in(catalog, commit, pointer))


def _record_in(catalog: Catalog, commit: str, pointer: Pointer) -> DatasetRecord:
    folder = catalog.folder.relative_to(catalog.git.root).as_posix()
    wanted = pointer.id.rsplit(":", 1)[-1][:12]
    for name in catalog.git.names_in(commit, f"{folder}/{pointer.dataset}"):
        if name.endswith(f"-{wanted}.json"):
            record = DatasetRecord.from_bytes(catalog.git.read(commit, name) or b"", name)
            if record.id == pointer.id and record_path(record) == name:
                return record
    raise IntegrityError(
        f"the commit {commit[:12]} has a pointer to {pointer.id} but not that record",
        kind="missing-record",
        hint="dslineage verify",
    )


def _only(found: Sequence[Target], text: str) -> Target:
    if len(found) == 1:
        return found[0]
    titles = [
        f"{one.record.dataset}@{one.record.label} ({one.record.id[15:23]})"
        for one in found
        if isinstance(one, VersionTarget)
    ]
    if not titles:
        raise _unknown(text, "there is no version yet", "dslineage add FILE")
    raise NotFoundError(
        f"{text!r} could be {', '.join(titles)}",
        kind="ambiguous-reference",
        hint="name the data set, or use the record id: train@v4, train@3fa2c1d9",
    )


def _unknown(text: str, why: str, hint: str) -> DslineageError:
    return NotFoundError(f"{text!r} is unknown: {why}", kind="unknown-reference", hint=hint)
