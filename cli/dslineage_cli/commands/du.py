"""`dslineage du`: what each version takes on the disk."""

from __future__ import annotations

import typer

from dslineage_cli.options import Json, Verbose, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage du",
    "dslineage du -v                       name the objects behind each number",
    "dslineage du --json",
)


def du(context: typer.Context, verbose: Verbose = False, json: Json = False) -> None:
    """Say what each version takes on the disk, alone and shared.

    Versions of all branches, tags, stashes, reflogs and work trees are listed.
    """
    from functools import partial

    from dslineage_cli.opening import repository
    from dslineage_cli.render import space

    terminal = context.ensure_object(Terminal)
    with terminal.progress():
        result = repository().du()
    terminal.result(result, partial(space.weighed, verbose=verbose), json=json)
