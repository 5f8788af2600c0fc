"""`dslineage add`: record a new version."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from dslineage.errors import UsageError
from dslineage_cli.options import (
    Column,
    Delimiter,
    Json,
    Key,
    NoMetrics,
    Quarantine,
    ReadAs,
    Schema,
    Workers,
    examples,
    mapping,
)
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage add data/train.jsonl -m 'first draft'",
    "dslineage add shards/*.parquet --name train      several files, one data set",
    "dslineage add prompts.csv --quarantine           keep bad lines, as bad lines",
    "dslineage add s3://bucket/train.jsonl --index-only",
    "dslineage add gsm8k.jsonl --source gsm8k        see: dslineage source add",
    "dslineage add qa.csv --schema prompt-completion --column prompt=q --column completion=a",
)


def add(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="A data file, several, a folder, or a URL."),
    ],
    name: Annotated[
        str | None, typer.Option(help="Name the data set; default: the name of the file.")
    ] = None,
    message: Annotated[
        str, typer.Option("--message", "-m", help="What changed, and why.", show_default=False)
    ] = "",
    schema: Schema = None,
    column: Column = None,
    strict_schema: Annotated[
        bool, typer.Option("--strict-schema", help="Refuse examples that fit two families.")
    ] = False,
    key: Key = None,
    store: Annotated[
        Literal["auto", "rows", "index"],
        typer.Option(
            help="rows: keep examples instead of whole binary files; index: keep neither."
        ),
    ] = "auto",
    index_only: Annotated[
        bool, typer.Option("--index-only", help="The same as --store index.")
    ] = False,
    quarantine: Quarantine = False,
    media_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Where the paths of images, videos and sounds begin; default: beside the data.",
        ),
    ] = None,
    format_: ReadAs = None,
    delimiter: Delimiter = None,
    workers: Workers = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The recorded source that the files come from."),
    ] = None,
    no_metrics: NoMetrics = False,
    json: Json = False,
) -> None:
    """Record a new version of a data set, and stage it in git.

    The version is a draft until it is committed. Unchanged content makes no version. The files
    themselves stay where they are, untouched.
    """
    from dslineage.versions.options import ReadOptions
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reports

    if index_only and store == "rows":
        raise UsageError("--index-only keeps no rows: it and --store rows do not fit together")
    options = ReadOptions(
        format=format_,
        delimiter=delimiter,
        schema=schema,
        columns=mapping(column),
        strict_schema=strict_schema,
        key=key,
        quarantine=quarantine,
        store="index" if index_only else store,
        media_dir=media_dir,
        workers=workers,
    )
    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().add(
            paths,
            name=name,
            message=message,
            options=options,
            measure=not no_metrics,
            source=source,
            report=report,
        )
    terminal.result(result, reports.added, json=json)
