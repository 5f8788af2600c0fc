"""`dslineage mixture`: data sets mixed by weight, as a file says that a team reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, NoMetrics, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage mixture add mix.toml",
    "dslineage mixture build mix.toml -o train.jsonl",
    "dslineage diff mix.toml mixture:sft-blend     two mixtures",
)
EPILOGS = {
    "add": examples("dslineage mixture add mix.toml -m 'more math'"),
    "build": examples(
        "dslineage mixture build mix.toml -o train.jsonl",
        "dslineage mixture build mix.toml -o small=data/small.parquet --examples 2000",
    ),
    "show": examples("dslineage mixture show mix.toml", "dslineage mixture show mixture:sft-blend"),
}

Message = Annotated[
    str, typer.Option("--message", "-m", help="What it is for.", show_default=False)
]
Reference = Annotated[
    str, typer.Argument(metavar="MIX", help="The file of a mixture, or a recorded one.")
]


def add(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file of the mixture.")],
    *,
    message: Message = "",
    json: Json = False,
) -> None:
    """Record a mixture. Each reference is pinned to the version that it names now.

    The file has a name, a seed, and for each data set a table [[data]] with ref, and, if wanted,
    weight, cap and repeats.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import mixtures

    terminal = context.ensure_object(Terminal)
    result = repository().provenance.add_mixture(path, message=message)
    terminal.result(result, mixtures.added, json=json)


def build(
    context: typer.Context,
    mixture: Reference,
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="[NAME=]PATH", help="The file to write.")
    ],
    count: Annotated[
        int | None,
        typer.Option("--examples", metavar="N", min=1, help="How many; default: all there are."),
    ] = None,
    message: Message = "",
    no_metrics: NoMetrics = False,
    json: Json = False,
) -> None:
    """Write a mixture as a data set, and record the version and what it was mixed of.

    Which examples are drawn, and their order, follow from the seed and the examples alone: the
    same file is written on any machine.
    """
    from dslineage_cli.opening import provenance
    from dslineage_cli.render import mixtures

    terminal = context.ensure_object(Terminal)
    with provenance(terminal) as lineage:
        result = lineage.build_mixture(
            mixture, output, examples=count, message=message, measure=not no_metrics
        )
    terminal.result(result, mixtures.built, json=json)


def show(context: typer.Context, mixture: Reference, *, json: Json = False) -> None:
    """Show what a mixture comes to: examples and share of each of its data sets."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import mixtures

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().provenance.mixture(mixture), mixtures.shown, json=json)
