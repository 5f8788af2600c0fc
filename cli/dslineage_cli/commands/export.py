"""`dslineage export`: write a version, or a part of a diff, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from dslineage_cli.options import Ignore, Json, Key, OneChange, Quarantine, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage export v4 -o train.parquet",
    "dslineage export train v4 -o train.csv            by the data set's name",
    "dslineage export v3 v4 --only added -o new.jsonl  what came with v4",
    "dslineage export v3 v4 --without response -o ablation.jsonl",
    "                                                  v4 with the responses of v3",
    "dslineage export old.csv -o old.parquet           a file; needs no repository",
)


def export(
    context: typer.Context,
    refs: Annotated[
        list[str],
        typer.Argument(
            metavar="REF",
            help="What to write: a version, a revision, a path. With --only or --without: two "
            "of them, the older first; the newer defaults to the working file.",
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")
    ],
    format_: Annotated[
        str | None,
        typer.Option("--format", help="jsonl, json, csv, tsv, parquet, arrow; default: by FILE."),
    ] = None,
    only: Annotated[
        OneChange | None,
        typer.Option(
            metavar="CHANGE", help="Only the examples that were added, removed or edited."
        ),
    ] = None,
    side: Annotated[
        Literal["from", "to"], typer.Option(help="Of edited examples, the older or newer form.")
    ] = "to",
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND", help="The newer with this kind of change undone. May be repeated."
        ),
    ] = None,
    key: Key = None,
    ignore: Ignore = None,
    quarantine: Quarantine = False,
    neutralise: Annotated[
        bool, typer.Option("--neutralise", help="Put a ' before cells that a sheet would compute.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    without_forgotten: Annotated[
        bool, typer.Option("--without-forgotten", help="Leave out examples that were forgotten.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a version, or a part of a diff, as JSONL, Parquet or CSV.

    Kinds that can be undone are those of `dslineage diff`, and added, removed and edited.
    """
    from dslineage.diff.options import DiffOptions
    from dslineage.versions.options import ReadOptions
    from dslineage_cli.opening import write
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    result = write(
        refs,
        output=output,
        format=format_,
        only=only.value if only else None,
        side=side,
        without=without or (),
        neutralise=neutralise,
        force=force,
        without_forgotten=without_forgotten,
        options=DiffOptions(key=key, ignore=tuple(ignore or ())),
        read=ReadOptions(quarantine=quarantine),
    )
    terminal.result(result, reports.exported, json=json)
