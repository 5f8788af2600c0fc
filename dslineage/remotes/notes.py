"""Small files on a remote that say something: who needs which objects, and what is to be deleted.

Like that of a copy, the name of a note has size and hash of its bytes, so one that is being
written, or was cut off, is known by a listing and says nothing. A note never changes: what is to be
said anew is another note, with a name that none ever had.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dslineage.errors import RemoteError
from dslineage.ids import Digest
from dslineage.remotes.remote import Listed, Remote, taken
from dslineage.store.files import write_file

if TYPE_CHECKING:
    from dslineage.store.store import Store

_NAME = re.compile(r"([0-9a-f]{16})-([0-9a-f]{16})-([0-9]{1,8})-([0-9a-f]{64})")

_TIMES = 10


class Note(NamedTuple):
    """A note that is there whole: its path, the clone that wrote it, and when, if that is known.

    `time` is of the remote's clock, in seconds since 1970.
    """

    path: str
    clone: str
    size: int
    digest: Digest
    time: float | None


def listed(remote: Remote, folder: str) -> Iterator[tuple[Listed, Note | None]]:
    """The files of a folder, each with the note that it is, if it is one and whole."""
    for file in sorted(remote.listing(folder)):
        found = _NAME.fullmatch(file.name)
        if found is None or int(found[3]) != file.size:
            yield file, None
            continue
        digest = Digest(bytes.fromhex(found[4]))
        yield file, Note(f"{folder}/{file.name}", found[1], file.size, digest, file.time)


def notes(remote: Remote, folder: str) -> dict[str, Note]:
    """The notes in a folder, by path."""
    return {note.path: note for _, note in listed(remote, folder) if note is not None}


def contents(remote: Remote, folder: str, clone: str | None = None) -> dict[Note, bytes]:
    """The notes in a folder with their bytes, as they were at one moment.

    A listing shows no moment where somebody puts one note in the place of another meanwhile: it can
    miss both. So it has to be the same twice.

    Args:
        remote: where they are.
        folder: `claims` or `marks`.
        clone: only what this one wrote.

    Raises:
        RemoteError: one is damaged, or the remote refuses or goes away.
    """
    for _ in range(_TIMES):
        found = notes(remote, folder)
        try:
            data = {
                note: _read(remote, note) for note in found.values() if clone in {None, note.clone}
            }
        except RemoteError as error:
            if error.kind != "missing-on-remote":
                raise
            continue
        if notes(remote, folder).keys() == found.keys():
            return data
    raise RemoteError(
        f"others are at work on {remote.url}: what is needed there changes all the time",
        kind="remote-busy",
    )


def _read(remote: Remote, note: Note) -> bytes:
    data = taken(remote, note.path, note.size)
    if Digest.of(data) != note.digest:
        raise damaged(remote, note.path)
    return data


def write(store: Store, remote: Remote, folder: str, clone: str, data: bytes) -> str:
    """Write a note under a name of its own; its path."""
    path = f"{folder}/{clone}-{secrets.token_hex(8)}-{len(data)}-{Digest.of(data).hex}"
    draft = store.temporary_folder / f"{secrets.token_hex(8)}.note"
    write_file(draft, data)
    try:
        remote.put(draft, path, lambda _: None)
    finally:
        draft.unlink()
    return path


def damaged(remote: Remote, path: str) -> RemoteError:
    """What is raised where a note cannot be read: nobody knows what it said."""
    return RemoteError(
        f"{path} on {remote.url} is damaged: nobody knows what is needed there, or to be deleted",
        kind="damaged-on-remote",
        hint="delete it by hand; then, in each clone: dslineage push",
    )
