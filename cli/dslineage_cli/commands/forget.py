"""`dslineage forget`: delete the bytes of examples, and refuse them from then on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.exits import DIFFERENCES, FINE
from dslineage_cli.options import Json, Verbose, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage forget 3fa2c1d9                what goes, and where else it is",
    "dslineage forget 3fa2c1d9 --delete       delete it, here and on remotes",
    "dslineage forget --hashes request.txt --delete",
    "dslineage forget --recall recall.json --delete",
    "dslineage forget --delete                what others forgot, after git pull",
)


def forget(
    context: typer.Context,
    digests: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DIGEST",
            help="Examples, by their digests or first digits of them; see dslineage trace.",
        ),
    ] = None,
    *,
    hashes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file of digests, one a line.")
    ] = None,
    recall: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A report of dslineage recall --json.")
    ] = None,
    only: Annotated[
        bool,
        typer.Option("--only", help="These only, and none that shows a model the same."),
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Do it. Without this, nothing is changed.")
    ] = False,
    verbose: Verbose = False,
    json: Json = False,
) -> int:
    """Delete the bytes of examples wherever they are kept; say where else they are.

    Digests stay, so that audits hold. The examples are denied from then on: add, commit, check and
    the hooks refuse them, in whatever bytes they come back. Without DIGEST, what was denied before
    is deleted.

    Exits with 1 while a place that can be seen still has them.
    """
    from functools import partial

    from dslineage_cli.opening import repository
    from dslineage_cli.render import forgotten

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().forget(
            *digests or (), hashes=hashes, recall=recall, only=only, delete=delete, report=report
        )
    terminal.result(result, partial(forgotten.forgotten, verbose=verbose), json=json)
    return DIFFERENCES if result.remains else FINE
