"""`dslineage demo`: the main job, on a small data set that the package carries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage demo", "dslineage demo /tmp/tour && cd /tmp/tour && dslineage log")


def demo(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for it.")] = Path(
        "dslineage-demo"
    ),
) -> int:
    """Make a small repository with four versions, and show the main job.

    Every command that it runs is printed with its result, so the folder can be explored
    afterwards.
    """
    from dslineage_cli.demo import tour

    return tour.run(directory, context.ensure_object(Terminal))
