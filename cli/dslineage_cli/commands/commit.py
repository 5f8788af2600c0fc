"""`dslineage commit`: record every changed data set, and commit."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage_cli.options import Json, NoMetrics, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage commit -m 'drop refusals'",
    "dslineage add data/train.jsonl && git commit -m 'drop refusals'     just as good",
)


def commit(
    context: typer.Context,
    message: Annotated[str, typer.Option("--message", "-m", help="What changed, and why.")],
    no_metrics: NoMetrics = False,
    json: Json = False,
) -> None:
    """Record a version of every changed data set, and commit to git."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import reports

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().commit(message, measure=not no_metrics, report=report)
    terminal.result(result, reports.committed, json=json)
