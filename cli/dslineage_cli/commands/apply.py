"""`dslineage apply`: bring the edits of a sheet home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, NoMetrics, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage apply look.xlsx -m 'answers that the review mended'",
    "dslineage apply look.xlsx --editor 'Grace Hopper'",
    "dslineage apply look.csv --partial               what can be applied, and a list of the rest",
    "dslineage apply look.csv --accept quotes         curly quotes were meant",
)


def apply(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A sheet of `dslineage sample`, edited.")
    ],
    *,
    message: Annotated[
        str, typer.Option("--message", "-m", help="What changed, and why.", show_default=False)
    ] = "",
    editor: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Who edited the rows that name no reviewer; default: git's author.",
            show_default=False,
        ),
    ] = "",
    partial: Annotated[
        bool, typer.Option("--partial", help="Apply what can be applied, and list the rest.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HABIT",
            help="Take this for an edit: boolean, cut, date, encoding, formula, line-ends, moved, "
            "number, quotes, spaces. May be repeated.",
        ),
    ] = None,
    no_metrics: NoMetrics = False,
    json: Json = False,
) -> None:
    """Bring the edits of a sheet home, as a new version.

    Changed texts and rows with the verdict `drop` are applied; all else stays, byte for byte.
    Rows whose example is no longer in the current version are conflicts, and what a spreadsheet
    program did by itself (dates, lost zeros, curly quotes, cut texts) is refused: then nothing is
    changed, unless with --partial.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reviews

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().apply(
            path,
            editor=editor,
            message=message,
            partial=partial,
            accept=accept or (),
            measure=not no_metrics,
            report=report,
        )
    terminal.result(result, reviews.applied, json=json)
