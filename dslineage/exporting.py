"""Writing a version, or a part of a diff, as a file for a trainer or a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dslineage import merkle
from dslineage.diff.compare import compare
from dslineage.diff.options import DiffOptions
from dslineage.diff.report import confirmed
from dslineage.diff.result import Change
from dslineage.diff.undone import Undone
from dslineage.errors import IntegrityError, UsageError
from dslineage.formats.write_table import Examples
from dslineage.formats.writers import FORMATS, write_examples
from dslineage.ids import Digest
from dslineage.room import needing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.diff.comparison import Comparison
    from dslineage.versions.snapshot import Snapshot

Side = Literal["from", "to"]

_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".ipc": "arrow",
    ".feather": "arrow",
}


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written.

    `content_hash` is that of the examples; reading the file gives the same, unless it is CSV or
    TSV and a notice says what that format could not hold.
    """

    path: Path
    format: str
    examples: int
    bytes: int
    content_hash: Digest
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.export/1`."""
        return {
            "schema": "dslineage.export/1",
            "path": str(self.path),
            "format": self.format,
            "examples": self.examples,
            "bytes": self.bytes,
            "content_hash": str(self.content_hash),
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class Output:
    """Where examples go, and in what form.

    `neutralise` puts a `'` before CSV cells that a spreadsheet would run; `force` lets a file be
    replaced; `without_forgotten` leaves out examples that were forgotten, which else are an error.
    """

    path: Path
    format: str
    neutralise: bool = False
    force: bool = False
    without_forgotten: bool = False

    @classmethod
    def to(
        cls,
        path: Path,
        format_: str | None = None,
        *,
        neutralise: bool = False,
        force: bool = False,
        without_forgotten: bool = False,
    ) -> Output:
        """A file, in the format that is named or that the file's own name says.

        Raises:
            UsageError: there is no such format, or neither says one; or the file is there.
        """
        chosen = format_of(path) if format_ is None else format_
        if chosen not in FORMATS:
            raise UsageError(f"unknown format {chosen!r}", hint=f"one of {', '.join(FORMATS)}")
        if neutralise and chosen not in ("csv", "tsv"):
            raise UsageError(f"no spreadsheet runs cells of {chosen}: only CSV and TSV need that")
        if path.exists() and not force:
            raise UsageError(
                f"{path} exists already, and was left as it is",
                kind="file-exists",
                hint="choose another name, or replace it with --force",
            )
        return cls(path, chosen, neutralise, force, without_forgotten)


def format_of(path: Path) -> str:
    """The format that a file's name stands for.

    Raises:
        UsageError: it stands for none that can be written.
    """
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise UsageError(
            f"the name {path.name} does not say a format that can be written",
            kind="unknown-format",
            hint=f"name it like {path.name.split('.')[0]}.jsonl, or --format {'|'.join(FORMATS)}",
        )
    return found


def export_version(snapshot: Snapshot, output: Output) -> ExportResult:
    """Write every example of a state of a data set, in file order.

    Raises:
        BadDataError: the format cannot hold an example.
        IntegrityError: an example was forgotten, and is not to be left out.
        ResourceError: no space or no permission; nothing was written.
    """
    return _write_rows(snapshot, snapshot.rows(), output, _set_aside(snapshot))


def export_part(
    before: Snapshot,
    after: Snapshot,
    output: Output,
    *,
    only: Change | None = None,
    side: Side = "to",
    without: Sequence[str] = (),
    options: DiffOptions | None = None,
) -> ExportResult:
    """Write what `export_change` does, or `export_without`.

    Raises:
        UsageError: both are asked for, or neither.
    """
    if bool(only) == bool(without):
        raise UsageError("`only` and `without` do not fit together: name one of them")
    if only:
        return export_change(before, after, only, output, side=side, options=options)
    return export_without(before, after, without, output, options=options)


def export_change(
    before: Snapshot,
    after: Snapshot,
    change: Change,
    output: Output,
    *,
    side: Side = "to",
    options: DiffOptions | None = None,
) -> ExportResult:
    """Write only the examples that were added, removed or edited, in file order.

    Args:
        before: the older state.
        after: the newer state.
        change: which examples.
        output: where they go.
        side: of edited examples, the older (`from`) or the newer form.
        options: how the two are compared.

    Raises:
        UsageError: there is no such change or side.
    """
    if change not in ("added", "removed", "edited") or side not in ("from", "to"):
        raise UsageError(
            f"no examples are {change!r} on the side {side!r}",
            hint="added, removed or edited; from or to",
        )
    found = _compared(before, after, options)
    if change == "added":
        chosen, rows = after, found.rows_after[found.added]
    elif change == "removed":
        chosen, rows = before, found.rows_before[found.removed]
    elif side == "from":
        chosen, rows = before, found.rows_before[found.edited.before]
    else:
        chosen, rows = after, found.rows_after[np.sort(found.edited.after)]
    return _write_rows(chosen, rows, output, found.notices)


def export_without(
    before: Snapshot,
    after: Snapshot,
    without: Sequence[str],
    output: Output,
    *,
    options: DiffOptions | None = None,
) -> ExportResult:
    """Write the newer state with some kinds of change undone; see `Undone.of`.

    Args:
        before: the older state.
        after: the newer state.
        without: kinds of edit, `edited` for all of them, `added`, `removed`.
        output: where they go.
        options: how the two are compared.

    Raises:
        UsageError: there is no such kind, or the two have schemas of different families.
    """
    found = _compared(before, after, options)
    undone = Undone.of(found, without)
    others = ", ".join(f"{kind} {count}" for kind, count in undone.also.items())
    notices = (
        *(
            (f"an edit is undone as a whole, so these were undone as well: {others}",)
            * bool(others)
        ),
        *found.notices,
        *_set_aside(after),
    )
    size = after.text_bytes(undone.rows) + before.text_bytes(undone.back)
    return _write(undone.examples, size, undone.content_hash(), output, notices)


def _compared(before: Snapshot, after: Snapshot, options: DiffOptions | None) -> Comparison:
    options = options or DiffOptions()
    return confirmed(compare(before, after, key=options.key, ignore=frozenset(options.ignore)))


def _set_aside(snapshot: Snapshot) -> tuple[str, ...]:
    if not snapshot.quarantined:
        return ()
    return (f"{snapshot.quarantined} quarantined spans are no examples, and are not in the file",)


def _write_rows(
    snapshot: Snapshot, rows: NDArray[np.int64], output: Output, notices: tuple[str, ...]
) -> ExportResult:
    known = ~snapshot.forgotten(rows)
    if gone := len(rows) - int(known.sum()):
        what = "1 example was" if gone == 1 else f"{gone:,} examples were"
        if not output.without_forgotten:
            raise IntegrityError(
                f"{what} forgotten, of those of {snapshot.dataset} {snapshot.label} that were to "
                "be written; nothing was",
                kind="forgotten",
                hint="the same with --without-forgotten writes the others",
            )
        rows, notices = rows[known], (*notices, f"{what} forgotten, and not written")
    content_hash = merkle.content_hash(snapshot.digests(rows))
    size = snapshot.text_bytes(rows)
    return _write(lambda: snapshot.read(rows), size, content_hash, output, notices)


def _write(
    examples: Examples, size: int, content_hash: Digest, output: Output, notices: tuple[str, ...]
) -> ExportResult:
    """Write examples whose texts have so many bytes."""
    with needing(output.path.parent, size, "about "):
        written = write_examples(output.path, examples, output.format, neutralise=output.neutralise)
    return ExportResult(
        output.path,
        output.format,
        written.rows,
        written.bytes,
        content_hash,
        (*written.notices, *notices),
    )
