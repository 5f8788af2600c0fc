"""`dslineage verify`: re-hash everything."""

from __future__ import annotations

import typer

from dslineage.errors import IntegrityError
from dslineage_cli.exits import CODES, FINE
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage verify", "dslineage verify --json")


def verify(context: typer.Context, json: Json = False) -> int:
    """Re-hash everything; name what is damaged and who needs it."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().verify(report)
    terminal.result(result, reports.verified, json=json)
    return CODES[IntegrityError] if result.problems else FINE
