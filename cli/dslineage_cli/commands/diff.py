"""`dslineage diff`: which examples changed, and in what way."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.exits import DIFFERENCES, FINE
from dslineage_cli.options import Format, Json, OneChange, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage diff                           the current version with the working file",
    "dslineage diff v3 v4                     two versions",
    "dslineage diff train v3 v4               the same, by the data set's name",
    "dslineage diff old.jsonl new.parquet     two files; needs no repository",
    "dslineage diff v3 v4 --rows --kind response --format csv > edits.csv",
)

_SAMPLES = 2
"""How many examples of each kind are drawn where nobody says."""


def diff(
    context: typer.Context,
    refs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[[DATASET] A] [B]",
            help="Versions, git revisions or paths; B defaults to the working file.",
        ),
    ] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="Every changed example, no samples.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(help="At most so many rows; without --rows, samples of each kind.", min=0),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only edits of this kind. May be repeated.")
    ] = None,
    only: Annotated[
        list[OneChange] | None, typer.Option(help="Only these examples. May be repeated.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="FIELD", help="The field that names an example.")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Compare without this field. May be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Which samples are drawn.")] = 0,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where the two differ.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
    json: Json = False,
) -> int:
    """Show which examples changed, and what kind of edit it was.

    Without references, the current version is compared with the working file. The summary counts
    every change; --kind, --only and --limit choose what is shown below it.
    """
    from dslineage.diff.options import CHANGES, DiffOptions
    from dslineage_cli.opening import compare
    from dslineage_cli.render import diffs

    options = DiffOptions(
        key=key,
        ignore=tuple(ignore or ()),
        rows=rows or format_ is Format.CSV,
        kinds=tuple(kind or ()),
        only=tuple(change.value for change in only) if only else CHANGES,
        limit=limit,
        samples=_SAMPLES if limit is None else limit,
        seed=seed,
    )
    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = compare(refs or (), options, report)
    terminal.show(diffs.written(result, Format.JSON if json else format_, terminal.page()))
    return DIFFERENCES if exit_code and not result.identical else FINE
