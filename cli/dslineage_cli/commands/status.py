"""`dslineage status`: what changed since the last version."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage status",
    "dslineage -C data-sets status --json",
    "dslineage status --remote               what push and fetch would bring",
)


def status(
    context: typer.Context,
    remote: Annotated[
        bool, typer.Option("--remote", help="Ask the default remote, too, what it holds.")
    ] = False,
    json: Json = False,
) -> None:
    """Show each data set's version, and whether its files still are it."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reports

    terminal, found = context.ensure_object(Terminal), repository()
    if not remote:
        terminal.result(found.status(), reports.status, json=json)
        return
    from dslineage.remotes.result import WholeStatus
    from dslineage_cli.render import remotes

    both = WholeStatus(found.status(), found.remotes.status())
    terminal.result(both, remotes.whole_status, json=json)
