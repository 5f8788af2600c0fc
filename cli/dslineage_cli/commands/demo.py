"""`dslineage demo`: the main job, on a small data set that the package carries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.exits import FINE
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage demo", "dslineage demo /tmp/tour && cd /tmp/tour && dslineage log")


def demo(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for it.")] = Path(
        "dslineage-demo"
    ),
    json: Json = False,
) -> int:
    """Make a small repository with four versions, and show the main job.

    Every command that it runs is printed with its result, so the folder can be explored
    afterwards.
    """
    from dslineage_cli.demo import tour
    from dslineage_cli.render.document import dumped

    terminal = context.ensure_object(Terminal)
    if json:
        terminal.show(dumped(tour.document(directory)))
        return FINE
    return tour.run(directory, terminal)
