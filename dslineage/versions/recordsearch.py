"""Records of versions wherever this repository has them: in the work tree, or in a commit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.errors import IntegrityError, NotFoundError
from dslineage.records import DatasetRecord
from dslineage.versions.catalog import RECORDS, Catalog

if TYPE_CHECKING:
    from dslineage.versions.git import Git


def found_record(git: Git, id_: str, dataset: str) -> tuple[DatasetRecord, str] | None:
    """A version's record, and the commit that it was found in, empty for the work tree.

    While git merges, picks or reverts, the records of a side may be in its commits alone.
    """
    try:
        return Catalog(git).record(id_, dataset), ""
    except NotFoundError:
        pass
    digits = id_.rpartition(":")[2][:12]
    pattern = f"{RECORDS}/{dataset}/v*-{digits}.json"
    log = ["log", "--all", "-m", "-1", "--diff-filter=A", "--format=%H", "--name-only", "-z"]
    answer = git.ask([*log, *git.unfinished(), "--", pattern], globs=True)
    commit, _, name = answer.strip(b"\0\n").replace(b"\0", b"\n").partition(b"\n")
    data = git.read(commit.decode(), name.strip(b"\n").decode()) if name else None
    if data is None:
        return None
    record = DatasetRecord.from_bytes(data, name.decode())
    return (record, commit.decode()) if record.id == id_ else None


def line_of(git: Git, record: DatasetRecord) -> Iterator[tuple[DatasetRecord, str]]:
    """A version and all before it, as far as records are found; see `found_record`."""
    seen = {record.id}
    todo = [(record.id, record.dataset)]
    while todo:
        try:
            found = found_record(git, *todo.pop())
        except IntegrityError:
            continue
        if found is not None:
            yield found
            todo += [(id_, found[0].dataset) for id_ in found[0].parents if id_ not in seen]
            seen.update(found[0].parents)
