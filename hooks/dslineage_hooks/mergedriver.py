"""The merge of two pointers, as git asks for it: settled where no new version is needed.

A merge of examples makes a version, which is a record beside the pointer, and git lets a merge
driver write one file: a pointer whose record is not in the same commit would be broken. So what is
more than one side's version stays a conflict, with git's own marks, and `dslineage merge` ends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from dslineage.errors import DslineageError
from dslineage.records import Pointer
from dslineage.versions.recordsearch import found_record, line_of

if TYPE_CHECKING:
    from dslineage.versions.git import Git

Taken = Literal["ours", "theirs"]


class Outcome(NamedTuple):
    """Which side's pointer is the merge, None for a conflict; and what there is to say."""

    taken: Taken | None
    said: str


def merged(git: Git, base: bytes, ours: bytes, theirs: bytes, path: str) -> Outcome:
    """Which pointer is the merge of two, where one of them is.

    It is one that came from the other and from the base, and either where both are of the same
    files. A cherry-pick or a revert has a base that one side did not come from: what it brings is
    the change from there, and not the other side as it is.
    """
    try:
        sides = [Pointer.from_bytes(data, path) for data in (ours, theirs)]
        origin = Pointer.from_bytes(base, path) if base else None
        taken = _taken(git, origin, *sides)
    except DslineageError as error:
        return Outcome(None, f"{error.message}; next: dslineage merge")
    if taken is not None:
        return Outcome(taken, "")
    return Outcome(None, f"{sides[0].dataset} was changed on both sides; next: dslineage merge")


def _taken(git: Git, base: Pointer | None, mine: Pointer, yours: Pointer) -> Taken | None:
    if mine.dataset != yours.dataset:
        return None
    records = [found_record(git, one.id, one.dataset) for one in (mine, yours)]
    if records[0] is None or records[1] is None:
        return None
    ours, theirs = records[0][0], records[1][0]
    alike = ours.files == theirs.files and ours.training_hash == theirs.training_hash
    if alike and ours.key == theirs.key:
        return "ours"
    lines = [{record.id for record, _ in line_of(git, one)} for one in (ours, theirs)]
    if base is None or not all(base.id in line for line in lines):
        return None
    if theirs.id in lines[0]:
        return "ours"
    return "theirs" if ours.id in lines[1] else None


def marked(ours: bytes, theirs: bytes, size: int) -> bytes:
    """Both pointers whole, between the marks that git uses."""
    parts = (
        b"<" * size + b" ours\n",
        ours,
        b"=" * size + b"\n",
        theirs,
        b">" * size + b" theirs\n",
    )
    return b"".join(part if part.endswith(b"\n") else part + b"\n" for part in parts)
