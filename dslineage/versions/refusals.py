"""What is refused when a version is recorded, with what helps."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dslineage.errors import BadDataError, IntegrityError, LockedError, UsageError
from dslineage.versions.worktree import is_text

if TYPE_CHECKING:
    from dslineage.ids import Digest
    from dslineage.records import DatasetRecord, StepRecord
    from dslineage.versions.catalog import Catalog
    from dslineage.versions.ingest import Ingested
    from dslineage.versions.options import ReadOptions
    from dslineage.versions.worktree import DataFiles


def refuse_unkept(files: DataFiles, options: ReadOptions, message: str) -> None:
    """Refuse a message that no record can say, and files whose bytes cannot be kept as asked.

    Raises:
        UsageError: it is such a message, or such files.
    """
    if not is_text(message):
        raise UsageError("the message is not UTF-8, and no record can say it", kind="bad-message")
    if files.base and options.store != "index":
        raise UsageError(
            f"{files.base}/{files.names[0]} is on a remote: its bytes are not kept, only an index",
            kind="remote-not-kept",
            hint=f"dslineage add {shlex.quote(f'{files.base}/{files.names[0]}')} --index-only",
        )


def refuse_other_content(files: DataFiles, options: ReadOptions, found: Digest) -> None:
    """Refuse files that do not hold what was to be written to them.

    Raises:
        IntegrityError: they do not.
    """
    if options.content_hash not in {None, found}:
        raise IntegrityError(
            f"{', '.join(files.names)} does not hold the examples that were to be written: "
            f"its content hash is {found}, not {options.content_hash}",
            kind="other-content",
            hint="a value that the file's format cannot hold, or a fault of dslineage: report it",
        )


def refuse_moved(catalog: Catalog, files: DataFiles, ingested: Ingested) -> None:
    """Refuse a new data set that is an old one whose files were moved and whose pointer was not.

    Raises:
        UsageError: it is, and how its history goes on.
    """
    hashes = [entry.sha256 for entry in ingested.entries]
    for file in catalog.pointers():
        gone = not file.base and not any(
            (catalog.git.root / path).exists() for path in file.data_paths()
        )
        if gone and [entry.sha256 for entry in file.pointer.files] == hashes:
            move = f"git mv {shlex.quote(file.path)} {shlex.quote(files.pointer)}"
            raise UsageError(
                f"{', '.join(files.names)} has the bytes of "
                f"{file.pointer.dataset}@{file.pointer.version}, whose file {file.data_paths()[0]} "
                "is gone; nothing was recorded",
                kind="moved",
                hint=f"to go on with its history: {move}, then add it again; "
                "to begin a new one: --name NAME",
            )


def refuse_unreadable(files: DataFiles, ingested: Ingested, examples: int) -> None:
    """Refuse a state of the past all of whose records would be put aside.

    Raises:
        BadDataError: it is one.
    """
    if files.past and ingested.quarantined and not examples:
        raise BadDataError(
            f"none of its {len(ingested.quarantined) // 32:,} records can be read",
            kind="unreadable",
        )


def refuse_overtaken(
    current: DatasetRecord | None, step: StepRecord | None, onto: str | None
) -> None:
    """Refuse what a step made where another version than before is the current one now.

    Args:
        current: the current version.
        step: what made the files.
        onto: the version that was current before, empty for none; None: it is one of the inputs.

    Raises:
        LockedError: another one is.
    """
    if step is None:
        return
    expected = step.inputs if onto is None else (onto,)
    if (current.id if current else "") not in expected:
        raise LockedError(
            f"another version of {step.dataset} was recorded meanwhile; this one was not",
            kind="overtaken",
            hint="run the same command again",
        )
