"""`dslineage review`: verdicts of people, kept as claims."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, References, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage review import look.xlsx",
    "dslineage review show",
)
EPILOGS = {
    "import": examples(
        "dslineage review import look.xlsx",
        "dslineage review import which.csv --reviewer 'Grace Hopper'",
    ),
    "show": examples(
        "dslineage review show          every version that was reviewed",
        "dslineage review show v4 --json",
    ),
}


def import_(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A sheet of `dslineage sample`, with verdicts.")
    ],
    *,
    reviewer: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Who gave the verdicts of rows that name nobody; default: git's author.",
            show_default=False,
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Keep the verdicts of a sheet as claims about its version, staged in git.

    Which side of a blind row was the new one is told from the seed and the digests. Importing a
    sheet again adds only what is new in it.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reviews

    terminal = context.ensure_object(Terminal)
    result = repository().review_import(path, reviewer=reviewer)
    terminal.result(result, reviews.imported, json=json)


def show(context: typer.Context, refs: References = None, json: Json = False) -> None:
    """Show the verdicts, how far the reviewers agree, and which side won a blind review."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reviews

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().reviews(*refs or ()), reviews.reviewed, json=json)
