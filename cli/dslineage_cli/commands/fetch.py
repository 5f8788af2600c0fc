"""`dslineage fetch`: bring objects from a remote."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage.errors import RemoteError
from dslineage_cli.exits import CODES, FINE
from dslineage_cli.options import Everything, Json, Remote, Versions, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage fetch",
    "dslineage fetch train@v4                enough for: dslineage export train@v4",
    "dslineage fetch v3 v4 --no-texts        then: dslineage diff v3 v4 --no-metrics --limit 0",
)


def fetch(
    context: typer.Context,
    refs: Versions = None,
    remote: Remote = None,
    everything: Everything = False,
    no_texts: Annotated[
        bool, typer.Option("--no-texts", help="No texts, which are most of it.")
    ] = False,
    json: Json = False,
) -> int:
    """Bring the objects of versions from a remote; data files stay as they are.

    Without a version, those of all versions in the work tree. What is here is not fetched again.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import remotes

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().remotes.fetch(
            *refs or (), remote=remote, everything=everything, texts=not no_texts, report=report
        )
    terminal.result(result, remotes.fetched, json=json)
    return CODES[RemoteError] if result.fetched.lacking else FINE
