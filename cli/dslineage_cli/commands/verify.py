"""`dslineage verify`: re-hash everything."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage.errors import IntegrityError
from dslineage_cli.exits import CODES, FINE
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage verify", "dslineage verify --remote", "dslineage verify --json")


def verify(
    context: typer.Context,
    remote: Annotated[
        bool, typer.Option("--remote", help="Read the files on remotes, too, and hash them.")
    ] = False,
    json: Json = False,
) -> int:
    """Re-hash everything; name what is damaged and who needs it."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().verify(report, remote=remote)
    terminal.result(result, reports.verified, json=json)
    return CODES[IntegrityError] if result.problems else FINE
