"""`dslineage log`: the versions, newest first."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage log", "dslineage log train        one data set")


def log(
    context: typer.Context,
    dataset: Annotated[
        str | None, typer.Argument(metavar="[DATASET]", help="Only this data set.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the versions of the data sets, newest first."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import versions

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().log(dataset), versions.log, json=json)
