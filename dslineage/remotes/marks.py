"""Marks: which files of a remote are to be deleted, since when.

A file that is marked may be deleted at any moment, by somebody who looked before it was needed
again. So whoever needs it does not rely on it, and sends a copy under another name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from dslineage.members import matching, member
from dslineage.remotes.claims import Need, needs_from_dict, needs_to_dict
from dslineage.remotes.notes import contents, damaged, write
from dslineage.remotes.remote import Remote

if TYPE_CHECKING:
    from dslineage.store.store import Store

FOLDER = "marks"
_SCHEMA = re.compile(r"dslineage\.marks/1")


@dataclass(frozen=True)
class Marks:
    """Files that were marked at once: their paths; and when, by the clock of who marked them.

    `versions` are those that nobody needed any more then, by id, should one of them come back.
    Times are seconds since 1970; `written` is of the remote's clock, and None where it has none.
    """

    paths: frozenset[str]
    versions: Mapping[str, Need]
    at: float
    written: float | None = None

    def age(self, now: float, there: float | None) -> float:
        """How long ago they were marked, by the clock that says less.

        Args:
            now: the time here.
            there: the time there, where it is known.
        """
        here = now - self.at
        return here if there is None or self.written is None else min(here, there - self.written)


def marks(remote: Remote) -> dict[str, Marks]:
    """The marks on a remote, by the path of the note.

    Raises:
        RemoteError: one is damaged, or the remote refuses or goes away.
    """
    found = {}
    for note, data in contents(remote, FOLDER).items():
        try:
            document = orjson.loads(data)
            matching(document, "schema", _SCHEMA)
            paths = frozenset(str(path) for path in member(document, "paths", list))
            versions = needs_from_dict(document)
            found[note.path] = Marks(paths, versions, float(document["at"]), note.time)
        except (orjson.JSONDecodeError, LookupError, TypeError, ValueError) as error:
            raise damaged(remote, note.path) from error
    return found


def marked(remote: Remote) -> frozenset[str]:
    """All files that are marked; see `marks`."""
    return frozenset().union(*(one.paths for one in marks(remote).values()))


def put_marks(store: Store, remote: Remote, clone: str, marks: Marks) -> None:
    """Mark files."""
    document = {
        "schema": "dslineage.marks/1",
        "at": marks.at,
        "paths": sorted(marks.paths),
        **needs_to_dict(marks.versions),
    }
    write(store, remote, FOLDER, clone, orjson.dumps(document) + b"\n")
