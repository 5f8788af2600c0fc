"""`dslineage sample`: draw examples at random, as a sheet to read, judge and edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage sample v4 -o look.xlsx                 50 examples, to read and edit",
    "dslineage sample v3..v4 --n 200 -o changes.xlsx  what changed, each kind of change alike",
    "dslineage sample v3..v4 --blind -o which.csv     which side is better, not told which is new",
    "dslineage sample v4 --by source -o look.csv      as many from each source",
    "dslineage sample v4 --metric target_words -o tails.xlsx",
    "                                                 the least and the greatest values",
)


def sample(
    context: typer.Context,
    refs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="REF",
            help="A version, by default the current one; or two, as A..B, for what changed.",
        ),
    ] = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The sheet to write.")
    ],
    format_: Annotated[
        Literal["csv", "xlsx", "jsonl"] | None,
        typer.Option("--format", help="How to write it; default: by the name of FILE."),
    ] = None,
    count: Annotated[
        int, typer.Option("--n", metavar="N", min=1, help="How many examples at most.")
    ] = 50,
    seed: Annotated[
        int, typer.Option(help="Another seed draws others; the same seed draws the same.")
    ] = 0,
    by: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="Draw as many from each value of this field."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Draw the least and the greatest values of a metric."),
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Edited examples, as A and B: which is new is hidden.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Draw examples at random, as a sheet to read, judge and edit.

    Every kind of change, every slice has the same share, as far as it goes, and is named in the
    column `stratum` with its size. `dslineage review import` brings verdicts home, `dslineage
    apply` edits.
    """
    from dslineage.reviewing.population import SampleOptions
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reviews

    terminal = context.ensure_object(Terminal)
    options = SampleOptions(count=count, seed=seed, by=by, metric=metric, blind=blind)
    result = repository().sample(
        *refs or (), output=output, format=format_, options=options, force=force
    )
    terminal.result(result, reviews.sampled, json=json)
