"""`dslineage log`: the versions, newest first."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage log",
    "dslineage log train        one data set",
    "dslineage log --metric refusal    how it went from version to version",
)


def log(
    context: typer.Context,
    dataset: Annotated[
        str | None, typer.Argument(metavar="[DATASET]", help="Only this data set.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="Draw this metric over the versions.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the versions of the data sets, newest first."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import versions

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().log(dataset, metric), versions.log, json=json)
