"""The status of a work tree: each data set, its version, and whether its files are as recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.dvcfiles.beside import differing
from dslineage.records.forgotten import FORGOTTEN
from dslineage.results import DatasetStatus, StatusResult
from dslineage.versions.denied import listed_elsewhere
from dslineage.versions.worktree import HashCache, state_of

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.catalog import BrokenPointer, Catalog


def status_of(catalog: Catalog) -> StatusResult:
    """Every data set of a work tree; nothing but the cache of file hashes is written."""
    root = catalog.git.root
    objects = catalog.git.common_dir / "dslineage"
    cache = HashCache.load(objects / "cache" / "files.json")
    found = []
    for file in catalog.pointers():
        record = catalog.record(file.pointer.id, file.pointer.dataset)
        state = state_of(root, file, cache)
        changed = _changed_media(root, file.folder, record, objects)
        here = state != "missing" or _is_here(record, objects)
        found.append(
            DatasetStatus(
                name=file.pointer.dataset,
                version=record.title,
                pointer=file.path,
                files=tuple(one.url for one in file.pointer.files if one.url) or file.data_paths(),
                state="modified" if changed and state == "clean" else state,
                draft=not catalog.is_committed(record),
                examples=record.examples,
                media_changed=changed,
                hint="" if here else "dslineage pull",
                dvc_differs=tuple(differing(catalog.git, file)),
            )
        )
    cache.save()
    found += [_unreadable(broken) for broken in catalog.broken_pointers()]
    return StatusResult(tuple(found), _forgotten(catalog, objects))


def _forgotten(catalog: Catalog, objects: Path) -> tuple[str, ...]:
    """What is to be said of forgotten examples; most repositories have none, and load nothing."""
    git = catalog.git
    if not (git.root / FORGOTTEN).exists() and not any(listed_elsewhere(git)):
        return ()
    from dslineage.store.store import Store
    from dslineage.versions.denying import forgotten_notices

    return forgotten_notices(git, Store(objects))


def _is_here(record: DatasetRecord, objects: Path) -> bool:
    """Whether the layouts of a version's files are among the objects of this clone."""
    layouts = objects / "layouts"
    return all(any(layouts.glob(f"{one.sha256.hex}.*")) for one in record.files)


def _changed_media(root: Path, folder: str, record: DatasetRecord, objects: Path) -> int:
    """How many media of a version are others now; most versions have none, and load nothing."""
    if record.media is None:
        return 0
    from dslineage.versions.media import changed_media

    return changed_media(root, folder, record, objects)


def _unreadable(broken: BrokenPointer) -> DatasetStatus:
    """What the status of a data set is whose pointer cannot be read."""
    return DatasetStatus(
        name=", ".join(sorted(broken.datasets)) or broken.path,
        version="",
        pointer=broken.path,
        files=(),
        state="conflicted" if broken.error.kind == "conflicted-pointer" else "damaged",
        draft=False,
        examples=0,
        hint=broken.error.hint,
    )
