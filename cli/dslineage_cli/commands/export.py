"""`dslineage export`: write a version, or a part of a diff, as a file."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, Output, Reference, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage export v4 -o train.parquet",
    "dslineage export v3 v4 --only added -o new.jsonl           what came with v4",
    "dslineage export v3 v4 --without response -o ablation.jsonl  v4 with the old responses",
)


def export(
    context: typer.Context,
    ref: Reference,
    newer: Annotated[
        str | None, typer.Argument(metavar="[NEWER]", help="Compare REF with this version.")
    ] = None,
    *,
    output: Output,
    format_: Annotated[
        str | None,
        typer.Option("--format", help="jsonl, parquet or csv; default: by the file's name."),
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="CHANGE", help="Only examples added, removed or edited.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="NEWER without one kind of change. May be repeated."),
    ] = None,
    json: Json = False,
) -> None:
    """Write a version, or a part of a diff, as JSONL, Parquet or CSV."""
    from dslineage.repository import Repository
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    result = Repository.open().export(
        ref, newer, output=output, format=format_, only=only, without=tuple(without or ())
    )
    terminal.result(result, reports.exported, json=json)
