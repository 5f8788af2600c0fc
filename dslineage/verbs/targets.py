"""The files of a data set that may be written to: those whose every byte is in a version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import NotFoundError, UsageError
from dslineage.records import checked_name, is_name
from dslineage.versions.catalog import joined, relative_to
from dslineage.versions.worktree import HashCache, state_of

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.store.store import Store
    from dslineage.versions.catalog import Catalog, PointerFile


def untouched(catalog: Catalog, dataset: str) -> tuple[PointerFile, DatasetRecord]:
    """The pointer and current version of a data set, whose files are as recorded.

    Raises:
        NotFoundError: there is no such data set.
        UsageError: they are not.
    """
    file = catalog.pointer_of(dataset) if is_name(dataset) else None
    if file is None:
        raise NotFoundError(
            f"no data set here is named {dataset!r}",
            kind="unknown-dataset",
            hint="dslineage status",
        )
    record = catalog.record(file.pointer.id, dataset)
    cache = HashCache.load(catalog.git.common_dir / "dslineage" / "cache" / "files.json")
    paths = ", ".join(file.data_paths())
    if file.base:
        raise UsageError(
            f"{file.base}/{paths} is on a remote: edits cannot be applied there",
            kind="remote-not-kept",
        )
    if (state := state_of(catalog.git.root, file, cache)) != "clean":
        missing = state == "missing"
        raise UsageError(
            f"{paths} {'is not there' if missing else 'has changes that are in no version'}; "
            "nothing was applied",
            kind="unsaved-changes",
            hint=f"dslineage checkout {dataset}@latest"
            if missing
            else f"dslineage add {paths}, or dslineage checkout {dataset}@latest --force",
        )
    return file, record


def own_target(
    catalog: Catalog, store: Store, here: Path, name: str, path: Path | str | None
) -> tuple[Path, str]:
    """The file that examples of a data set are written to, and its format."""
    from dslineage.exporting import format_of
    from dslineage.versions.restoring import guard_unsaved
    from dslineage.writing import own_file

    root = catalog.git.root
    file = catalog.pointer_of(name)
    if file is None:
        target = here / (f"{checked_name(name)}.jsonl" if path is None else path)
        relative_to(root, target)
        if os.path.lexists(target):
            raise UsageError(
                f"{target} is there, and no version of {name} was recorded from it",
                kind="file-exists",
                hint=f"dslineage add {target} --name {name}",
            )
        return target, format_of(target)
    record = catalog.record(file.pointer.id, name)
    entry = own_file(record)
    target = root / joined(file.folder, entry.path)
    if path is not None and (here / path).absolute() != target.absolute():
        raise UsageError(f"{name} is in {target}, not in {path}", kind="name-taken")
    cache = HashCache.load(catalog.git.common_dir / "dslineage" / "cache" / "files.json")
    guard_unsaved(store, catalog, file, record, cache)
    return target, str(entry.reader["format"])
