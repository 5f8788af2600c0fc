"""`dslineage doctor`: whether this machine has what dslineage needs."""

from __future__ import annotations

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage doctor", "dslineage doctor --json     for a bug report")


def doctor(context: typer.Context, json: Json = False) -> int:
    """Check Python, git, the libraries, and the repository here."""
    from dslineage_cli.checkup import checkup
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    result = checkup()
    terminal.result(result, reports.checkup, json=json)
    return result.exit_code
