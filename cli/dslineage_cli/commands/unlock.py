"""`dslineage unlock`: who holds the lock of writers, and a way out where they are gone."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage unlock                            say who holds the lock",
    "dslineage unlock --id 5f0c2a9d11b34e67      the machine of this hold is gone for good",
)


def unlock(
    context: typer.Context,
    id: Annotated[  # noqa: A002 - the word that messages use
        str | None,
        typer.Option(metavar="ID", help="End this hold, whose process is gone."),
    ] = None,
    json: Json = False,
) -> None:
    """Say who holds the lock of writers; end the hold of a machine that is gone.

    A hold of this machine ends with its process, however that ends, and needs no help. Of another
    machine nobody here can know; a hold is never ended for its age.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import locks

    terminal = context.ensure_object(Terminal)
    found = repository()
    result = found.lock_state() if id is None else found.unlock(id)
    terminal.result(result, locks.locked, json=json)
