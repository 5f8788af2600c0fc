"""`dslineage push`: send objects to a remote."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Everything, Json, Remote, Versions, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage push",
    "dslineage push --remote backup --all",
    "dslineage push --reread                 hash what the remote has, too",
)


def push(
    context: typer.Context,
    refs: Versions = None,
    remote: Remote = None,
    everything: Everything = False,
    reread: Annotated[
        bool,
        typer.Option("--reread", help="Read back and hash what the remote has, and mend it."),
    ] = False,
    json: Json = False,
) -> None:
    """Send the objects of versions to a remote, and look whether they are all there.

    Without a version, those of all versions in the work tree. What the remote has is not sent
    again, so after a failure the same command goes on.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import remotes

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().remotes.push(
            *refs or (), remote=remote, everything=everything, reread=reread, report=report
        )
    terminal.result(result, remotes.pushed, json=json)
