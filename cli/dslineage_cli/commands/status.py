"""`dslineage status`: what changed since the last version."""

from __future__ import annotations

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage status", "dslineage -C data-sets status --json")


def status(context: typer.Context, json: Json = False) -> None:
    """Show each data set's version, and whether its files still are it."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().status(), reports.status, json=json)
