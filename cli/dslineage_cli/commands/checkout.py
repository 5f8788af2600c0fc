"""`dslineage checkout`: bring a version's files back."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, References, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage checkout v2",
    "dslineage checkout train v2           one of several data sets",
    "dslineage checkout latest --force     give up changes that were not recorded",
)


def checkout(
    context: typer.Context,
    refs: References = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files with changes that were not recorded.")
    ] = False,
    json: Json = False,
) -> None:
    """Restore the files of a version, byte for byte, and verify them."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    result = repository().checkout(*refs or (), force=force)
    terminal.result(result, reports.checked_out, json=json)
