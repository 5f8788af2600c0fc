"""What people write to name a state of a data set, and what they mean by it.

A reference is a version (`v4`, `train@v4`), a record id or a prefix of one, `latest`, a data
set's name, a git revision (`HEAD~1`, `git:v4`, `HEAD~1:data/train.jsonl`) or a path.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dslineage.errors import IntegrityError, NotFoundError
from dslineage.records import POINTER_SUFFIX, DatasetRecord, Pointer
from dslineage.versions.catalog import Catalog, PointerFile, relative_to
from dslineage.versions.filenames import stem
from dslineage.versions.remote import is_url, remote_files
from dslineage.versions.worktree import data_files

_LABEL = re.compile(r"v[1-9][0-9]*")
_LONGEST = 4096
_ID = re.compile(r"(?:dataset:)?(?:sha256:)?([0-9a-f]{4,64})")


@dataclass(frozen=True, slots=True)
class VersionTarget:
    """A recorded version; `commit` has its records, where the work tree has not."""

    record: DatasetRecord
    commit: str = ""


@dataclass(frozen=True, slots=True)
class FileTarget:
    """Files: names relative to the folder `root`, or to the URL `base`; and what to call them."""

    root: Path
    names: tuple[str, ...]
    label: str
    dataset: str
    base: str = ""


@dataclass(frozen=True, slots=True)
class CommitTarget:
    """Data files as they are in a commit, where no version was recorded with it."""

    commit: str
    paths: tuple[str, ...]
    label: str
    dataset: str


Target = VersionTarget | FileTarget | CommitTarget


def resolve(catalog: Catalog, text: str, *, here: Path, dataset: str | None = None) -> Target:
    """What a reference names.

    Args:
        catalog: the repository's records.
        text: the reference.
        here: the folder that relative paths start from.
        dataset: which data set is meant where the reference does not say.

    Raises:
        NotFoundError: nothing has that name, or more than one thing has; all are listed.
    """
    if not text or "\0" in text or len(text) > _LONGEST:
        raise _unknown(text[:40], "it is no name of anything", "dslineage log")
    if is_url(text):
        return file_target(here, text)
    if text.startswith("git:"):
        return _revision(catalog, text.removeprefix("git:"), dataset, text, here)
    name, _, label = text.rpartition("@")
    if name and name in catalog.names():
        return _of_dataset(catalog, name, label, text, here)
    if text == "latest":
        return _pointed_at(catalog, dataset)
    if _LABEL.fullmatch(text):
        return _labelled(catalog, text, dataset, here)
    return _named(catalog, text, dataset, here)


def _named(catalog: Catalog, text: str, dataset: str | None, here: Path) -> Target:
    """What a path, a data set's name, a record's id or a git revision names: one of these."""
    path = here / text
    git = catalog.git
    choices: dict[str, Target] = {}
    if os.path.exists(path):  # noqa: PTH110 - a text that can be no path is none, not an error
        choices[f"./{text}"] = file_target(path, text)
    if text.startswith(("./", "../", "/")):
        if choices:
            return choices.popitem()[1]
        raise _unknown(text, "there is no such file", "dslineage status")
    if text in catalog.names():
        choices[f"{text}@latest"] = _latest(catalog, text)
    for record in _by_id(catalog, text):
        choices[f"{record.dataset}@{record.id[15:27]}"] = VersionTarget(record)
    if not choices:
        return _revision(catalog, text, dataset, text, here)
    others = [] if git.commit_of(text) is None else [f"git:{text}"]
    if len(choices) == 1 and not others:
        return choices.popitem()[1]
    raise _ambiguous(text, [*choices, *others])


def _of_dataset(catalog: Catalog, name: str, label: str, text: str, here: Path) -> Target:
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
    return _revision(catalog, label.removeprefix("git:"), name, text, here)


def _pointed_at(catalog: Catalog, dataset: str | None) -> Target:
    files = catalog.pointers_about(dataset)
    if not files:
        raise _unknown("latest", "there is no version yet", "dslineage scan .")
    if len(files) > 1:
        raise _ambiguous("latest", [f"{one.pointer.dataset}@latest" for one in files])
    return _pointed(catalog, files[0])


def _labelled(catalog: Catalog, label: str, dataset: str | None, here: Path) -> Target:
    names = [dataset] if dataset else catalog.names()
    found = [
        VersionTarget(record)
        for name in names
        for record in catalog.versions(name)
        if record.label == label
    ]
    if not found:
        if catalog.git.commit_of(label) is not None:
            return _revision(catalog, label, dataset, label, here)
        raise _unknown(label, f"no version of {dataset or 'a data set'} has it", "dslineage log")
    return _only(found, label)


def _latest(catalog: Catalog, name: str) -> VersionTarget:
    file = catalog.pointer_of(name)
    if file is None:
        raise _unknown(f"{name}@latest", f"no pointer names {name}", f"dslineage log {name}")
    return _pointed(catalog, file)


def _pointed(catalog: Catalog, file: PointerFile) -> VersionTarget:
    return VersionTarget(catalog.record(file.pointer.id, file.pointer.dataset))


def file_target(path: Path, label: str) -> FileTarget:
    """A file, or the data files of a folder, recorded or not."""
    if is_url(label):
        files = remote_files([label], "", None)
        return FileTarget(path, files.names, label, files.name, files.base)
    absolute = path.absolute()
    if absolute.is_dir():
        names = data_files(absolute.parent, [absolute.name], "folder").names
        return FileTarget(absolute.parent, names, label, absolute.name)
    return FileTarget(absolute.parent, (absolute.name,), label, stem(absolute.name))


def is_label(text: str) -> bool:
    """Whether a text is a version's label, or `latest`."""
    return text == "latest" or _LABEL.fullmatch(text) is not None


def working_files(catalog: Catalog, file: PointerFile) -> FileTarget:
    """The data files of a pointer, as they are in the work tree."""
    names = tuple(entry.path for entry in file.pointer.files)
    label = "remote file" if file.base else "working file"
    root = catalog.git.root / file.folder
    return FileTarget(root, names, label, file.pointer.dataset, file.base)


def _by_id(catalog: Catalog, text: str) -> list[DatasetRecord]:
    match = _ID.fullmatch(text)
    if not match:
        return []
    return [record for record in catalog.all_versions() if _has_id(record, match[1])]


def _has_id(record: DatasetRecord, digits: str) -> bool:
    match = _ID.fullmatch(digits)
    return match is not None and record.id.rsplit(":", 1)[-1].startswith(match[1])


def _revision(catalog: Catalog, text: str, dataset: str | None, said: str, here: Path) -> Target:
    revision, _, path = text.partition(":")
    commit = catalog.git.commit_of(revision)
    if commit is None:
        why = "it is no version, no data set, no file and no git revision"
        raise _unknown(said, why, "dslineage log")
    if path:
        return _file_in(catalog, commit, path, said, here)
    files = catalog.pointers_about(dataset)
    if not files:
        raise _unknown(said, "no data set of this work tree is in that commit", "dslineage status")
    if len(files) > 1:
        raise _ambiguous(said, [f"{file.pointer.dataset}@{revision}" for file in files])
    return _at_commit(catalog, files[0], commit, said)


def _file_in(catalog: Catalog, commit: str, path: str, said: str, here: Path) -> Target:
    """What a path was in a commit: the file that git has, or the version of the pointer there.

    As in git, the path is relative to the top, and with `./` or `../` to the current folder.
    """
    git = catalog.git
    if path.startswith(("./", "../")):
        path = relative_to(git.root, here / path)
    inner = PurePosixPath(path)
    name = stem(inner.name)
    if inner.is_absolute() or ".." in inner.parts:
        raise _unknown(said, "a path in a commit is relative and stays inside", "git ls-tree HEAD")
    if git.holds(commit, path):
        return CommitTarget(commit, (path,), said, name)
    if (data := git.read(commit, path + POINTER_SUFFIX)) is not None:
        return _recorded_in(catalog, Pointer.from_bytes(data, f"{said}{POINTER_SUFFIX}"), commit)
    if below := git.names_in(commit, path):
        return CommitTarget(commit, tuple(below), said, name)
    raise _unknown(said, f"{path} is not in that commit", f"git ls-tree -r {commit[:12]}")


def _at_commit(catalog: Catalog, file: PointerFile, commit: str, said: str) -> Target:
    """The version that a pointer named in a commit; without a pointer, the data file there."""
    data = catalog.git.read(commit, file.path)
    if data is not None:
        return _recorded_in(catalog, Pointer.from_bytes(data, f"{said}:{file.path}"), commit)
    if moved := _elsewhere(catalog, file.pointer.dataset, commit):
        return _recorded_in(catalog, moved, commit)
    paths = file.data_paths()
    if all(catalog.git.holds(commit, path) for path in paths):
        return CommitTarget(commit, paths, said, file.pointer.dataset)
    raise _unknown(said, f"{file.path} is not in that commit", "dslineage log")


def _elsewhere(catalog: Catalog, dataset: str, commit: str) -> Pointer | None:
    """The pointer of a data set in a commit, wherever it stood then."""
    for name in catalog.git.names_in(commit):
        if name.endswith(POINTER_SUFFIX):
            with suppress(IntegrityError):
                pointer = Pointer.from_bytes(catalog.git.read(commit, name) or b"", name)
                if pointer.dataset == dataset:
                    return pointer
    return None


def _recorded_in(catalog: Catalog, pointer: Pointer, commit: str) -> VersionTarget:
    """The version that a pointer in a commit names."""
    try:
        return VersionTarget(catalog.record(pointer.id, pointer.dataset))
    except NotFoundError:
        return VersionTarget(_record_in(catalog, commit, pointer), commit)


def _record_in(catalog: Catalog, commit: str, pointer: Pointer) -> DatasetRecord:
    folder = catalog.folder.relative_to(catalog.git.root).as_posix()
    wanted = pointer.id.rsplit(":", 1)[-1][:12]
    for name in catalog.git.names_in(commit, f"{folder}/{pointer.dataset}"):
        if name.endswith(f"-{wanted}.json"):
            record = DatasetRecord.from_bytes(catalog.git.read(commit, name) or b"", name)
            if record.id == pointer.id and record.path == name:
                return record
    raise IntegrityError(
        f"the commit {commit[:12]} has a pointer to {pointer.id} but not that record",
        kind="missing-record",
        hint="dslineage verify",
    )


def _only(found: Sequence[VersionTarget], text: str) -> VersionTarget:
    if len(found) == 1:
        return found[0]
    records = [one.record for one in found]
    if len({one.dataset for one in records}) == len(records):
        raise _ambiguous(text, [f"{one.dataset}@{one.label}" for one in records])
    titles = [f"{one.dataset}@{one.label} ({one.id[15:23]})" for one in records]
    raise _ambiguous(text, titles, f"{records[0].dataset}@{records[0].id[15:23]}")


def _ambiguous(text: str, choices: Sequence[str], such_as: str = "") -> NotFoundError:
    return NotFoundError(
        f"{text!r} could be {', '.join(choices)}",
        kind="ambiguous-reference",
        hint=f"say which: {such_as or choices[0]}",
    )


def _unknown(text: str, why: str, hint: str) -> NotFoundError:
    return NotFoundError(f"{text!r} is unknown: {why}", kind="unknown-reference", hint=hint)
