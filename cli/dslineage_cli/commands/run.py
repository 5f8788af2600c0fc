"""`dslineage run`: training runs that were captured elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage run import outputs/tiny")
EPILOGS = {
    "import": examples(
        "dslineage run import outputs/tiny               a folder with a dslineage-run.json",
        "dslineage run import from-cluster/dslineage-run.json --name tiny",
    ),
}


def import_(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="A folder with a dslineage-run.json, or that file."),
    ],
    *,
    name: Annotated[
        str | None, typer.Option(help="Name the run; default: the name of the folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Record the runs that a trainer's output folder tells of, with their checkpoints.

    Their data is linked to the versions that have the same rows, by content hash. Checkpoints that
    are in the folder are hashed again, and must be what was saved; those that are not are recorded
    as captured. Importing a folder again adds only what is new in it.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import trainings

    terminal = context.ensure_object(Terminal)
    result = repository().provenance.import_runs(path, name=name)
    terminal.result(result, trainings.imported, json=json)
