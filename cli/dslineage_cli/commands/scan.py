"""`dslineage scan`: look at a folder before anything is set up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage scan data/", "dslineage scan . --json")


def scan(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to look at.")
    ] = Path(),
    json: Json = False,
) -> None:
    """Look at a folder of data files before anything is set up.

    Says what is in each file: schema, bad lines, exact repeats, which files look like versions of
    one another, and which evaluation files leak into training files. Writes nothing, and one bad
    file does not stop the others.
    """
    from dslineage.scanning.scan import scan as look
    from dslineage_cli.render import scans

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = look(directory, report=report)
    terminal.result(result, scans.scanned, json=json)
