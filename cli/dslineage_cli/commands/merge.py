"""`dslineage merge`: two versions become one, by example."""

from __future__ import annotations

from typing import Annotated

import typer

from dslineage.errors import UsageError
from dslineage_cli.exits import DIFFERENCES
from dslineage_cli.options import Json, NoMetrics, References, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage merge                          the pointers that git merge left in conflict",
    "dslineage merge v3                       into the current version of that data set",
    "dslineage merge --continue               after train.conflicts.jsonl was edited",
    "dslineage merge --abort                  give it up; the data is as it was",
)


def merge(
    context: typer.Context,
    refs: References = None,
    *,
    message: Annotated[
        str, typer.Option("--message", "-m", help="Why it was merged.", show_default=False)
    ] = "",
    resume: Annotated[
        bool, typer.Option("--continue", help="Go on; conflicts were decided in the file.")
    ] = False,
    abort: Annotated[
        bool, typer.Option("--abort", help="Remove the conflict file, and change nothing.")
    ] = False,
    no_metrics: NoMetrics = False,
    json: Json = False,
) -> None:
    """Merge two versions of a data set, example by example.

    Changes of different examples combine, equal changes agree. What both sides changed in two ways
    is written to NAME.conflicts.jsonl, and the exit code is 1: fill in `choose` on each line (ours,
    theirs, both, base, neither, or the example as it should be), then --continue.

    Without a version, every pointer that git left in conflict is merged; git commit ends it.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import merges

    terminal = context.ensure_object(Terminal)
    if ((abort or resume) and refs) or (abort and resume):
        raise UsageError("--continue and --abort take no version", hint="dslineage merge --help")
    repo = repository()
    if abort:
        terminal.result(repo.merge_abort(), merges.given_up, json=json)
        return
    with terminal.progress() as report:
        result = repo.merge(
            *refs or (), message=message, resume=resume, measure=not no_metrics, report=report
        )
    terminal.result(result, merges.merged, json=json)
    if result.conflicts:
        raise typer.Exit(DIFFERENCES)
