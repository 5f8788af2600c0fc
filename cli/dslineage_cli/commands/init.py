"""`dslineage init`: set a folder up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage init                 here",
    "dslineage init data-sets       in a folder, made where there is none",
)


def init(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of the repository.")
    ] = Path(),
    json: Json = False,
) -> None:
    """Set up a repository; where there is no git repository, make one."""
    from dslineage.repository import Repository
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    result = Repository.init(directory)
    terminal.result(result, reports.initialised, json=json)
