"""`dslineage metrics`: what is measured, and measuring it."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, References, Workers, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage metrics list",
    "dslineage metrics explain refusal",
    "dslineage metrics run v3",
)
EPILOGS = {
    "list": examples("dslineage metrics list"),
    "explain": examples(
        "dslineage metrics explain refusal",
        "dslineage metrics explain distinct3 --json",
    ),
    "run": examples(
        "dslineage metrics run          every version that was not measured yet",
        "dslineage metrics run v3 v4",
        "dslineage metrics run v4 --file my_metrics.py",
        "dslineage metrics run v4 --judges",
    ),
}


def list(context: typer.Context, json: Json = False) -> None:  # noqa: A001 - the command's name
    """List the metrics of the profile and its judges, with unit and direction."""
    from dslineage.quality.explanation import explain_profile
    from dslineage_cli.opening import profile
    from dslineage_cli.render import metrics

    terminal = context.ensure_object(Terminal)
    terminal.result(explain_profile(profile()), metrics.listed, json=json)


def explain(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A metric of the profile, or a judge.")
    ],
    json: Json = False,
) -> None:
    """Explain a metric, with a worked example.

    That is its formula, unit, direction, source, parameters, and the lexicons that it uses.
    """
    from dslineage.quality.explanation import explain_metric
    from dslineage_cli.opening import profile
    from dslineage_cli.render import metrics

    terminal = context.ensure_object(Terminal)
    terminal.result(explain_metric(profile(), name), metrics.explained, json=json)


def run(
    context: typer.Context,
    refs: References = None,
    workers: Workers = None,
    files: Annotated[
        builtins.list[Path] | None,
        typer.Option("--file", metavar="FILE", help="Run the metrics of this file too, this once."),
    ] = None,
    judges: Annotated[
        bool, typer.Option("--judges", help="Ask the judges too, which may cost money.")
    ] = False,
    json: Json = False,
) -> None:
    """Measure versions under the profile.

    Values that are stored already are not computed again.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import metrics

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().measure(
            *refs or (), files=files or (), judges=judges, workers=workers, report=report
        )
    terminal.result(result, metrics.measured, json=json)
