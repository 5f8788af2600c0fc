"""What a training must not be given: the deny list of the work tree that it runs in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dslineage.errors import BadDataError, DslineageError, Fault, IntegrityError
from dslineage.ids import Digest
from dslineage.records import Gap
from dslineage.records.forgotten import FORGOTTEN, DenyList, Forgotten
from dslineage.training.surroundings import git_folder

if TYPE_CHECKING:
    from dslineage.training.received import Received

OnForgotten = Literal["refuse", "note"]
"""What becomes of a training that is given forgotten examples: it stops, or it has a gap."""
GAP = "forgotten"
_REFUSALS = {"forgotten", "missing-key", "other-key"}
_SHOWN = 10


def deny_list_for(
    folder: Path, listed: Path | None = None, key: Path | None = None
) -> DenyList | None:
    """What was forgotten, as a training in a folder can know it; None where nothing was.

    Args:
        folder: where it runs.
        listed: the deny list; by default that of the work tree that the folder is in.
        key: the file with its key; by default the one that the repository has.

    Raises:
        IntegrityError: the list is damaged, or its key is not here, or is another list's.
    """
    beside = (one / FORGOTTEN for one in (folder, *folder.parents))
    path = listed or next((one for one in beside if one.is_file()), None)
    if path is None:
        return None
    forgotten = Forgotten.from_bytes(path.read_bytes(), str(path))
    common = None if key else git_folder(folder)
    place = key or (common and common / "dslineage" / "keys" / forgotten.key.hex)
    if place is None or not place.is_file():
        raise IntegrityError(
            f"the key of {path} is not here, and nobody can say which examples were forgotten",
            kind="missing-key",
            hint="dslineage fetch; or dslineage.watch(…, key=FILE) with a copy of "
            f".git/dslineage/keys/{forgotten.key.hex}",
        )
    secret = place.read_bytes()
    if Digest.of(secret) != forgotten.key:
        message = f"{place} is not the key of {path}"
        raise IntegrityError(message, kind="other-key", hint=f"the file {forgotten.key.hex}")
    return DenyList(secret, forgotten)


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
