"""`dslineage trust`: say that a file's code may run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage trust metrics.py             it may run until it is edited",
    "dslineage trust dslineage.toml         its judges may run",
    "dslineage trust metrics.py --revoke",
)


def trust(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A metric file, or dslineage.toml.")],
    revoke: Annotated[bool, typer.Option("--revoke", help="Take trust back.")] = False,
    json: Json = False,
) -> None:
    """Let the code of a metric file of this repository run.

    For judges, trust dslineage.toml, which says their commands, and the files that these name.

    Trust is kept outside of the repository, for this path and just this content: an edit asks
    again. Read the file first.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import metrics

    repo = repository()
    result = repo.disallow(file) if revoke else repo.allow(file)
    context.ensure_object(Terminal).result(result, metrics.trusted, json=json)
