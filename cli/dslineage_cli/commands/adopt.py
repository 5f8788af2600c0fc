"""`dslineage adopt`: make versions of the states that data had before."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import (
    Column,
    Delimiter,
    Json,
    Key,
    NoMetrics,
    ReadAs,
    Schema,
    Workers,
    examples,
    mapping,
)
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage adopt data/train.jsonl             its history in git, Git LFS or DVC",
    "dslineage adopt shards                       of a folder",
    "dslineage adopt train.jsonl train_v2.jsonl train_final_FIXED.jsonl --as train",
)


def adopt(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="A file with a history; or several, oldest first."),
    ],
    name: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Name the data set; default: that of the file."),
    ] = None,
    schema: Schema = None,
    column: Column = None,
    key: Key = None,
    format_: ReadAs = None,
    delimiter: Delimiter = None,
    workers: Workers = None,
    skip_missing: Annotated[
        bool,
        typer.Option(
            "--skip-missing", help="Leave out, for good, states whose data is not on this machine."
        ),
    ] = False,
    no_metrics: NoMetrics = False,
    json: Json = False,
) -> None:
    """Make versions of the states that git, Git LFS or DVC kept of a file.

    Each state becomes one version, oldest first, with the date, author and message of its commit.
    Records that cannot be read are put aside and named. It can be stopped and run again, and takes
    only what is new. Everything is staged in git; nothing is committed, and no data is touched.
    """
    from dslineage.versions.options import ReadOptions
    from dslineage_cli.opening import repository
    from dslineage_cli.render import adoptions

    options = ReadOptions(
        format=format_,
        delimiter=delimiter,
        schema=schema,
        columns=mapping(column),
        key=key,
        workers=workers,
    )
    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().adopt(
            paths,
            name=name,
            options=options,
            measure=not no_metrics,
            skip_missing=skip_missing,
            report=report,
        )
    terminal.result(result, adoptions.adopted, json=json)
