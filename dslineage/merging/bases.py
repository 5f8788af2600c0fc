"""What two versions are merged by: the newest version that both came from.

Where branches were merged into one another there may be several such versions. Then they are
merged themselves, in memory, as git does with the files of commits; what they changed in two ways
stands in there as it was before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dslineage.merging.threeway import three_way
from dslineage.store.layout import Gaps, Layout
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.store.store import Store
    from dslineage.versions.stored import StoredSnapshot

Line = Mapping[str, "DatasetRecord"]
"""A version and all before it, by id."""


def common_versions(ours: Line, theirs: Line) -> tuple[DatasetRecord, ...]:
    """The versions that both came from, without those before one of them; the newest first."""
    common = ours.keys() & theirs.keys()
    older = {parent for id_ in common for parent in ours[id_].parents}
    found = (ours[id_] for id_ in common - older)
    return tuple(sorted(found, key=lambda record: (record.number, record.id), reverse=True))


def line_to(line: Line, version: DatasetRecord) -> Line:
    """The part of a line that ends with one of its versions."""
    found: dict[str, DatasetRecord] = {}
    todo = [version.id]
    while todo:
        id_ = todo.pop()
        if id_ in line and id_ not in found:
            found[id_] = line[id_]
            todo += line[id_].parents
    return found


def open_base(store: Store, bases: Sequence[DatasetRecord], line: Line) -> StoredSnapshot:
    """What several versions come to, or the one that there is.

    Args:
        store: their objects.
        bases: versions of which none came from another.
        line: all of them and all before them.

    Raises:
        IntegrityError: an object is missing or damaged.
    """
    known = dict(line_to(line, bases[0]))
    snapshot = open_version(store, bases[0])
    for other in bases[1:]:
        mine = line_to(line, other)
        before = common_versions(known, mine)
        if before:
            snapshot = _merged(open_base(store, before, line), snapshot, open_version(store, other))
        known |= mine
    return snapshot


def _merged(base: StoredSnapshot, ours: StoredSnapshot, theirs: StoredSnapshot) -> StoredSnapshot:
    way = three_way((base, ours, theirs), ({}, {}))
    decided = [[int(way.base.rows[contest.base])] for contest in way.contests]
    arranged = way.arranged(decided)
    layouts = []
    for number in range(len(ours.layouts)):
        rows = arranged.items[arranged.files == number].astype(np.int64)
        packs, runs = ours.store.runs(rows)
        layouts.append(Layout(len(rows), packs, runs, "text", Gaps((), ())))
    return replace(ours, layouts=tuple(layouts), recorded=None)
