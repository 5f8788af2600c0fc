"""What a training must not be given: what the repository denies that it runs in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dslineage.errors import BadDataError, DslineageError, Fault, IntegrityError
from dslineage.ids import Digest
from dslineage.records import Gap
from dslineage.records.denylists import denial, others
from dslineage.records.forgotten import FORGOTTEN, DenyList, Forgotten
from dslineage.training.surroundings import ask, commit_of, git_folder

if TYPE_CHECKING:
    from dslineage.training.guard import Guard
    from dslineage.training.received import Received

OnForgotten = Literal["refuse", "note"]
"""What becomes of a training that is given forgotten examples: it stops, or it has a gap."""
GAP = "forgotten"
LOOKING = "looking for forgotten examples"
_REFUSALS = {"forgotten", "git-failed", "missing-key", "other-key"}
_SHOWN = 10


def deny_list_for(
    folder: Path, guard: Guard, listed: Path | None = None, keys: Path | None = None
) -> DenyList | None:
    """What was forgotten, as a training in a folder can know it; None where nothing was.

    Args:
        folder: where it runs.
        guard: told which lists of branches could not be applied.
        listed: the deny list; by default that of the work tree that the folder is in, and what its
            repository denies besides (`records.denylists`).
        keys: the file with its key, or a folder of such; by default those that the repository has.

    Raises:
        IntegrityError: the list is damaged, its key is not here, or is another list's, or git
            cannot say what its branches have.
    """
    top = next((one for one in (folder, *folder.parents) if (one / FORGOTTEN).is_file()), None)
    path = listed or (top and top / FORGOTTEN)
    common = git_folder(folder)
    place = keys or (common and common / "dslineage" / "keys")
    own = None
    if path is not None:
        forgotten = Forgotten.from_bytes(path.read_bytes(), str(path))
        own = DenyList({key: _needed(key, place, path) for key in forgotten.hashes}, forgotten)
    if listed is not None or common is None:
        return own
    there = others(partial(ask, folder), common, top or folder, partial(commit_of, folder))
    deny, unread = denial(own, there, partial(_key, place))
    for why in unread:
        guard.meet(IntegrityError(why), LOOKING, GAP)
    return deny


def _needed(key: Digest, place: Path | None, path: Path) -> bytes:
    found = _key(place, key)
    if found is not None:
        return found
    if place is not None and place.is_file():
        message = f"{place} is not the key of {path}, or not of all of it"
        raise IntegrityError(message, kind="other-key", hint=f"the file {key.hex}")
    raise IntegrityError(
        f"the key of {path} is not here, and nobody can say which examples were forgotten",
        kind="missing-key",
        hint="dslineage fetch; or dslineage.watch(…, key=FILE) with a copy of "
        f".git/dslineage/keys/{key.hex}",
    )


def _key(place: Path | None, key: Digest) -> bytes | None:
    """A key, from a file or a folder of keys."""
    path = place / key.hex if place and place.is_dir() else place
    found = path.read_bytes() if path and path.is_file() else b""
    return found if Digest.of(found) == key else None


def refuse_forgotten(received: Received, what: str) -> None:
    """Refuse data that has forgotten examples in it.

    Raises:
        BadDataError: it has.
    """
    if not received.forgotten:
        return
    faults = tuple(
        Fault("forgotten", f"example {digest.hex[:12]}", what, row, 1, 0)
        for row, digest in received.forgotten
    )
    shown = "\n".join(f"  {fault}" for fault in faults[:_SHOWN])
    more = f"\n  … and {len(faults) - _SHOWN:,} more" if len(faults) > _SHOWN else ""
    raise BadDataError(
        f"{what} has {_counted(received)}; nothing was trained\n{shown}{more}",
        faults,
        kind="forgotten",
        hint="take them out; with dslineage.watch(…, forgotten='note') the run only says so",
    )


def forgotten_gap(received: Received, what: str) -> tuple[Gap, ...]:
    """What a run says that was trained on forgotten examples all the same."""
    if not received.forgotten:
        return ()
    return (Gap(GAP, f"{what} has {_counted(received)}, and was used all the same"),)


def is_refusal(error: BaseException) -> bool:
    """Whether an error is meant to stop a training."""
    return isinstance(error, DslineageError) and error.kind in _REFUSALS


def _counted(received: Received) -> str:
    count = len(received.forgotten)
    return "an example that was forgotten" if count == 1 else f"{count:,} forgotten examples"
