"""`dslineage check`: the gates."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage.errors import UndecidableError, UsageError
from dslineage_cli.exits import CODES, DIFFERENCES
from dslineage_cli.options import Json, References, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage check                     the current version of every data set",
    "dslineage check v4 --json",
    "dslineage check v4 --waive refusal --reason 'wanted in this set' --until 2027-01-31",
)


def check(
    context: typer.Context,
    refs: References = None,
    waive: Annotated[
        str | None, typer.Option(metavar="METRIC", help="Let a gate's failure through.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it is waived.")] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="The waiver's last day.")] = "",
    json: Json = False,
) -> None:
    """Check versions against the gates of dslineage.toml; waive a failure.

    Exits with 1 where a gate fails, with 10 where one cannot be judged. A waiver is a claim, kept
    in git, that names who, why and until which day.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import gates

    terminal = context.ensure_object(Terminal)
    repo = repository()
    if waive is not None:
        repo.waive(waive, *refs or (), reason=reason, until=until)
    elif reason or until:
        raise UsageError("--reason and --until say of a waiver", hint="--waive METRIC")
    result = repo.check(*refs or ())
    terminal.result(result, gates.checked, json=json)
    if result.failed:
        raise typer.Exit(DIFFERENCES)
    if result.undecided:
        raise typer.Exit(CODES[UndecidableError])
