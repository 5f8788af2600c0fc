"""`dslineage forget`: delete the bytes of examples, and refuse them from then on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage.errors import UsageError
from dslineage_cli.exits import DIFFERENCES, FINE
from dslineage_cli.options import Json, Verbose, examples, field_value
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage forget 3fa2c1d9                what goes, and where else it is",
    "dslineage forget 3fa2c1d9 --delete       delete it, here and on remotes",
    "dslineage forget --hashes request.txt --delete",
    "dslineage forget --recall recall.json --delete",
    "dslineage forget --delete                what others forgot, after git pull",
    "dslineage forget 3fa2c1d9 --delete --case gdpr-17 --request 'ticket 4711' "
    "--decide helper@final=retrain",
)


def forget(
    context: typer.Context,
    digests: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DIGEST",
            help="Examples, by their digests or first digits of them; see dslineage trace.",
        ),
    ] = None,
    *,
    hashes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file of digests, one a line.")
    ] = None,
    recall: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A report of dslineage recall --json.")
    ] = None,
    only: Annotated[
        bool,
        typer.Option("--only", help="These only, and none that shows a model the same."),
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Do it. Without this, nothing is changed.")
    ] = False,
    case: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Keep a case file of it, under this name.", show_default=False
        ),
    ] = "",
    request: Annotated[
        str, typer.Option(metavar="TEXT", help="By what the request is known.", show_default=False)
    ] = "",
    requested_by: Annotated[
        str,
        typer.Option(
            metavar="WHO",
            help="Who sent it; git keeps it for good, so name no person.",
            show_default=False,
        ),
    ] = "",
    received: Annotated[
        str, typer.Option(metavar="DAY", help="The day on which it came.", show_default=False)
    ] = "",
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why it is followed.", show_default=False)
    ] = "",
    decide: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=DECISION",
            help="Keep a decision about a model that saw them: retrain, unlearn, suppress or "
            "accept. May be repeated.",
        ),
    ] = None,
    verbose: Verbose = False,
    json: Json = False,
) -> int:
    """Delete the bytes of examples wherever they are kept; say where else they are.

    Digests stay, so that audits hold. The examples are denied from then on: add, commit, check and
    the hooks refuse them, in whatever bytes they come back. Without DIGEST, what was denied before
    is deleted.

    With --case, claims about the versions that had them and the models that saw them say who asked,
    what was deleted and what was decided. They hold no text, value or plain digest of an example.

    Exits with 1 while a place that can be seen still has them.
    """
    from functools import partial

    from dslineage.forgetting.casefile import Case
    from dslineage_cli.opening import repository
    from dslineage_cli.render import forgotten

    terminal = context.ensure_object(Terminal)
    decisions = tuple(field_value(one, "--decide") for one in decide or ())
    said = Case(case, request, requested_by, received, reason, decisions)
    if not case and said != Case(""):
        raise UsageError("what is said of a request goes into its case file", hint="--case NAME")
    with terminal.progress() as report:
        result = repository().forget(
            *digests or (),
            hashes=hashes,
            recall=recall,
            only=only,
            delete=delete,
            case=said if case else None,
            report=report,
        )
    terminal.result(result, partial(forgotten.forgotten, verbose=verbose), json=json)
    return DIFFERENCES if result.remains else FINE
