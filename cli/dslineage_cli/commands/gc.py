"""`dslineage gc`: delete what no version needs any more."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, Verbose, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage gc                          say what would be deleted",
    "dslineage gc -v                       name every object",
    "dslineage gc --delete                 delete it, and pack anew what is left",
    "dslineage gc --delete --grace 0       nothing else runs: delete new garbage, too",
)


def gc(
    context: typer.Context,
    delete: Annotated[
        bool, typer.Option("--delete", help="Do it. Without this, nothing is changed.")
    ] = False,
    grace: Annotated[
        float, typer.Option(metavar="DAYS", min=0, help="Keep what was written less long ago.")
    ] = 14,
    accept_lost: Annotated[
        bool,
        typer.Option(
            "--accept-lost",
            help="Go on although a version that a run, model, step or mixture names has no record.",
        ),
    ] = False,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Say which objects no version needs any more; delete them.

    A version is kept as long as its record or pointer is in a branch, tag, stash, reflog, index or
    work tree.
    """
    from functools import partial

    from dslineage_cli.opening import repository
    from dslineage_cli.render import space

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().gc(
            delete=delete, grace_days=grace, accept_lost=accept_lost, report=report
        )
    terminal.result(result, partial(space.collected, verbose=verbose), json=json)
