"""`dslineage gc`: delete what no version needs any more."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage.errors import UsageError
from dslineage_cli.options import Json, Verbose, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage gc                          say what would be deleted",
    "dslineage gc -v                       name every object",
    "dslineage gc --delete                 delete it, and pack anew what is left",
    "dslineage gc --delete --grace 0       nothing else runs: delete new garbage, too",
    "dslineage gc --remote storage         the same of a remote",
    "dslineage gc --remote storage --delete",
)


def gc(
    context: typer.Context,
    delete: Annotated[
        bool, typer.Option("--delete", help="Do it. Without this, nothing is changed.")
    ] = False,
    grace: Annotated[
        float,
        typer.Option(
            metavar="DAYS", min=0, help="Keep what was written, or marked there, less long ago."
        ),
    ] = 14,
    accept_lost: Annotated[
        bool,
        typer.Option(
            "--accept-lost",
            help="Go on although a version that a run, model, step or mixture names has no record.",
        ),
    ] = False,
    remote: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of this remote, not of what is here.")
    ] = None,
    release: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CLONE",
            help="Of a remote: end what this clone claims there. May be repeated.",
        ),
    ] = None,
    unclaimed: Annotated[
        bool,
        typer.Option(
            "--unclaimed",
            help="Of a remote that no other repository uses: what nobody ever claimed, too.",
        ),
    ] = False,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Say which objects no version needs any more; delete them.

    A version is kept as long as its record or pointer is in a branch, tag, stash, reflog, index or
    work tree. On a remote, objects are marked first, and deleted by a later run, after the grace
    time; there, what other clones claim and what git's remotes have is kept, too.
    """
    from functools import partial

    from dslineage_cli.opening import repository
    from dslineage_cli.render import space

    terminal = context.ensure_object(Terminal)
    if remote is None and (release or unclaimed):
        raise UsageError("--release and --unclaimed are about a remote", hint="--remote NAME")
    if remote is not None:
        with terminal.progress() as report:
            there = repository().remotes.gc(
                remote,
                delete=delete,
                grace_days=grace,
                release=release or (),
                unclaimed=unclaimed,
                accept_lost=accept_lost,
                report=report,
            )
        terminal.result(there, partial(space.collected_there, verbose=verbose), json=json)
        return
    with terminal.progress() as report:
        result = repository().gc(
            delete=delete, grace_days=grace, accept_lost=accept_lost, report=report
        )
    terminal.result(result, partial(space.collected, verbose=verbose), json=json)
