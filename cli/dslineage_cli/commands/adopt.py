"""`dslineage adopt`: make versions of the states that data had before."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, Key, NoMetrics, examples, mapping
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
    schema: Annotated[
        str | None, typer.Option(help="The family of the examples, instead of detecting it.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=FIELD", help="Which field plays a role. May be repeated."),
    ] = None,
    key: Key = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="How to read the files, whatever their names.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="What separates the cells of a CSV file.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="How many processes work; default: one for each core.", min=1
        ),
    ] = None,
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
            paths, name=name, options=options, measure=not no_metrics, report=report
        )
    terminal.result(result, adoptions.adopted, json=json)
