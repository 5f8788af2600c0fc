"""What is noted of a version when it is recorded: its change, and files that it shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dslineage.versions.catalog import joined

if TYPE_CHECKING:
    from dslineage.versions.catalog import Catalog
    from dslineage.versions.ledger import Parents
    from dslineage.versions.stored import StoredSnapshot
    from dslineage.versions.worktree import DataFiles


def shared_files(catalog: Catalog, files: DataFiles) -> Iterator[str]:
    """A sentence for each other data set that has a file of this one."""
    own = {joined(files.folder, name) for name in files.names}
    for file in catalog.pointers():
        both = sorted(own.intersection(file.data_paths()))
        if both and file.pointer.dataset != files.name:
            more = f" and {len(both) - 1} more" if len(both) > 1 else ""
            yield f"{both[0]}{more} belongs to the data set {file.pointer.dataset} too"


def change(
    before: StoredSnapshot, after: StoredSnapshot, *, parents: Parents | None = None
) -> Mapping[str, Any]:
    """The counts of a change, as a record keeps them for a code review."""
    from dslineage.diff.engine import diff_snapshots
    from dslineage.diff.options import DiffOptions

    result = diff_snapshots(before, after, DiffOptions(samples=0), parents=parents)
    document = result.to_dict()
    counts = {
        name: document["examples"][name] for name in ("unchanged", "edited", "removed", "added")
    }
    named = ("edits", "schema_changes", "media_changed")
    extra = {name: document[name] for name in named if document[name]}
    flags = {"reordered": True} if result.reordered else {}
    return counts | extra | flags
