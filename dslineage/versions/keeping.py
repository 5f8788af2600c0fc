"""Records written and staged together, whatever is killed in between.

Which they are is noted first, in git's own folder. The next writer stages those that are there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from dslineage.errors import IntegrityError
from dslineage.store.files import sweep, write_file
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from pathlib import Path

    from dslineage.versions.git import Git

_NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
RECORD = re.compile(rf"\.dslineage/records/[a-z]+/{_NAME}/{_NAME}\.json")
"""The path of a record."""


def keep(git: Git, records: Mapping[str, bytes]) -> None:
    """Write records by path, and stage them; for a caller that holds the lock.

    Raises:
        ResourceError: no space or no permission.
    """
    for path in records:
        refuse_links(git.root, path)
        sweep(git.root / path)
    write_file(_note(git), orjson.dumps(list(records)))
    for path, data in records.items():
        write_file(git.root / path, data)
    git.stage(list(records))
    _note(git).unlink()


def is_cut_short(git: Git) -> bool:
    """Whether somebody was killed while they kept records, or does it just now."""
    return _note(git).exists()


def stage_rest(git: Git) -> None:
    """Stage the records that a killed writer kept; for a caller that holds the lock.

    Raises:
        IntegrityError: the note of them is damaged.
    """
    note = _note(git)
    sweep(note)
    if not note.exists():
        return
    try:
        paths = [path for path in orjson.loads(note.read_bytes()) if RECORD.fullmatch(path)]
    except (orjson.JSONDecodeError, TypeError) as error:
        raise IntegrityError(
            f"{note} is damaged: records that an interrupted command kept cannot be staged",
            kind="damaged-note",
            hint=f"git add .dslineage; rm {note}",
        ) from error
    for path in paths:
        sweep(git.root / path)
    if there := [path for path in paths if (git.root / path).exists()]:
        git.stage(there)
    note.unlink()


def _note(git: Git) -> Path:
    return git.own_dir / "dslineage" / "keeping.json"
